import { accessSync, constants, existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attempt } from '../attempt.ts';
import { currentUser } from '../current-user.ts';
import { CliError, systemCode, systemReason } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import type { Unreadable } from './bounded-read.ts';
import { type Danger, isForeign, STICKY_BIT } from './ownership.ts';

/** The cure for a folder that cannot be made. */
export const OTHER_HOME = 'name a folder of your own in TOKENCLI_HOME';

/** The error for what must not be used by the rule in `ownership.ts`. */
export function unsafeError(path: string, what: Danger | 'dangling'): CliError {
  if (what === 'dangling') {
    const look = currentUser() === undefined ? 'dir' : 'ls -l';
    return new CliError('io', `${path} is a link that leads nowhere just now`, {
      unsafe: true,
      hint: `bring its target back, or remove the link: ${look} ${shellWord(path)}`,
    });
  }
  const reason = what === 'foreign' ? 'belongs to another user' : 'can be changed by others';
  return new CliError('io', `${path} ${reason}`, { unsafe: true, hint: cureOf(path) });
}

/**
 * Refuses a file that must not be used by the rule in `ownership.ts`. Other reasons why it cannot be
 * read are left to the caller.
 * @throws CliError io
 */
export function refuseUnsafe(path: string, { what, where = path }: Unreadable): void {
  if (what === 'foreign' || what === 'writable' || what === 'dangling') {
    throw unsafeError(where, what);
  }
}

/**
 * The error for a failed system call; a `CliError` already says what is wrong and stays as it is.
 * @param what could not be done: `cannot write /home/me/token`
 * @param path of what may have the wrong owner or mode: a file or folder of tokencli's own
 */
export function ioError(what: string, cause: unknown, path?: string): CliError {
  if (cause instanceof CliError) return cause;
  const code = systemCode(cause);
  const denied = path !== undefined && (code === 'EACCES' || code === 'EPERM');
  const hint = denied ? cureOf(path) : undefined;
  return new CliError('io', `${what}: ${systemReason(cause)}`, { cause, hint });
}

/** How to make a file or folder of tokencli usable; undefined if owner and mode are not the reason. */
function cureOf(path: string): string | undefined {
  const user = currentUser();
  if (user === undefined) return undefined;
  const at = existsSync(path) ? path : dirname(path);
  const found = attempt(() => statSync(at));
  if (!found) return OTHER_HOME;
  const { mode, uid } = found;
  const isFolder = found.isDirectory();
  const isShared = (mode & STICKY_BIT) !== 0 || (uid === 0 && user !== 0 && canWrite(at));
  if (isFolder && isShared) {
    return `name a folder of your own inside it: TOKENCLI_HOME=${shellWord(join(at, 'tokencli'))}`;
  }
  if (uid !== user && (user !== 0 || isForeign(uid))) {
    return `if it is yours: sudo chown -R ${user} ${shellWord(isFolder ? at : dirname(at))}`;
  }
  // `doctor --fix` corrects only what is in the home, and the target of a link may be elsewhere
  if (lstatSync(at).isSymbolicLink()) return `chmod go-w ${shellWord(realpathSync(at))}`;
  return (mode & 0o777) === (isFolder ? 0o700 : 0o600) ? undefined : 'tokencli doctor --fix';
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
