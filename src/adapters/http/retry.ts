import { sleep } from '../../core/deadline.ts';
import { readDuration } from '../../core/duration.ts';
import { CliError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';
import type { App } from '../../core/ports.ts';
import type { Throttle } from '../../tokens/throttle.ts';
import { isTransient, wasSurelyNotSent } from './failure.ts';

const ATTEMPTS = 3;
// milliseconds
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;
const NOTICED_SECONDS = 2;
const TRANSIENT_STATUS = [408, 429, 500, 502, 503, 504];
/** These say that the server has not processed the request. */
const UNPROCESSED_STATUS = [429, 503];

export interface Sending extends Pick<App, 'clock' | 'log'> {
  sendOnce(): Promise<HttpResponse>;
  readonly throttle: Throttle;
}

/**
 * Makes up to three attempts while failures are transient, with random pauses whose limit doubles.
 * Obeys `Retry-After` (RFC 9110 section 10.2.3), also one that another process has received.
 * @throws CliError network at once if the server asks for a longer wait than the deadline allows, or
 *   for any wait after the last attempt
 */
export async function sendWithRetries(
  request: HttpRequest,
  sending: Sending,
): Promise<HttpResponse> {
  const { deadline } = request;
  const { host } = new URL(request.url);
  const left = sending.throttle.secondsLeft(request.url);
  if (left * 1000 > deadline.remaining()) {
    const message = `${host} asked a little while ago not to be called for another ${left}s`;
    throw busyError(message, left, '; get-token --force-refresh and doctor --fix do not wait');
  }
  if (left > 0) await waitWithNotice(request, left, sending);
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS;
    try {
      const response = await sending.sendOnce();
      const wait = askedToWait(response, sending.clock.now());
      const { status } = response;
      const busy = wait !== undefined && TRANSIENT_STATUS.includes(status);
      if (busy) sending.throttle.remember(request.url, wait);
      if (!mayRepeat(request, status)) return response;
      if (wait === undefined) {
        if (last) return response;
        await sleep(Math.random() * longestPause(attempt), deadline);
        continue;
      }
      if (last || wait * 1000 > deadline.remaining()) {
        throw busyError(`${host} is busy (HTTP ${status}) and asks to wait ${wait}s`, wait);
      }
      await waitWithNotice(request, wait, sending);
    } catch (failure) {
      if (last || !mayRepeatAfter(request, failure) || deadline.signal.aborted) throw failure;
      await sleep(Math.random() * longestPause(attempt), deadline);
    }
  }
}

function longestPause(attempt: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1));
}

async function waitWithNotice({ url, deadline }: HttpRequest, seconds: number, { log }: Sending) {
  if (seconds >= NOTICED_SECONDS) log.say(`${new URL(url).host} is busy; waiting ${seconds}s...`);
  await sleep(seconds * 1000, deadline);
}

function mayRepeatAfter({ repeat }: HttpRequest, failure: unknown): boolean {
  if (repeat === 'never') return false;
  return repeat === 'safe' ? isTransient(failure) : wasSurelyNotSent(failure);
}

function mayRepeat({ repeat }: HttpRequest, status: number): boolean {
  if (repeat === 'never') return false;
  return (repeat === 'safe' ? TRANSIENT_STATUS : UNPROCESSED_STATUS).includes(status);
}

/** @returns seconds, never 0 */
function askedToWait({ headers }: HttpResponse, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER) || undefined;
  const date = Date.parse(text) / 1000;
  const seconds = Math.ceil(date - now);
  return seconds > 0 ? seconds : undefined;
}

function busyError(message: string, wait: number, more = ''): CliError {
  const timeout = `${wait + 30}s`;
  const isPossible = readDuration(timeout) !== undefined;
  const allow = isPossible ? `, or allow the time with --timeout ${timeout}` : '';
  return new CliError('network', message, {
    hint: `try again in ${wait}s${allow}${more}`,
    retryable: true,
    retryAfter: wait,
  });
}
