import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
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
    const refused = tryFolder(dirname(path)) ?? tryLinks(path);
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

/**
 * @returns why nothing in this folder may be used; its path is `where`. Undefined also for what is no
 *   folder: nothing can be read below it, and the cure for a folder must not change the mode of a device
 */
function tryFolder(folder: string): Unreadable | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) return undefined;
  const what = found ? findDanger(folder, found) : isDangling(folder) && 'dangling';
  return what ? { what, where: folder } : undefined;
}

/**
 * Follows the links in the place of a file, one after the other.
 * @returns why others could put another file in the place of the one that they lead to
 */
function tryLinks(path: string): Unreadable | undefined {
  if (isDangling(path)) return undefined;
  for (let at = path; ; ) {
    const link = lstatSync(at, { throwIfNoEntry: false });
    if (!link?.isSymbolicLink()) return undefined;
    // the mode of a link means nothing
    if (findDanger(at, Object.assign(link, { mode: 0 }))) return { what: 'foreign', where: at };
    const target = readlinkSync(at);
    const next = isAbsolute(target) ? target : `${dirname(at)}/${target}`;
    const folder = realpathSync(dirname(next));
    const isSticky = (statSync(folder).mode & STICKY_BIT) !== 0;
    const refused = isSticky ? undefined : tryFolder(folder);
    if (refused) return refused;
    at = join(folder, basename(next));
  }
}
