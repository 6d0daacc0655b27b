import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync } from 'node:fs';
import process from 'node:process';

/** Why `tryReadPrivate` did not read a file. */
export interface ReadFailure {
  readonly what: 'absent' | 'folder' | 'irregular' | 'foreign' | 'large' | 'error';
  readonly cause?: unknown;
}

const { O_NONBLOCK, O_RDONLY } = constants;

/**
 * Reads a file of tokencli. If others can read it, their permissions are removed.
 * @param limit the largest size of the file, in bytes
 * @param most how many bytes to read from the beginning of the file
 * @returns the bytes, or why there are none; never throws
 */
export function tryReadPrivate(
  path: string,
  limit: number,
  most = Number.POSITIVE_INFINITY,
): Buffer | ReadFailure {
  let fd: number | undefined;
  try {
    // without O_NONBLOCK, opening a named pipe would block until somebody writes to it
    fd = openSync(path, O_RDONLY | (O_NONBLOCK ?? 0));
    const found = fstatSync(fd);
    if (!found.isFile()) return { what: found.isDirectory() ? 'folder' : 'irregular' };
    const { size, mode, uid } = found;
    if (isForeign(uid)) return { what: 'foreign' };
    if (size > limit) return { what: 'large' };
    if ((mode & 0o077) !== 0) closeToOthers(fd);
    const bytes = Buffer.allocUnsafe(Math.min(size, most));
    let done = 0;
    for (let count = -1; count !== 0 && done < bytes.length; done += count) {
      count = readSync(fd, bytes, done, bytes.length - done, null);
    }
    return bytes.subarray(0, done);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const absent = fd === undefined && (code === 'ENOENT' || code === 'ENOTDIR');
    return { what: absent ? 'absent' : 'error', cause };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
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
