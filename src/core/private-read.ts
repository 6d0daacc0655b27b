import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync } from 'node:fs';
import process from 'node:process';

/** Why a file of ours cannot be read. Made for the quick lane too, which has no words of its own. */
export interface Obstacle {
  readonly what: 'absent' | 'folder' | 'irregular' | 'foreign' | 'large' | 'error';
  readonly cause?: unknown;
}

const { O_NONBLOCK, O_RDONLY } = constants;

/**
 * Reads a file of ours; one that others can read is closed to them on the way.
 * @param limit bytes that it may have
 * @param most how many bytes from the beginning are wanted
 */
export function tryReadPrivate(
  path: string,
  limit: number,
  most = Number.POSITIVE_INFINITY,
): Buffer | Obstacle {
  let fd: number | undefined;
  try {
    // a FIFO must not make us wait for somebody who writes to it
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
