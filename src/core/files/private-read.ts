import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { currentUser } from '../current-user.ts';
import { tryReadFile, type Unreadable } from './bounded-read.ts';
import { findDanger, isDangling, makePrivate, STICKY_BIT } from './ownership.ts';

/**
 * Reads a file of tokencli, by the rule in `ownership.ts`.
 * @param limit the largest size of the file, in bytes
 * @returns the bytes, or why there are none; never throws
 */
export function tryReadPrivate(path: string, limit: number): Buffer | Unreadable {
  try {
    const refused = tryFolder(dirname(path)) ?? tryTarget(path);
    if (refused) return refused;
    const read = tryReadFile(path, limit, (fd, found) => {
      const danger = findDanger(path, found);
      // on Windows every mode looks open, and to change it would end a file's read-only attribute
      const isOpen = currentUser() !== undefined && (found.mode & 0o077) !== 0;
      if (!danger && isOpen) makePrivate(fd);
      return danger;
    });
    const away = !Buffer.isBuffer(read) && read.what === 'absent' && isDangling(path);
    return away ? { what: 'dangling' } : read;
  } catch (cause) {
    return { what: 'error', cause };
  }
}

/** @returns why nothing in this folder may be used; its path is `where` */
function tryFolder(folder: string): Unreadable | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  const what = found ? findDanger(folder, found) : isDangling(folder) && 'dangling';
  return what ? { what, where: folder } : undefined;
}

/** @returns why others could put another file in the place of the one that a link leads to */
function tryTarget(path: string): Unreadable | undefined {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (!isLink || isDangling(path)) return undefined;
  const folder = dirname(realpathSync(path));
  const isSticky = (statSync(folder).mode & STICKY_BIT) !== 0;
  return isSticky ? undefined : tryFolder(folder);
}
