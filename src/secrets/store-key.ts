import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Env } from '../core/ports.ts';
import { KEY_BYTES } from '../core/seal.ts';

/** Why the key of the sealed file cannot be had from the environment. */
export type KeyObstacle =
  | { readonly variable: string; readonly what: 'format' }
  | { readonly file: string; readonly what: 'unreadable'; readonly cause: unknown };

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const LARGEST_KEY_FILE = 4096;
const PIPE_MILLISECONDS = 2000;

/**
 * The key from `TOKENCLI_STORE_KEY`, else from the file that `TOKENCLI_STORE_KEY_FILE` names.
 * @param warn told when others can read that file. Without it a pipe in its place, which gives its
 *   content once only, is left to somebody else
 * @returns 32 bytes, or undefined if neither is set
 */
export function findStoreKey(
  env: Env,
  warn?: (line: string) => void,
): Buffer | KeyObstacle | undefined {
  const text = env['TOKENCLI_STORE_KEY'];
  if (text) return parseKey(text, 'TOKENCLI_STORE_KEY');
  const file = env['TOKENCLI_STORE_KEY_FILE'];
  if (!file) return undefined;
  try {
    return parseKey(readKeyFile(file, warn), 'TOKENCLI_STORE_KEY_FILE');
  } catch (cause) {
    return { file, what: 'unreadable', cause };
  }
}

function parseKey(text: string, variable: string): Buffer | KeyObstacle {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  return KEY.test(trimmed) && key.length === KEY_BYTES ? key : { variable, what: 'format' };
}

function readKeyFile(file: string, warn: ((line: string) => void) | undefined): string {
  // a pipe that nobody writes to must not make us wait for ever
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(fd);
    if (found.isFIFO() && !warn) throw new Error('it is a pipe');
    if (found.isFile() && (found.mode & 0o077) !== 0) {
      warn?.(`others can read the key file ${file}`);
    }
    // a device has no end
    const bytes = Buffer.alloc(LARGEST_KEY_FILE);
    return bytes.toString('utf8', 0, readPatiently(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

/** The writer of `<(…)` may need a moment. */
function readPatiently(fd: number, bytes: Buffer): number {
  for (const end = performance.now() + PIPE_MILLISECONDS; ; ) {
    try {
      const count = readSync(fd, bytes);
      if (count > 0 || fstatSync(fd).isFile() || performance.now() > end) return count;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' || performance.now() > end) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}
