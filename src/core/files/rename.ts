import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { currentUser } from '../current-user.ts';
import { CliError, systemCode } from '../errors.ts';
import { shellWord } from '../shell-word.ts';

/** Milliseconds. */
const PAUSE = 10;
const MOST_PAUSES = 100;
const HELD_OPEN = ['EPERM', 'EACCES', 'EBUSY'];

/**
 * Renames a file over another one.
 * @throws the system error, or CliError io
 */
export function renameOver(from: string, to: string): void {
  try {
    whenFree(() => renameSync(from, to));
  } catch (error) {
    const isMount = systemCode(error) === 'EBUSY' && currentUser() !== undefined;
    throw isMount ? mountedFileError(to, error) : error;
  }
}

/** @throws the system error */
export function removeFile(path: string): void {
  whenFree(() => rmSync(path));
}

/**
 * On Windows a file can be neither replaced nor removed while another process has it open, as a virus
 * scanner or a reader does for a moment. So it is tried again there, for a second. Synchronous, so
 * that no signal handler runs in between.
 */
function whenFree(change: () => void): void {
  const mayBeHeld = currentUser() === undefined;
  for (let pauses = 0; ; pauses += 1) {
    try {
      change();
      return;
    } catch (error) {
      const isHeld = mayBeHeld && HELD_OPEN.includes(systemCode(error) ?? '');
      if (!isHeld || pauses === MOST_PAUSES) throw error;
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
