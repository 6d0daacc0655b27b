import { setTimeout as pause } from 'node:timers/promises';
import { startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { App, Release, SecretStore } from '../../core/ports.ts';
import {
  describeKeyring,
  isLasting,
  KeyringFailure,
  type KeyringState,
  toCliError,
} from './failure.ts';
import { type NativeKeyring, openNativeKeyring } from './native.ts';

/** What an answer may take where nobody can be asked to unlock the keyring, and where somebody can. */
const LIMIT_SECONDS = { silent: 3, attended: 60 } as const;
/** A service that hangs ends a call with an error after this time. */
const CONNECT_MILLISECONDS = 2000;
const BREAK_MILLISECONDS = 1500;
const NOTICE_MILLISECONDS = 2000;
const LOCK_SECONDS = 60;
const ATTEMPTS = 3;
const PAUSE_MILLISECONDS = 100;
/** Enough for one turn of the event loop. */
const SIGNAL_MILLISECONDS = 5;
/** One after any other failure. A program that deletes all the time meets every tenth listing (measured). */
const ATTEMPTS_AFTER: Partial<Record<KeyringState, number>> = {
  transient: ATTEMPTS,
  changing: 20,
};

/** What a service says that has more visitors than it can answer. */
const TOO_MANY: readonly KeyringState[] = ['transient', 'silent'];

/** Calls of the native module until the end of one limit. */
type Calls = {
  [N in keyof NativeKeyring]: NativeKeyring[N] extends (...args: [...infer A, number]) => infer R
    ? (...args: A) => R
    : never;
};

/**
 * The OS keyring. Calls of one process go one after the other. A keyring under load gives false
 * answers or none, so all but the reading of an entry that is there and given at once also wait for a
 * lock of this user's.
 */
export function createKeyring(app: App): SecretStore {
  const native = openNativeKeyring(app);
  const seconds = app.log.interactive ? LIMIT_SECONDS.attended : LIMIT_SECONDS.silent;
  let broken: CliError | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const perform = async <T>(work: (calls: Calls) => Promise<T>): Promise<T> => {
    if (broken) throw broken;
    const start = performance.now();
    try {
      return await withNotice(app, () =>
        work(callsUntil(app, native, performance.now() + seconds * 1000)),
      );
    } catch (error) {
      if (!(error instanceof KeyringFailure)) throw error;
      app.log.debug(`keyring: ${error.state}: ${error.message}`);
      // a service that hangs has the bus give up after a while, one that refuses at once
      const slow = error.state === 'transient' && performance.now() - start > BREAK_MILLISECONDS;
      const told = slow ? new KeyringFailure('silent', error.message, error.unsent) : error;
      const failure = toCliError(told, app.platform, seconds);
      if (isLasting(error)) broken = failure;
      throw failure;
    }
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  };
  const underLock = async <T>(work: (calls: Calls) => Promise<T>): Promise<T> => {
    const release = await takeLock(app);
    try {
      return await perform(work);
    } finally {
      release();
    }
  };
  return {
    kind: 'keyring',
    label: () => describeKeyring(app.platform),
    get: (account) =>
      inTurn(async () => {
        const found = await perform((calls) => readAtOnce(calls, account));
        return typeof found === 'string'
          ? found
          : underLock((calls) => readAgain(calls, account, found));
      }),
    set: (account, value) => inTurn(() => underLock((calls) => write(calls, account, value))),
    delete: (account) => inTurn(() => underLock((calls) => remove(calls, account))),
    list: () => inTurn(() => underLock(({ list }) => list())),
  };
}

/** @returns the failure where too many may have asked at once: under the lock there is an answer */
async function readAtOnce(
  { read }: Calls,
  account: string,
): Promise<string | null | KeyringFailure> {
  try {
    return await read(account);
  } catch (error) {
    if (error instanceof KeyringFailure && TOO_MANY.includes(error.state)) return error;
    throw error;
  }
}

/** Absence is believed only when a listing agrees. */
async function readAgain(
  calls: Calls,
  account: string,
  before: KeyringFailure | null,
): Promise<string | undefined> {
  if (before?.state === 'silent') {
    // if it was a prompt that nobody answers, a listing says so at once and opens no other
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

async function write(calls: Calls, account: string, value: string): Promise<void> {
  if ((await calls.write(account, value)) === value) return;
  throw new KeyringFailure('unavailable', 'what was written was not found again');
}

async function remove(calls: Calls, account: string): Promise<void> {
  if ((await calls.remove(account)) || !(await calls.list()).includes(account)) return;
  throw new KeyringFailure('unavailable', 'an entry that is listed was not deleted');
}

function callsUntil({ interrupted }: App, native: NativeKeyring, end: number): Calls {
  const left = () => end - performance.now();
  const repeat = async <T>(call: (milliseconds: number) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call(Math.max(1, left()));
      } catch (error) {
        // a call that blocked this thread has kept signals waiting
        await pause(SIGNAL_MILLISECONDS);
        interrupted.throwIfAborted();
        const state = error instanceof KeyringFailure ? error.state : 'unavailable';
        if (attempt >= (ATTEMPTS_AFTER[state] ?? 1) || left() < CONNECT_MILLISECONDS) throw error;
        if (state === 'transient') await pause(PAUSE_MILLISECONDS * attempt);
      }
    }
  };
  return {
    read: (account) => repeat((time) => native.read(account, time)),
    write: (account, value) => repeat((time) => native.write(account, value, time)),
    remove: (account) => repeat((time) => native.remove(account, time)),
    list: () => repeat((time) => native.list(time)),
  };
}

async function withNotice<T>({ log }: App, work: () => Promise<T>): Promise<T> {
  if (!log.interactive) return work();
  const say = () => log.say('waiting for the keyring; an unlock prompt may be open');
  const notice = setTimeout(say, NOTICE_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearTimeout(notice);
  }
}

/** Where no lock can be had (a read-only home), a keyring that may be asked is still asked. */
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
