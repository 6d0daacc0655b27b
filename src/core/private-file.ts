import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeUnreadable } from './bounded-read.ts';
import { CliError, systemReason } from './errors.ts';
import { foreign, makeFolder, refuseShared } from './folder.ts';
import { isForeign, tryReadPrivate } from './private-read.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Creates the folder (0700) and closes an existing one to everybody else.
 * @throws CliError io, also for a folder of another user or of everybody
 */
export function ensurePrivateFolder(folder: string): void {
  try {
    makeFolder(folder);
    const { mode, uid } = statSync(folder);
    if (isForeign(uid)) throw foreign(folder);
    refuseShared(folder, mode);
    if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    throw error instanceof CliError ? error : ioError(`cannot use the folder ${folder}`, error);
  }
}

/**
 * Replaces a file whole or not at all: exclusive 0600 temporary file beside it, every byte written,
 * fsync, rename, fsync of the folder. All in one turn, so that no signal handler sees the middle.
 * @throws CliError io; the old file is then untouched
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  let created = false;
  try {
    const fd = openSync(temporary, O_CREAT | O_EXCL | O_WRONLY | (O_NOFOLLOW ?? 0), 0o600);
    created = true;
    try {
      fchmodSync(fd, 0o600);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    created = false;
    syncFolder(dirname(path));
  } catch (error) {
    if (created) removeQuietly(temporary);
    throw ioError(`cannot write ${path}`, error);
  }
}

/** Adds to a file (0600) and waits until the disk has it. @throws CliError io */
export function appendPrivateFile(path: string, text: string): void {
  try {
    const fd = openSync(path, O_CREAT | O_APPEND | O_WRONLY | (O_NOFOLLOW ?? 0), 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncFolder(dirname(path));
  } catch (error) {
    throw ioError(`cannot write ${path}`, error);
  }
}

/**
 * As `tryReadPrivate`, but throws an error that people can read.
 * @returns undefined if there is none
 * @throws CliError io, or invalid_data when it is longer than `limit` bytes
 */
export function readPrivateFile(path: string, limit: number): Buffer | undefined {
  const read = tryReadPrivate(path, limit);
  if (Buffer.isBuffer(read)) return read;
  if (read.what === 'absent') return undefined;
  if (read.what === 'foreign') throw foreign(path);
  if (read.what === 'large') {
    throw new CliError('invalid_data', `${path} is larger than ${limit} bytes`);
  }
  const { cause } = read;
  throw new CliError('io', `cannot read ${path}: ${describeUnreadable(read, limit)}`, { cause });
}

function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, O_RDONLY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Windows cannot open folders; elsewhere the rename itself has already succeeded
  }
}

export function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // a leftover is removed by the next change
  }
}

export function ioError(what: string, cause: unknown): CliError {
  return new CliError('io', `${what}: ${systemReason(cause)}`, { cause });
}
