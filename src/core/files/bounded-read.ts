import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode, systemReason } from '../errors.ts';
import type { Danger } from './ownership.ts';

/** Why a file cannot be read. */
export interface Unreadable {
  readonly what: 'absent' | 'dangling' | 'folder' | 'irregular' | Danger | 'large' | 'error';
  /** The folder that is the reason, if it is not the file itself. */
  readonly where?: string;
  readonly cause?: unknown;
}

const POLL_MS = 10;
/** Milliseconds after which a pipe that no program has opened for writing counts as ended. */
const WRITER_MS = 2000;

/**
 * Reads a regular file. Refuses everything else, because reading a pipe or a device may block.
 * @param limit bytes that the file may have
 * @param check looks at the open file, and returns why it must not be read
 */
export function tryReadFile(
  path: string,
  limit: number,
  check?: (fd: number, found: Stats) => Unreadable['what'] | undefined,
): Buffer | Unreadable {
  let fd: number | undefined;
  try {
    fd = openWithoutWaiting(path);
    const found = fstatSync(fd);
    if (!found.isFile()) return { what: found.isDirectory() ? 'folder' : 'irregular' };
    const refused = check?.(fd, found);
    if (refused) return { what: refused };
    if (found.size > limit) return { what: 'large' };
    const bytes = Buffer.allocUnsafe(found.size);
    let done = 0;
    for (let count = -1; count !== 0 && done < bytes.length; done += count) {
      count = readSync(fd, bytes, done, bytes.length - done, null);
    }
    return bytes.subarray(0, done);
  } catch (cause) {
    const code = systemCode(cause);
    const absent = fd === undefined && (code === 'ENOENT' || code === 'ENOTDIR');
    return { what: absent ? 'absent' : 'error', cause };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The reason in words, to follow "cannot read …: ". For `Danger` there is `unsafeError`. */
export function describeUnreadable({ what, cause }: Unreadable, limit: number): string {
  if (what === 'folder') return 'it is a folder';
  if (what === 'irregular') return 'it is not a regular file';
  return what === 'large' ? `it is larger than ${limit} bytes` : systemReason(cause);
}

/**
 * Reads a file, a pipe such as `<(command)`, or a device. A pipe is polled, because no signal would be
 * handled during a blocking read.
 * @param patience milliseconds to wait for a writer that writes nothing; without end by default
 * @returns undefined if there are more than `limit` bytes
 * @throws the system error
 */
export async function readBounded(
  path: string,
  limit: number,
  patience = Number.POSITIVE_INFINITY,
): Promise<Buffer | undefined> {
  const fd = openWithoutWaiting(path);
  try {
    const isPipe = fstatSync(fd).isFIFO();
    const start = performance.now();
    const bytes = Buffer.allocUnsafe(limit + 1);
    for (let done = 0; done <= limit; ) {
      const count = readNow(fd, bytes, done);
      const waited = performance.now() - start;
      // a pipe that nobody has opened for writing yet looks as if it had ended
      const ended = count === 0 && (done > 0 || !isPipe || waited > WRITER_MS);
      if (ended || (count === undefined && waited > patience)) return bytes.subarray(0, done);
      if (count) done += count;
      else await pause(POLL_MS);
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Without O_NONBLOCK, opening a FIFO would block until a program opens it for writing. */
function openWithoutWaiting(path: string): number {
  return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

/** @returns the number of bytes, 0 at the end, undefined if there is nothing yet */
function readNow(fd: number, bytes: Buffer, done: number): number | undefined {
  try {
    return readSync(fd, bytes, done, bytes.length - done, null);
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}
