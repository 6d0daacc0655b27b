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
import { foreignOwnerError, makeFolder, refuseSharedFolder } from './folder.ts';
import { isForeign, tryReadPrivate } from './private-read.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Creates the folder (mode 0700). If it exists, everybody else's permissions are removed.
 * @throws CliError io, also for another user's folder and for a shared one such as /tmp
 */
export function ensurePrivateFolder(folder: string): void {
  try {
    makeFolder(folder);
    const { mode, uid } = statSync(folder);
    if (isForeign(uid)) throw foreignOwnerError(folder);
    refuseSharedFolder(folder, mode);
    if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('io', `cannot use the folder ${folder}: ${systemReason(error)}`, {
      hint: 'name a folder of your own in TOKENCLI_HOME',
      cause: error,
    });
  }
}

/**
 * Replaces a file atomically: writes a new temporary file (mode 0600) in the same folder, syncs it,
 * renames it, and syncs the folder. Synchronous, so that no signal handler runs in between.
 * @throws CliError io; the old file is then unchanged
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

/** Appends to a file (created with mode 0600) and syncs it to the disk. @throws CliError io */
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
 * Reads a file as `tryReadPrivate` does.
 * @returns undefined if the file does not exist
 * @throws CliError io, or invalid_data if it is larger than `limit` bytes
 */
export function readPrivateFile(path: string, limit: number): Buffer | undefined {
  const read = tryReadPrivate(path, limit);
  if (Buffer.isBuffer(read)) return read;
  if (read.what === 'absent') return undefined;
  if (read.what === 'foreign') throw foreignOwnerError(path);
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
    // Windows cannot open folders; on other systems the file itself is complete at this point
  }
}

/** Deletes a file. Never fails. */
export function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // the next change of profiles.json removes temporary files that stayed (`own-files.ts`)
  }
}

/** @param what could not be done: `cannot write /home/me/token` */
export function ioError(what: string, cause: unknown): CliError {
  return new CliError('io', `${what}: ${systemReason(cause)}`, { cause });
}
