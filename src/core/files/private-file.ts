import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { attempt } from '../attempt.ts';
import { CliError } from '../errors.ts';
import { describeUnreadable } from './bounded-read.ts';
import { ioError, refuseUnsafe, unsafeError } from './failure.ts';
import { findDanger, isDangling, makePrivate, type Owner, ownerFor } from './ownership.ts';
import { tryReadPrivate } from './private-read.ts';
import { renameOver } from './rename.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Replaces a file of tokencli atomically, by the rule in `ownership.ts`: the target of a link is
 * replaced, and what root writes belongs to the owner of the old file or else of the folder.
 * @throws CliError io; the old file is then unchanged
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  let target = path;
  try {
    target = followLink(path);
    replace(target, content, ownerFor(target));
  } catch (error) {
    throw ioError(`cannot write ${target}`, error, dirname(target));
  }
}

/**
 * Replaces any file atomically; the user who runs tokencli owns the new one. A link is replaced, not
 * its target.
 * @throws CliError io; the old file is then unchanged
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  try {
    replace(path, content);
  } catch (error) {
    throw ioError(`cannot write ${path}`, error);
  }
}

/**
 * Writes a new temporary file (mode 0600) in the same folder, syncs it, renames it, and syncs the
 * folder. Synchronous, so that no signal handler runs in between.
 * @throws the system error, or CliError io
 */
function replace(path: string, content: string | Uint8Array, owner?: Owner): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  let created = false;
  try {
    const fd = openSync(temporary, O_CREAT | O_EXCL | O_WRONLY | (O_NOFOLLOW ?? 0), 0o600);
    created = true;
    writeAll(fd, bytes, owner);
    renameOver(temporary, path);
    created = false;
    syncFolder(dirname(path));
  } finally {
    if (created) removeQuietly(temporary);
  }
}

/** Appends to a file (created with mode 0600) and syncs it to the disk. @throws CliError io */
export function appendPrivateFile(path: string, text: string): void {
  try {
    const fd = openSync(path, O_CREAT | O_APPEND | O_WRONLY | (O_NOFOLLOW ?? 0), 0o600);
    writeAll(fd, Buffer.from(text), ownerFor(dirname(path)));
    syncFolder(dirname(path));
  } catch (error) {
    throw ioError(`cannot write ${path}`, error, dirname(path));
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
  const { what, cause } = read;
  if (what === 'absent') return undefined;
  refuseUnsafe(path, read);
  if (what === 'large') {
    throw new CliError('invalid_data', `${path} is larger than ${limit} bytes`);
  }
  if (what === 'error') throw ioError(`cannot read ${path}`, cause, path);
  throw new CliError('io', `cannot read ${path}: ${describeUnreadable(read, limit)}`);
}

/** Writes, syncs and closes an open file. */
function writeAll(fd: number, bytes: Uint8Array, owner?: Owner): void {
  try {
    // a strict umask would take away what the owner needs
    makePrivate(fd);
    if (owner) fchownSync(fd, owner.uid, owner.gid);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** @returns what a link of this user leads to, or the path itself. @throws CliError io */
export function followLink(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isSymbolicLink()) return path;
  if (isDangling(path)) throw unsafeError(path, 'dangling');
  // the mode of a link means nothing
  const danger = findDanger(path, Object.assign(found, { mode: 0 }));
  if (danger) throw unsafeError(path, danger);
  const target = realpathSync(path);
  if (lstatSync(target).isFile()) return target;
  throw new CliError('io', `${path} is a link that does not lead to a regular file`);
}

function syncFolder(folder: string): void {
  // Windows cannot open folders; on other systems the file itself is complete at this point
  attempt(() => {
    const fd = openSync(folder, O_RDONLY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * Deletes a file. Never fails: the next change of profiles.json removes temporary files that stayed
 * (`own-files.ts`).
 */
export function removeQuietly(path: string): void {
  attempt(() => unlinkSync(path));
}
