import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Env } from '../core/ports.ts';
import { KEY_BYTES } from '../core/seal.ts';

/** Why the key of the sealed file store cannot be read. */
export type StoreKeyProblem =
  | { readonly variable: string; readonly what: 'format' }
  | { readonly file: string; readonly what: 'unreadable'; readonly cause: unknown };

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const LARGEST_KEY_FILE = 4096;
const PIPE_MILLISECONDS = 2000;

/**
 * The key from `TOKENCLI_STORE_KEY`, else from the file that `TOKENCLI_STORE_KEY_FILE` names.
 * @param warn called if others can read that file. Without `warn` a pipe is not read: its content
 *   can be read only once, and a later call needs it
 * @returns 32 bytes, or undefined if neither is set
 */
export function findStoreKey(
  env: Env,
  warn?: (line: string) => void,
): Buffer | StoreKeyProblem | undefined {
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

function parseKey(text: string, variable: string): Buffer | StoreKeyProblem {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  return KEY.test(trimmed) && key.length === KEY_BYTES ? key : { variable, what: 'format' };
}

function readKeyFile(file: string, warn: ((line: string) => void) | undefined): string {
  // without O_NONBLOCK, opening a pipe would block until somebody writes to it
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(fd);
    if (found.isFIFO() && !warn) throw new Error('it is a pipe');
    if (found.isFile() && (found.mode & 0o077) !== 0) {
      warn?.(`others can read the key file ${file}`);
    }
    // the size is limited, because a device such as /dev/zero has no end
    const bytes = Buffer.alloc(LARGEST_KEY_FILE);
    return bytes.toString('utf8', 0, readWithRetry(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

/**
 * Retries while a pipe is still empty: the process behind `<(…)` may not have written to it yet.
 */
function readWithRetry(fd: number, bytes: Buffer): number {
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
