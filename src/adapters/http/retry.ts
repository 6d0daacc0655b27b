import { sleep } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../core/ports.ts';
import type { Throttle } from '../../tokens/throttle.ts';
import { isTransient, wasSurelyNotSent } from './failure.ts';

const ATTEMPTS = 3;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;
const NOTICED_SECONDS = 2;
const PASSING_STATUS = [408, 429, 500, 502, 503, 504];
/** Answers by which a server says that it has not taken the request. */
const REFUSED_STATUS = [429, 503];

export interface Sending {
  sendOnce(): Promise<HttpResponse>;
  /** Seconds since the epoch, for a `Retry-After` that is a date. */
  now(): number;
  readonly throttle: Throttle;
  /** Told before a pause that a person would notice. */
  say(line: string): void;
}

/**
 * Up to three attempts for what may pass, exponential with full jitter, `Retry-After` obeyed
 * (RFC 9110 section 10.2.3), also one that another process was given.
 * @throws CliError network at once when the server asks for more time than the deadline leaves, and
 *   when it asks for time after the last attempt
 */
export async function sendWithRetries(
  request: HttpRequest,
  sending: Sending,
): Promise<HttpResponse> {
  const { deadline } = request;
  const left = sending.throttle.secondsLeft(request.url);
  if (left * 1000 > deadline.remaining()) throw stillBusy(request, left);
  if (left > 0) await waitAloud(request, left, sending);
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS;
    try {
      const response = await sending.sendOnce();
      const wait = askedToWait(response, sending.now());
      const busy = wait !== undefined && PASSING_STATUS.includes(response.status);
      if (busy) sending.throttle.remember(request.url, wait);
      if (!mayRepeat(request, response.status)) return response;
      if (wait === undefined) {
        if (last) return response;
        await sleep(Math.random() * longestPause(attempt), deadline);
        continue;
      }
      if (last || wait * 1000 > deadline.remaining()) throw tooLong(request, response, wait);
      await waitAloud(request, wait, sending);
    } catch (failure) {
      if (last || !mayRepeatAfter(request, failure) || deadline.signal.aborted) throw failure;
      await sleep(Math.random() * longestPause(attempt), deadline);
    }
  }
}

function longestPause(attempt: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1));
}

async function waitAloud({ url, deadline }: HttpRequest, seconds: number, { say }: Sending) {
  if (seconds >= NOTICED_SECONDS) say(`${new URL(url).host} is busy; waiting ${seconds}s...`);
  await sleep(seconds * 1000, deadline);
}

function mayRepeatAfter({ repeat }: HttpRequest, failure: unknown): boolean {
  if (repeat === 'never') return false;
  return repeat === 'safe' ? isTransient(failure) : wasSurelyNotSent(failure);
}

function mayRepeat({ repeat }: HttpRequest, status: number): boolean {
  if (repeat === 'never') return false;
  return (repeat === 'safe' ? PASSING_STATUS : REFUSED_STATUS).includes(status);
}

/** @returns seconds, never 0 */
function askedToWait({ headers }: HttpResponse, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) || undefined;
  const date = Date.parse(text) / 1000;
  const seconds = Math.ceil(date - now);
  return seconds > 0 ? seconds : undefined;
}

function tooLong(request: HttpRequest, { status }: HttpResponse, wait: number): CliError {
  const { host } = new URL(request.url);
  return busy(`${host} is busy (HTTP ${status}) and asks to wait ${wait}s`, wait);
}

function stillBusy(request: HttpRequest, wait: number): CliError {
  const { host } = new URL(request.url);
  const message = `${host} asked a little while ago not to be called for another ${wait}s`;
  return busy(message, wait, '; get-token --force-refresh and doctor --fix do not wait');
}

function busy(message: string, wait: number, more = ''): CliError {
  return new CliError('network', message, {
    hint: `try again in ${wait}s, or allow the time with --timeout ${wait + 30}s${more}`,
    retryable: true,
    retryAfter: wait,
  });
}
