import { CliError } from './errors.ts';

/** An overall limit for one call, on the monotonic clock, that an interrupt also ends. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly limitSeconds: number;
  /** Milliseconds left, never negative. */
  remaining(): number;
}

/**
 * @param seconds the limit
 * @param interrupted aborted by Ctrl+C and its kin; its reason must be a CliError
 */
export function startDeadline(seconds: number, interrupted: AbortSignal): Deadline {
  const end = performance.now() + seconds * 1000;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timeoutError(seconds)), seconds * 1000);
  timer.unref();
  return {
    signal: AbortSignal.any([interrupted, limit.signal]),
    limitSeconds: seconds,
    remaining: () => Math.max(0, end - performance.now()),
  };
}

/** Waits, or rejects with the deadline's reason as soon as it ends. */
export function sleep(milliseconds: number, deadline: Deadline): Promise<void> {
  return new Promise((resolve, reject) => {
    const { signal } = deadline;
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}

function timeoutError(seconds: number): CliError {
  return new CliError('network', `no result within ${seconds}s`, {
    hint: 'allow more time with --timeout, for example --timeout 2m',
    retryable: true,
  });
}
