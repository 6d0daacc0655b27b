import { fchmodSync } from 'node:fs';
import process from 'node:process';
import { tryReadFile, type Unreadable } from './bounded-read.ts';

/**
 * Reads a file of ours; one that others can read is closed to them on the way.
 * @param limit bytes that it may have
 * @param most how many bytes from the beginning are wanted
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

/** Whoever owns a file of ours decides where secrets are sent. Root may look after others' files. */
export function isForeign(owner: number): boolean {
  const user = process.geteuid?.();
  return !(user === undefined || user === 0 || owner === user || owner === 0);
}

function closeToOthers(fd: number): void {
  try {
    fchmodSync(fd, 0o600);
  } catch {
    // not ours to change: reading it is still what was asked for
  }
}
