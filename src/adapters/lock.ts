import { closeSync, constants as fsConstants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { arch, getBuiltinModule, platform } from 'node:process';
import { type Deadline, sleep } from '../core/deadline.ts';
import { CliError, systemCode } from '../core/errors.ts';
import { monotonic } from '../core/monotonic.ts';
import { openNativeModule } from '../core/native-module.ts';
import type { Locks, Log, Release } from '../core/ports.ts';
import { ensurePrivateFolder, ioError } from '../core/private-file.ts';

interface NativeLocks {
  /** False if somebody else holds it. The lock belongs to the open file and dies with it. */
  tryLock(fd: number): boolean;
}

/** @throws an error with the code EAGAIN if somebody else holds it */
interface Addon {
  tryLock(fd: number, offset: number, length: number, exclusive: boolean): void;
}

const FIRST_PAUSE = 5;
// hundreds of waiting processes must not take the processor from the one they wait for
const LONGEST_PAUSE = 200;
const SILENT_WAIT = 2000;
const NO_LOCKS_HERE = ['ENOLCK', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL'];

/**
 * Locks of the kernel (open file description locks, LockFileEx): freed when their owner dies, kept
 * while it is suspended. Where there are none, one warning, and the work goes on without exclusion.
 */
export function createLocks(lockFolder: string, log: Log): Locks {
  let native: NativeLocks | undefined;
  let missing = false;

  const goOnWithout = (cause: unknown): Release => {
    if (!missing) {
      const reason = reasonOf(cause) ?? 'the lock module cannot be loaded';
      log.warn(`no file locks here (${reason}): do not run several tokencli at once`);
    }
    missing = true;
    return () => {};
  };

  return {
    acquire: async (name, deadline) => {
      if (missing) return () => {};
      try {
        native ??= loadNative();
      } catch (error) {
        return goOnWithout(error);
      }
      const fd = openLockFile(lockFolder, name);
      try {
        await waitForTurn(native, fd, name, deadline, log);
        return releaseOf(fd);
      } catch (error) {
        closeSync(fd);
        if (NO_LOCKS_HERE.includes(reasonOf(error) ?? '')) return goOnWithout(error);
        throw error instanceof CliError ? error : ioError(`cannot lock ${name}`, error);
      }
    },
  };
}

/** libuv, which names the errors of the module, has no name for some of what `fcntl` answers. */
function reasonOf(error: unknown): string | undefined {
  const number = /Unknown system error -(\d+)/.exec(String(error))?.[1];
  if (number === undefined) return systemCode(error);
  const { errno } = getBuiltinModule('node:os').constants;
  return Object.entries(errno).find(([, value]) => value === Number(number))?.[0];
}

function loadNative(): NativeLocks {
  // the package's search for this file costs half a start of Node (measured)
  const addon = `fs-native-extensions/prebuilds/${platform}-${arch}/fs-native-extensions.node`;
  const opened = openNativeModule(addon);
  if (opened) return fromAddon(opened as Addon);
  const load = createRequire(import.meta.filename);
  try {
    return fromAddon(load(addon) as Addon);
  } catch {
    return load('fs-native-extensions') as NativeLocks;
  }
}

/** What the package does around its own addon. */
function fromAddon(addon: Addon): NativeLocks {
  return {
    tryLock: (fd) => {
      try {
        addon.tryLock(fd, 0, 0, true);
        return true;
      } catch (error) {
        if (systemCode(error) === 'EAGAIN') return false;
        throw error;
      }
    },
  };
}

function openLockFile(folder: string, name: string): number {
  ensurePrivateFolder(folder);
  const path = join(folder, `${name}.lock`);
  try {
    return openSync(path, fsConstants.O_RDWR | fsConstants.O_CREAT, 0o600);
  } catch (error) {
    throw ioError(`cannot open ${path}`, error);
  }
}

async function waitForTurn(
  native: NativeLocks,
  fd: number,
  name: string,
  deadline: Deadline,
  log: Log,
): Promise<void> {
  const start = monotonic();
  let said = false;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
    if (native.tryLock(fd)) return;
    if (!said && monotonic() - start > SILENT_WAIT) {
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

function releaseOf(fd: number): Release {
  let held = true;
  return () => {
    if (held) closeSync(fd);
    held = false;
  };
}
