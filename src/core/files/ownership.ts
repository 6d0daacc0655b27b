import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lchownSync,
  lstatSync,
  openSync,
  realpathSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt } from '../attempt.ts';
import { currentUser } from '../current-user.ts';
import { systemCode } from '../errors.ts';

/*
 * The rule for the owners, modes and links of tokencli's files and folders:
 *
 * - Who could change a file decides where secrets are sent. So nothing is used that others can
 *   write, a group included, or that belongs to another user. Root is trusted. With `sudo -E` root
 *   works in the home of a user, so root trusts the owner of `HOME`, and nobody else.
 * - What others can read, but not write, is closed to them when it is used, and what its owner cannot
 *   use because of a strict umask is opened to the owner.
 * - A link of the user's own is followed: its target is read and replaced, the link stays, and the
 *   folder of the target counts as the file's own does. So is a link that this one leads to. A link that leads nowhere means that the
 *   file is away, for example on a volume that is not mounted: nothing takes its place.
 * - What root writes belongs to the owner of the file that is replaced, or else of the folder.
 * - Where the system or the file system has no modes or owners, they are not looked at.
 */

/** Why a file or folder must not be used. */
export type Danger = 'foreign' | 'writable';

/** The mode bit of folders such as /tmp, where everybody may write but only owners may delete. */
export const STICKY_BIT = 0o1000;

const { O_CREAT, O_EXCL, O_WRONLY } = constants;
const OTHERS_CAN_WRITE = 0o022;

/** @param path of the file or folder that was found */
export function findDanger(path: string, found: Stats): Danger | undefined {
  const foreign = isForeign(found.uid);
  const writable = currentUser() !== undefined && (found.mode & OTHERS_CAN_WRITE) !== 0;
  if (!foreign && !writable) return undefined;
  const kept = probe(found.isDirectory() ? path : dirname(realpathSync(path)));
  if (foreign && kept.owners) return 'foreign';
  return writable && kept.modes ? 'writable' : undefined;
}

/** True for a user whose files must not be used by this one. */
export function isForeign(uid: number): boolean {
  const user = currentUser();
  if (user === undefined || uid === user || uid === 0) return false;
  return user !== 0 || uid !== statSync(homedir(), { throwIfNoEntry: false })?.uid;
}

/**
 * True if modes protect what is in the folder. They do not on some shares, where `chmod` changes
 * nothing, and need not on a file system that is read-only.
 */
export function keepsModes(folder: string): boolean {
  return currentUser() !== undefined && probe(folder).modes;
}

const known = new Map<string, ReturnType<typeof probeNow>>();

/** Tells whether a new file in the folder has the modes and the owner that it should have. */
function probe(folder: string) {
  const kept = known.get(folder) ?? probeNow(folder);
  known.set(folder, kept);
  return kept;
}

function probeNow(folder: string) {
  const path = join(folder, `.probe.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const fd = openSync(path, O_CREAT | O_EXCL | O_WRONLY, 0o600);
    try {
      const { mode, uid } = fstatSync(fd);
      return { modes: (mode & 0o077) === 0, owners: uid === currentUser() };
    } finally {
      closeSync(fd);
      unlinkSync(path);
    }
  } catch (error) {
    return { modes: systemCode(error) !== 'EROFS', owners: true };
  }
}

/** Numeric ids. */
export type Owner = Pick<Stats, 'uid' | 'gid'>;

/**
 * @param path of the file that is written
 * @returns the owner that it must get; undefined if that is the user who writes it
 */
export function ownerFor(path: string): Owner | undefined {
  if (currentUser() !== 0) return undefined;
  const owner = statSync(path, { throwIfNoEntry: false }) ?? statSync(dirname(path));
  return owner.uid === 0 ? undefined : owner;
}

/**
 * Corrects what has just been made: a strict umask may have closed it to its owner, and what root
 * makes is given to the owner of its folder. Never fails: what cannot be used fails when it is used.
 */
export function setOwnerAndMode(path: string, mode: number): void {
  setMode(path, mode);
  attempt(() => {
    const owner = ownerFor(dirname(path));
    if (owner) lchownSync(path, owner.uid, owner.gid);
  });
}

/** Never fails: only the owner may change a mode, and not on every share. */
export function setMode(path: string, mode: number): void {
  if (currentUser() === undefined) return;
  attempt(() => {
    if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode);
  });
}

/** Does the same for an open file, mode 0600. */
export function makePrivate(fd: number): void {
  attempt(() => fchmodSync(fd, 0o600));
}

/** True for a link whose target does not exist. */
export function isDangling(path: string): boolean {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink && statSync(path, { throwIfNoEntry: false }) === undefined;
}
