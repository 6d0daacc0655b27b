import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError, systemCode } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import { currentUser } from './ownership.ts';

/** Milliseconds. */
const PAUSE = 10;
const MOST_PAUSES = 100;
const HELD_OPEN = ['EPERM', 'EACCES', 'EBUSY'];

/**
 * Renames a file over another one. On Windows that fails while another process has the other one
 * open, as a virus scanner or a reader does for a moment. So it is tried again there, for a second.
 * Synchronous, so that no signal handler runs in between.
 * @throws the system error, or CliError io
 */
export function renameOver(from: string, to: string): void {
  const mayBeHeld = currentUser() === undefined;
  for (let pauses = 0; ; pauses += 1) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (code === 'EBUSY' && !mayBeHeld) throw mountedFileError(to, error);
      if (!mayBeHeld || !HELD_OPEN.includes(code) || pauses === MOST_PAUSES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}

/** In a container, a single file can be a mount, which cannot be replaced. */
function mountedFileError(path: string, cause: unknown): CliError {
  return new CliError('io', `cannot replace ${path}: it is a mount of its own`, {
    hint: `mount its folder ${shellWord(dirname(path))} instead of the file`,
    cause,
  });
}
