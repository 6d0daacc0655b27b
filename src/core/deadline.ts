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

/**
 * @param interrupted aborted by SIGINT, SIGTERM or SIGHUP; its reason must be a CliError
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

/**
 * Resolves after the time given. If the deadline ends first, it rejects with the deadline's reason.
 */
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
