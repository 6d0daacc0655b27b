import { constants } from 'node:os';
import { join } from 'node:path';
import { type Deadline, sleep } from '../core/deadline.ts';
import { CliError, systemCode } from '../core/errors.ts';
import type { Locks, Log, Release } from '../core/ports.ts';
import { ensurePrivateFolder, ioError } from '../core/private-file.ts';
import type { FileLock, Runtime } from '../core/runtime.ts';

const FIRST_PAUSE = 5;
// hundreds of waiting processes must not take the processor from the one they wait for
const LONGEST_PAUSE = 200;
const SILENT_WAIT = 2000;
const NO_LOCKS_HERE = ['ENOLCK', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL'];

/**
 * Locks of the kernel (open file description locks, LockFileEx): freed when their owner dies, kept
 * while it is suspended. Where there are none, one warning, and the work goes on without exclusion.
 */
export function createLocks(
  { openLock }: Pick<Runtime, 'openLock'>,
  lockFolder: string,
  log: Log,
): Locks {
  let missing = false;

  const goOnWithout = (reason: string): Release => {
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
      } catch (error) {
        if (isSystemError(error)) throw ioError(`cannot open ${path}`, error);
        return goOnWithout('the lock module cannot be loaded');
      }
      try {
        await waitForTurn(lock, name, deadline, log);
        return releaseOf(lock);
      } catch (error) {
        lock.close();
        const reason = reasonOf(error);
        if (reason && NO_LOCKS_HERE.includes(reason)) return goOnWithout(reason);
        throw error instanceof CliError ? error : ioError(`cannot lock ${name}`, error);
      }
    },
  };
}

/** A module that cannot be loaded has a code of Node's instead. */
function isSystemError(error: unknown): boolean {
  return (systemCode(error) ?? '') in constants.errno;
}

/** libuv, which names the errors of the module, has no name for some of what `fcntl` answers. */
function reasonOf(error: unknown): string | undefined {
  const number = /Unknown system error -(\d+)/.exec(String(error))?.[1];
  if (number === undefined) return systemCode(error);
  return Object.entries(constants.errno).find(([, value]) => value === Number(number))?.[0];
}

async function waitForTurn(
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
      log.say(`Waiting for another tokencli process (${describe(name)})...`);
      said = true;
    }
    try {
      await sleep(pause * (0.5 + Math.random()), deadline);
    } catch (reason) {
      throw endOfWait(reason, name, deadline);
    }
  }
}

/** The time limit means "busy" here; an interrupt stays what it is. */
function endOfWait(reason: unknown, name: string, deadline: Deadline): unknown {
  if (!(reason instanceof CliError) || reason.code !== 'network') return reason;
  return new CliError(
    'busy',
    `another tokencli process still holds the lock (${describe(name)}) after ${deadline.limitSeconds}s`,
    {
      hint: 'try again, or allow more time with --timeout, for example --timeout 2m',
      retryable: true,
    },
  );
}

function describe(name: string): string {
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
