import { statSync } from 'node:fs';
import { currentUser } from '../core/current-user.ts';
import { readVariable } from '../core/env-value.ts';
import { CliError } from '../core/errors.ts';
import { readBounded } from '../core/files/bounded-read.ts';
import { expandHome } from '../core/paths.ts';
import type { App } from '../core/ports.ts';
import { KEY_BYTES } from '../core/seal.ts';
import { decodeText } from '../core/text.ts';

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const LARGEST_KEY_FILE = 4096;
/** Milliseconds: nobody is there who could end the wait for a pipe that stays empty. */
const PIPE_PATIENCE = 2000;

/**
 * The key from `TOKENCLI_STORE_KEY`, else from the file that `TOKENCLI_STORE_KEY_FILE` names. Warns
 * if others can read that file.
 * @param wanted which key is needed, for a hint
 * @returns 32 bytes, or undefined if neither is set
 * @throws CliError usage (it is no key), store_unavailable (the file cannot be read)
 */
export async function findStoreKey(
  { env, userHome, log }: Pick<App, 'env' | 'userHome' | 'log'>,
  wanted: string,
): Promise<Buffer | undefined> {
  const text = readVariable(env, 'TOKENCLI_STORE_KEY');
  if (text) return parseKey(text, 'TOKENCLI_STORE_KEY', wanted);
  const named = readVariable(env, 'TOKENCLI_STORE_KEY_FILE');
  if (!named) return undefined;
  const file = expandHome(userHome, named);
  let bytes: Buffer | undefined;
  try {
    const found = statSync(file);
    const isOpen = currentUser() !== undefined && (found.mode & 0o077) !== 0;
    if (found.isFile() && isOpen) log.warn(`others can read the key file ${file}`);
    // bounded, because a device may have no end
    bytes = await readBounded(file, LARGEST_KEY_FILE, PIPE_PATIENCE);
  } catch (cause) {
    // the path is not shown, because somebody may have put the key itself into this variable
    throw new CliError('store_unavailable', 'cannot read the file of the store key', {
      hint: 'TOKENCLI_STORE_KEY_FILE must name a file that holds the store key',
      unsent: true,
      cause,
    });
  }
  return parseKey((bytes && decodeText(bytes)) ?? '', 'TOKENCLI_STORE_KEY_FILE', wanted);
}

function parseKey(text: string, variable: string, wanted: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (KEY.test(trimmed) && key.length === KEY_BYTES) return key;
  throw new CliError('usage', `${variable} does not hold 32 bytes as base64`, {
    hint: `correct or unset ${variable}; ${wanted}`,
    unsent: true,
  });
}
