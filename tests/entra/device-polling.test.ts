import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startDeadline } from '../../src/core/deadline.ts';
import { CliError } from '../../src/core/errors.ts';
import type { HttpResponse } from '../../src/core/http.ts';
import { pollForToken } from '../../src/entra/device-polling.ts';

type Answer = HttpResponse | CliError;

const LOST = new CliError('network', 'lost', { retryable: true });
const TOKEN = answer(200, { access_token: 'token' });
const PENDING = answer(400, { error: 'authorization_pending' });
const SLOW_DOWN = answer(400, { error: 'slow_down' });

function answer(status: number, body: unknown, headers = {}): HttpResponse {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** Plays a script of answers in virtual time. @returns the seconds of each request, and the end */
async function play(script: readonly Answer[], grant = { interval: 5, expiresIn: 900 }) {
  const begin = performance.now();
  const times: number[] = [];
  const poll = async () => {
    times.push(Math.round((performance.now() - begin) / 1000));
    const next = script[times.length - 1] ?? PENDING;
    if (next instanceof CliError) throw next;
    return next;
  };
  const deadline = startDeadline(2000, new AbortController().signal);
  let result: HttpResponse | CliError | undefined;
  const done = pollForToken(poll, grant, deadline).then(
    (response) => {
      result = response;
    },
    (failure: unknown) => {
      result = failure as CliError;
    },
  );
  for (let second = 0; second < 1000 && result === undefined; second += 1) {
    await jest.advanceTimersByTimeAsync(1000);
  }
  await done;
  return { times, result };
}

describe('pollForToken', () => {
  it.each<[string, readonly Answer[], readonly number[]]>([
    ['at once', [TOKEN], [5]],
    ['pending', [PENDING, PENDING, TOKEN], [5, 10, 15]],
    [
      'pending and slow_down with status 200',
      [
        answer(200, { error: 'authorization_pending' }),
        answer(200, { error: 'slow_down' }),
        PENDING,
        TOKEN,
      ],
      [5, 10, 20, 30],
    ],
    ['slow_down, for good', [SLOW_DOWN, PENDING, TOKEN], [5, 15, 25]],
    ['slow_down twice', [SLOW_DOWN, SLOW_DOWN, PENDING, TOKEN], [5, 15, 30, 45]],
    ['a lost answer, which doubles one pause', [LOST, PENDING, TOKEN], [5, 15, 20]],
    ['lost answers', [LOST, LOST, LOST, TOKEN], [5, 15, 35, 75]],
    ['an error of the server', [answer(500, 'oops'), TOKEN], [5, 15]],
    ['a 503 in JSON', [answer(503, { error: 'server_error' }), TOKEN], [5, 15]],
    ['429 with Retry-After', [answer(429, '', { 'retry-after': '30' }), TOKEN], [5, 35]],
    ['429 with less than the interval', [answer(429, '', { 'retry-after': '1' }), TOKEN], [5, 15]],
    ['a Retry-After of a day', [answer(429, '', { 'retry-after': '86400' }), TOKEN], [5, 305]],
    ['trouble after slow_down', [SLOW_DOWN, LOST, TOKEN], [5, 15, 35]],
  ])('%s', async (_, script, expected) => {
    const { times, result } = await play(script);
    expect(result).toBe(TOKEN);
    expect(times).toEqual(expected);
  });

  it('is never closer than the interval, whatever is answered', async () => {
    const kinds = [PENDING, SLOW_DOWN, LOST, answer(500, ''), answer(429, '')];
    for (let round = 0; round < 50; round += 1) {
      const script = Array.from({ length: 12 }, () => kinds[Math.floor(Math.random() * 5)] ?? LOST);
      const { times } = await play([...script, TOKEN]);
      let interval = 5;
      times.forEach((time, at) => {
        expect(time - (times[at - 1] ?? 0)).toBeGreaterThanOrEqual(interval);
        if (script[at] === SLOW_DOWN) interval += 5;
      });
    }
  });

  it.each(['authorization_declined', 'access_denied', 'expired_token', 'bad_verification_code'])(
    'ends with %s',
    async (error) => {
      const refused = answer(400, { error });
      const { times, result } = await play([PENDING, refused]);
      expect(result).toBe(refused);
      expect(times).toEqual([5, 10]);
    },
  );

  it('ends when the code has expired', async () => {
    const { times, result } = await play([], { interval: 5, expiresIn: 22 });
    expect(times).toEqual([5, 10, 15, 20]);
    expect(result).toMatchObject({ code: 'auth_failed', details: { oauthError: 'expired_token' } });
  });

  it('ends with what does not pass', async () => {
    const lasting = new CliError('network', 'nobody vouches for it');
    const { times, result } = await play([lasting]);
    expect(result).toBe(lasting);
    expect(times).toEqual([5]);
  });
});
