import { constants } from 'node:os';
import { join } from 'node:path';
import { type Deadline, sleep } from '../core/deadline.ts';
import { CliError, systemCode } from '../core/errors.ts';
import { ioError } from '../core/files/failure.ts';
import { setOwnerAndMode } from '../core/files/ownership.ts';
import { ensurePrivateFolder } from '../core/files/private-folder.ts';
import type { Locks, Log, Release } from '../core/ports.ts';
import type { FileLock, Runtime } from '../core/runtime.ts';

// all in milliseconds
const FIRST_PAUSE = 5;
// hundreds of processes that poll more often would slow down the one that holds the lock
const LONGEST_PAUSE = 200;
const SILENT_WAIT = 2000;
const NO_LOCKS_HERE = ['ENOLCK', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL'];

/**
 * Kernel locks on files: open file description locks, flock on macOS, LockFileEx on Windows. The
 * kernel frees them when their owner dies, but not while it is suspended. If the file system has no
 * locks, a warning is printed once, and the work continues without mutual exclusion.
 */
export function createLocks(
  { openLock }: Pick<Runtime, 'openLock'>,
  lockFolder: string,
  log: Log,
): Locks {
  let missing = false;

  const continueWithout = (reason: string): Release => {
    if (!missing) {
      log.warn(`no file locks here (${reason}): do not run several tokencli at once`);
    }
    missing = true;
    return () => {};
  };

  return {
    acquire: async (name, deadline) => {
      if (missing) return () => {};
      ensurePrivateFolder(lockFolder);
      const path = join(lockFolder, `${name}.lock`);
      let lock: FileLock;
      try {
        lock = openLock(path);
        setOwnerAndMode(path, 0o600);
      } catch (error) {
        // the error of a module that cannot be loaded has a code of Node, not of the system
        const isSystemError = (systemCode(error) ?? '') in constants.errno;
        if (isSystemError) throw ioError(`cannot open ${path}`, error, path);
        return continueWithout('the lock module cannot be loaded');
      }
      try {
        await waitForLock(lock, name, deadline, log);
        return releaseOf(lock);
      } catch (error) {
        lock.close();
        const reason = reasonOf(error);
        if (reason && NO_LOCKS_HERE.includes(reason)) return continueWithout(reason);
        throw error instanceof CliError ? error : ioError(`cannot lock ${name}`, error);
      }
    },
  };
}

/**
 * The lock module gets the names of errors from libuv, which has none for some errors of `fcntl`.
 */
function reasonOf(error: unknown): string | undefined {
  const number = /Unknown system error -(\d+)/.exec(String(error))?.[1];
  if (number === undefined) return systemCode(error);
  return Object.entries(constants.errno).find(([, value]) => value === Number(number))?.[0];
}

async function waitForLock(
  lock: FileLock,
  name: string,
  deadline: Deadline,
  log: Log,
): Promise<void> {
  const start = performance.now();
  let said = false;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
    if (lock.tryLock()) return;
    if (!said && performance.now() - start > SILENT_WAIT) {
      log.say(`Waiting for another tokencli process (${lockLabel(name)})...`);
      said = true;
    }
    try {
      await sleep(pause * (0.5 + Math.random()), deadline);
    } catch (reason) {
      throw toBusyError(reason, name, deadline);
    }
  }
}

/** The end of the time limit becomes the failure `busy`; any other reason stays. */
function toBusyError(reason: unknown, name: string, deadline: Deadline): unknown {
  if (!(reason instanceof CliError) || reason.code !== 'network') return reason;
  return new CliError(
    'busy',
    `another tokencli process still holds the lock (${lockLabel(name)}) after ${deadline.limitSeconds}s`,
    {
      hint: 'try again, or allow more time with --timeout, for example --timeout 2m',
      retryable: true,
    },
  );
}

function lockLabel(name: string): string {
  const [, signIn, profile] = /^(?:token|(sign-in))-(.+)$/.exec(name) ?? [];
  if (profile === undefined) return name;
  return signIn === undefined ? `profile ${profile}` : `sign-in of profile ${profile}`;
}

function releaseOf(lock: FileLock): Release {
  let held = true;
  return () => {
    if (held) lock.close();
    held = false;
  };
}
