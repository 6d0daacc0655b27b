import { setTimeout as pause } from 'node:timers/promises';
import { startDeadline, withinTime } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { App, Release, SecretStore } from '../../core/ports.ts';
import {
  isLasting,
  KeyringFailure,
  type KeyringState,
  keyringLabel,
  toCliError,
} from './failure.ts';
import { type NativeKeyring, openNativeKeyring } from './native.ts';

/** Of a call; longer on a terminal, because a person may have to unlock the keyring. */
const LIMIT_SECONDS = { unattended: 3, attended: 60 } as const;
/** After this time the native module gives up connecting to a service that hangs. */
const CONNECT_MILLISECONDS = 2000;
/** If the bus gives up later than this, the service hangs; one that refuses does so at once. */
const BREAK_MILLISECONDS = 1500;
/** After this time a person is told that an unlock prompt may be open. */
const NOTICE_MILLISECONDS = 2000;
const LOCK_SECONDS = 60;
/** How long a lasting failure is remembered: not for ever, because `exec` may run for days. */
const BROKEN_MILLISECONDS = 60_000;
const ATTEMPTS = 3;
const PAUSE_MILLISECONDS = 100;
/** Enough for the event loop to deliver a signal. */
const SIGNAL_MILLISECONDS = 5;
/** Else 1. A program that keeps deleting entries makes one listing in ten fail (measured). */
const ATTEMPTS_AFTER: Partial<Record<KeyringState, number>> = {
  transient: ATTEMPTS,
  changing: 20,
};

/** The states of a service that too many processes call at once. */
const OVERLOADED: readonly KeyringState[] = ['transient', 'silent'];

/**
 * The OS keyring. A keyring that many processes call at once gives false answers or none. So calls of
 * one process wait for each other, and all except a first successful read also take a lock.
 */
export function createKeyring(app: App): SecretStore {
  const native = openNativeKeyring(app);
  let broken: { readonly failure: CliError; readonly until: number } | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const perform = async <T>(work: (calls: NativeKeyring) => Promise<T>): Promise<T> => {
    const start = performance.now();
    if (broken && start < broken.until) throw broken.failure;
    const seconds = app.log.interactive ? LIMIT_SECONDS.attended : LIMIT_SECONDS.unattended;
    const say = () => app.log.say('waiting for the keyring; an unlock prompt may be open');
    const notice = app.log.interactive ? setTimeout(say, NOTICE_MILLISECONDS) : undefined;
    try {
      return await work(callsUntil(app, native, start + seconds * 1000));
    } catch (error) {
      if (!(error instanceof KeyringFailure)) throw error;
      app.log.debug(`keyring: ${error.state}: ${error.message}`);
      const slow = error.state === 'transient' && performance.now() - start > BREAK_MILLISECONDS;
      const told = slow ? new KeyringFailure('silent', error.message, error.unsent) : error;
      const failure = toCliError(told, app.platform, seconds);
      if (isLasting(error)) broken = { failure, until: performance.now() + BROKEN_MILLISECONDS };
      throw failure;
    } finally {
      clearTimeout(notice);
    }
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  };
  const underLock = async <T>(work: (calls: NativeKeyring) => Promise<T>): Promise<T> => {
    const release = await takeLock(app);
    try {
      return await perform(work);
    } finally {
      release();
    }
  };
  return {
    kind: 'keyring',
    label: () => keyringLabel(app.platform),
    get: (account) =>
      inTurn(async () => {
        const found = await perform((calls) => readWithoutLock(calls, account));
        return typeof found === 'string'
          ? found
          : underLock((calls) => readUnderLock(calls, account, found));
      }),
    set: (account, value) => inTurn(() => underLock((calls) => write(calls, account, value))),
    delete: (account) => inTurn(() => underLock((calls) => remove(calls, account))),
    list: () => inTurn(() => underLock(({ list }) => list())),
  };
}

/** @returns a failure that can come from overload, since reading under the lock may then succeed */
async function readWithoutLock(
  { read }: NativeKeyring,
  account: string,
): Promise<string | null | KeyringFailure> {
  try {
    return await read(account);
  } catch (error) {
    if (error instanceof KeyringFailure && OVERLOADED.includes(error.state)) return error;
    throw error;
  }
}

/** @returns undefined only if the list of entries does not have the account either */
async function readUnderLock(
  calls: NativeKeyring,
  account: string,
  before: KeyringFailure | null,
): Promise<string | undefined> {
  if (before?.state === 'silent') {
    // if an unlock prompt was open, a second read would open another; a listing fails at once instead
    await calls.list().catch((error: unknown) => {
      throw error instanceof KeyringFailure ? before : error;
    });
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const value = await calls.read(account);
    if (value !== null) return value;
    if (!(await calls.list()).includes(account)) return undefined;
  }
  throw new KeyringFailure('unavailable', 'an entry that is listed was not found');
}

async function write(calls: NativeKeyring, account: string, value: string): Promise<void> {
  if ((await calls.write(account, value)) === value) return;
  throw new KeyringFailure('unavailable', 'what was written was not found again');
}

async function remove(calls: NativeKeyring, account: string): Promise<void> {
  if ((await calls.remove(account)) || !(await calls.list()).includes(account)) return;
  throw new KeyringFailure('unavailable', 'an entry that is listed was not deleted');
}

/** One time limit for all calls. A call that is repeated gets what is left of it. */
function callsUntil(app: App, native: NativeKeyring, end: number): NativeKeyring {
  const left = () => end - performance.now();
  const repeat = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await withLimit(app, Math.max(1, left()), call);
      } catch (error) {
        // a call that blocked this thread has held back signals
        await pause(SIGNAL_MILLISECONDS);
        app.interrupted.throwIfAborted();
        const state = error instanceof KeyringFailure ? error.state : 'unavailable';
        if (attempt >= (ATTEMPTS_AFTER[state] ?? 1) || left() < CONNECT_MILLISECONDS) throw error;
        if (state === 'transient') await pause(PAUSE_MILLISECONDS * attempt);
      }
    }
  };
  return {
    read: (account) => repeat(() => native.read(account)),
    write: (account, value) => repeat(() => native.write(account, value)),
    remove: (account) => repeat(() => native.remove(account)),
    list: () => repeat(native.list),
  };
}

/**
 * After the time limit a native call is abandoned, and the process does not wait for it when it ends
 * (`exitWithThreads` in `core/runtime.ts`).
 * @throws KeyringFailure, or the reason of `interrupted`
 */
function withLimit<T>(
  { nativeCalls, interrupted }: App,
  milliseconds: number,
  call: () => Promise<T>,
): Promise<T> {
  interrupted.throwIfAborted();
  const silence = () => new KeyringFailure('silent', 'no answer');
  return withinTime(milliseconds, silence, interrupted, () => {
    nativeCalls.running += 1;
    return call().finally(() => {
      nativeCalls.running -= 1;
    });
  });
}

/** If no lock can be created (as in a read-only home), the keyring is used without one. */
async function takeLock(app: App): Promise<Release> {
  try {
    const locks = await app.locks();
    return await locks.acquire('keyring', startDeadline(LOCK_SECONDS, app.interrupted));
  } catch (error) {
    if (app.interrupted.aborted) throw app.interrupted.reason;
    if (error instanceof CliError && error.code === 'busy') throw error;
    app.log.debug(`no lock for the keyring: ${error instanceof Error ? error.message : ''}`);
    return () => {};
  }
}
