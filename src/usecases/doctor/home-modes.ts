import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { currentUser } from '../../core/current-user.ts';
import { systemCode } from '../../core/errors.ts';
import { findOwnPaths } from '../../core/files/own-files.ts';
import { keepsModes, STICKY_BIT } from '../../core/files/ownership.ts';
import type { App } from '../../core/ports.ts';
import { shellWord } from '../../core/shell-word.ts';

const OTHERS = 0o077;
const OTHERS_CAN_WRITE = 0o022;
const { R_OK, W_OK, X_OK } = constants;

/** What `describeModes` finds. */
export interface ModesReport {
  readonly troubles: readonly string[];
  /** What to do if `doctor --fix` cannot help. */
  readonly cure?: string;
  /** A remark that is no failure. */
  readonly note?: string;
}

/**
 * Closes tokencli's files and folders to others, and opens them to their owner.
 * @returns what was done, for the report
 */
export function closeHome({ paths }: Pick<App, 'paths'>): string[] {
  // TOKENCLI_HOME=/dev/null names something of the system's: root could close it to everybody
  if (!statSync(paths.home, { throwIfNoEntry: false })?.isDirectory()) return [];
  // what is inside can be listed only when the home itself is open to its owner
  const closed = [close(paths.home)];
  closed.push(...findOwnPaths(paths).map((path) => close(path)));
  const changed = closed.filter((mode) => mode !== undefined);
  if (changed.length === 0) return [];
  const wasWritable = changed.some((mode) => (mode & OTHERS_CAN_WRITE) !== 0);
  return [
    `corrected the modes of ${changed.length} files and folders`,
    ...(wasWritable ? ['others could write: see with tokencli config list if all is yours'] : []),
  ];
}

/** Names what `closeHome` would change, and what it cannot. */
export function describeModes({ paths }: Pick<App, 'paths'>): ModesReport {
  const user = currentUser();
  if (user === undefined) return { troubles: [], note: 'file modes mean nothing on this system' };
  const own = [paths.home, ...findOwnPaths(paths).filter((path) => path !== paths.home)];
  const locked = own.filter((path) => !isUsable(path));
  if (locked.length > 0) {
    return {
      troubles: [`${locked.length} of its files and folders are closed to you`],
      ...(locked.some((path) => statSync(path).uid !== user) && {
        cure: `sudo chown -R ${user} ${shellWord(paths.home)}`,
      }),
    };
  }
  const open = own.filter((path) => (modeOf(path) & OTHERS) !== 0);
  if (open.length === 0) return { troubles: [] };
  if (keepsModes(paths.home)) {
    return { troubles: [`${open.length} of its files and folders can be read by others`] };
  }
  return { troubles: [], note: 'this file system does not close files to others' };
}

/** @returns the mode of before; undefined if nothing was changed */
function close(path: string): number | undefined {
  try {
    const found = statSync(path);
    const wanted = found.isDirectory() ? 0o700 : 0o600;
    const isShared = found.isDirectory() && (found.mode & STICKY_BIT) !== 0;
    if ((found.mode & 0o777) === wanted || isShared || currentUser() === undefined) {
      return undefined;
    }
    chmodSync(path, wanted);
    return modeOf(path) === found.mode ? undefined : found.mode;
  } catch {
    // not ours to change, or a share where modes cannot be changed: the report says what remains
    return undefined;
  }
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, statSync(path).isDirectory() ? R_OK | W_OK | X_OK : R_OK | W_OK);
    return true;
  } catch (error) {
    // modes are not to blame for that, and `checkHome` tells it of the home as a whole
    return systemCode(error) === 'EROFS';
  }
}

function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}
