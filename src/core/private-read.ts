import { fchmodSync } from 'node:fs';
import process from 'node:process';
import { tryReadFile, type Unreadable } from './bounded-read.ts';

/**
 * Reads a file of tokencli. If others can read it, their permissions are removed.
 * @param limit the largest size of the file, in bytes
 * @param most how many bytes to read from the beginning of the file
 * @returns the bytes, or why there are none; never throws
 */
export function tryReadPrivate(path: string, limit: number, most?: number): Buffer | Unreadable {
  return tryReadFile(path, {
    limit,
    most,
    check: (fd, { mode, uid }) => {
      if (isForeign(uid)) return 'foreign';
      if ((mode & 0o077) !== 0) closeToOthers(fd);
      return undefined;
    },
  });
}

/**
 * True if another user owns the file and so could change its content, for example where secrets are
 * sent. Files of root are trusted, and root trusts all.
 * @param owner numeric user id
 */
export function isForeign(owner: number): boolean {
  const user = process.geteuid?.();
  return !(user === undefined || user === 0 || owner === user || owner === 0);
}

function closeToOthers(fd: number): void {
  try {
    fchmodSync(fd, 0o600);
  } catch {
    // only the owner may change the mode; the file can be read all the same
  }
}
