import { statSync } from 'node:fs';
import { currentUser } from '../core/current-user.ts';
import { readVariable } from '../core/env-value.ts';
import { readBounded } from '../core/files/bounded-read.ts';
import { expandHome } from '../core/paths.ts';
import type { App } from '../core/ports.ts';
import { KEY_BYTES } from '../core/seal.ts';
import { decodeText } from '../core/text.ts';

/** Why the key of the sealed file store cannot be read. */
export type StoreKeyProblem =
  | { readonly variable: string; readonly what: 'format' }
  | { readonly what: 'unreadable'; readonly cause: unknown };

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const LARGEST_KEY_FILE = 4096;
/** Milliseconds: nobody is there who could end the wait for a pipe that stays empty. */
const PIPE_PATIENCE = 2000;

/**
 * The key from `TOKENCLI_STORE_KEY`, else from the file that `TOKENCLI_STORE_KEY_FILE` names. Warns
 * if others can read that file.
 * @returns 32 bytes, or undefined if neither is set
 */
export async function findStoreKey({
  env,
  userHome,
  log,
}: Pick<App, 'env' | 'userHome' | 'log'>): Promise<Buffer | StoreKeyProblem | undefined> {
  const text = readVariable(env, 'TOKENCLI_STORE_KEY');
  if (text) return parseKey(text, 'TOKENCLI_STORE_KEY');
  const named = readVariable(env, 'TOKENCLI_STORE_KEY_FILE');
  if (!named) return undefined;
  const file = expandHome(userHome, named);
  try {
    const found = statSync(file);
    const isOpen = currentUser() !== undefined && (found.mode & 0o077) !== 0;
    if (found.isFile() && isOpen) log.warn(`others can read the key file ${file}`);
    // a device has no end
    const bytes = await readBounded(file, LARGEST_KEY_FILE, PIPE_PATIENCE);
    return parseKey((bytes && decodeText(bytes)) ?? '', 'TOKENCLI_STORE_KEY_FILE');
  } catch (cause) {
    return { what: 'unreadable', cause };
  }
}

function parseKey(text: string, variable: string): Buffer | StoreKeyProblem {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  return KEY.test(trimmed) && key.length === KEY_BYTES ? key : { variable, what: 'format' };
}
