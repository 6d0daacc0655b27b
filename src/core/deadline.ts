import { CliError } from './errors.ts';

/**
 * A time limit for one command, measured on the monotonic clock. A signal such as Ctrl+C ends it
 * early.
 */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly limitSeconds: number;
  /** Milliseconds left, never negative. */
  remaining(): number;
}

/** Milliseconds; a timer that is set to more ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * @param interrupted aborted by SIGINT, SIGTERM or SIGHUP; its reason must be a CliError
 */
export function startDeadline(seconds: number, interrupted: AbortSignal): Deadline {
  const end = performance.now() + seconds * 1000;
  const limit = new AbortController();
  const wait = Math.min(seconds * 1000, LONGEST_TIMER);
  const timer = setTimeout(() => limit.abort(timeoutError(seconds)), wait);
  timer.unref();
  return {
    signal: AbortSignal.any([interrupted, limit.signal]),
    limitSeconds: seconds,
    remaining: () => Math.max(0, end - performance.now()),
  };
}

/**
 * Resolves after the time given. If the deadline ends first, it rejects with the deadline's reason.
 */
export async function sleep(milliseconds: number, { signal }: Deadline): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_TIMER));
  });
  await unlessAborted(signal, over).finally(() => clearTimeout(timer));
}

/**
 * Waits for work that cannot be stopped, but no longer than until the signal is aborted.
 * @throws the signal's reason, or what the work throws
 */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/**
 * Runs work with a time limit of its own. The work gets a signal that is aborted when the limit ends
 * or when `signal` is aborted.
 * @throws the reason of whichever comes first, or what the work throws
 */
export async function withinTime<T>(
  milliseconds: number,
  makeReason: () => unknown,
  signal: AbortSignal,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(makeReason()), milliseconds);
  const stop = AbortSignal.any([signal, limit.signal]);
  try {
    return await unlessAborted(stop, work(stop));
  } finally {
    clearTimeout(timer);
  }
}

function timeoutError(seconds: number): CliError {
  return new CliError('network', `no result within ${seconds}s`, {
    hint: 'allow more time with --timeout, for example --timeout 2m',
    retryable: true,
  });
}
