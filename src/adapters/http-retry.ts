import { type Deadline, sleep } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../core/ports.ts';
import { isPassing, wasSurelyNotSent } from './http-failure.ts';

const ATTEMPTS = 3;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;
const PASSING_STATUS = [408, 429, 500, 502, 503, 504];
/** Answers by which a server says that it has not taken the request. */
const REFUSED_STATUS = [429, 503];

/**
 * Up to three attempts for what may pass, exponential with full jitter, `Retry-After` obeyed
 * (RFC 9110 section 10.2.3).
 * @param now seconds since the epoch, for a `Retry-After` that is a date
 * @throws CliError network at once when the server asks for more time than the deadline leaves
 */
export async function sendWithRetries(
  request: HttpRequest,
  sendOnce: () => Promise<HttpResponse>,
  now: () => number,
): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS;
    try {
      const response = await sendOnce();
      const wait = askedToWait(response, now());
      if (!mayRepeat(request, response.status)) return response;
      if (wait !== undefined && wait * 1000 > request.deadline.remaining()) {
        throw tooLong(request, response, wait);
      }
      if (last) return response;
      await pause(attempt, request.deadline, wait);
    } catch (failure) {
      const again = request.repeat === 'safe' ? isPassing(failure) : wasSurelyNotSent(failure);
      if (last || !again || request.deadline.signal.aborted) throw failure;
      await pause(attempt, request.deadline);
    }
  }
}

function mayRepeat({ repeat }: HttpRequest, status: number): boolean {
  return (repeat === 'safe' ? PASSING_STATUS : REFUSED_STATUS).includes(status);
}

/** @returns seconds */
function askedToWait({ headers }: HttpResponse, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = Date.parse(text) / 1000;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil(date - now));
}

async function pause(attempt: number, deadline: Deadline, asked = 0): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1));
  await sleep(asked > 0 ? asked * 1000 : Math.random() * longest, deadline);
}

function tooLong(request: HttpRequest, { status }: HttpResponse, wait: number): CliError {
  const { host } = new URL(request.url);
  return new CliError('network', `${host} is busy (HTTP ${status}) and asks to wait ${wait}s`, {
    hint: `try again in ${wait}s, or allow the time with --timeout ${wait + 30}s`,
    retryable: true,
    retryAfter: wait,
  });
}
