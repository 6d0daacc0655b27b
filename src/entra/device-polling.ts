import { type Deadline, sleep } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import { parseJsonObject } from '../core/json.ts';
import type { DeviceGrant } from './device-authorization.ts';

// all in seconds
const SLOWER = 5;
const LONGEST_PAUSE = 60;
const LONGEST_RETRY_AFTER = 300;

/**
 * Polls the token endpoint until the person has signed in or declined (RFC 8628 section 3.5). The
 * pause is never shorter than the interval. `slow_down` makes the interval five seconds longer;
 * after a lost response or a server error the pause doubles.
 * @param poll sends one request and does not repeat it
 * @returns the final response: a token or an error
 * @throws CliError auth_failed if the code expires; the deadline's reason
 */
export async function pollForToken(
  poll: () => Promise<HttpResponse>,
  grant: Pick<DeviceGrant, 'interval' | 'expiresIn'>,
  deadline: Deadline,
): Promise<HttpResponse> {
  const end = performance.now() + grant.expiresIn * 1000;
  let interval = grant.interval;
  let pause = interval;
  for (;;) {
    await sleep(Math.min(pause * 1000, Math.max(0, end - performance.now())), deadline);
    if (performance.now() >= end) {
      const message = 'the device code expired before anyone signed in with it';
      throw new CliError('auth_failed', message, { oauthError: 'expired_token' });
    }
    const response = await sendOnce(poll, deadline);
    const error = response && oauthError(response);
    if (error === 'slow_down') interval += SLOWER;
    if (error === 'slow_down' || error === 'authorization_pending') pause = interval;
    else if (response && !isTransient(response)) return response;
    else pause = Math.max(Math.min(pause * 2, LONGEST_PAUSE), interval, retryAfter(response));
  }
}

/** @returns undefined if the request or its response was lost */
async function sendOnce(
  poll: () => Promise<HttpResponse>,
  deadline: Deadline,
): Promise<HttpResponse | undefined> {
  try {
    return await poll();
  } catch (failure) {
    const isTransientFailure = failure instanceof CliError && failure.details.retryable === true;
    if (!isTransientFailure || deadline.signal.aborted) throw failure;
    return undefined;
  }
}

function isTransient({ status }: HttpResponse): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function retryAfter(response: HttpResponse | undefined): number {
  const seconds = Number(response?.headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) ? Math.min(seconds, LONGEST_RETRY_AFTER) : 0;
}

/** Whatever the status is: GitHub, for one, sends these errors with 200. */
function oauthError({ body }: HttpResponse): unknown {
  return parseJsonObject(body)?.['error'];
}
