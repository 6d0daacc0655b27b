import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../../src/adapters/http/http.ts';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { HttpRequest } from '../../../src/core/http.ts';
import type { Env } from '../../../src/core/ports.ts';
import { type Behaviour, type FakeIdp, startFakeIdp } from '../../support/fake-idp.ts';
import { createNetworkApp, type NetworkApp } from '../../support/network-app.ts';
import { createTestCa } from '../../support/tls.ts';

const tls = createTestCa();
const never = new AbortController().signal;
let folder: string;
let caFile: string;
let idp: FakeIdp;
let world: NetworkApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-http-'));
  caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, tls.caPem);
  idp = await startFakeIdp({ tls });
});

afterAll(async () => {
  await idp.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  world = createNetworkApp();
  idp.seen.length = 0;
  idp.script.length = 0;
});

afterEach(() => world.end());

interface Ask {
  readonly env?: Env;
  readonly origin?: string;
  readonly seconds?: number;
  readonly interrupted?: AbortSignal;
  readonly repeat?: HttpRequest['repeat'];
  readonly caFile?: string;
  readonly home?: string;
  readonly now?: () => number;
  readonly script?: readonly Behaviour[];
}

async function ask(options: Ask = {}) {
  idp.script.push(...(options.script ?? []));
  await world.end();
  world = createNetworkApp(options.env, options.now, options.home);
  const http = createHttp(world.app, options.caFile ?? caFile);
  return http.send({
    method: 'POST',
    url: `${options.origin ?? idp.origin}/t/oauth2/v2.0/token?secret=in-the-query`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'client_secret=s3cr3t-canary&scope=x',
    deadline: startDeadline(options.seconds ?? 20, options.interrupted ?? never),
    repeat: options.repeat ?? 'safe',
  });
}

async function failure(options: Ask = {}): Promise<CliError> {
  const error = await ask(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CliError);
  return error as CliError;
}

const busy = (seconds: string | number): Behaviour => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
  body: { error: 'temporarily_unavailable' },
});

describe('an answer', () => {
  it('is handed over with its status, headers in lower case, and body', async () => {
    const answer = await ask({
      script: [{ status: 400, headers: { 'X-Ms-Id': '7' }, body: 'no' }],
    });
    expect(answer).toMatchObject({ status: 400, body: 'no' });
    expect(answer.headers['x-ms-id']).toBe('7');
    expect(idp.seen).toHaveLength(1);
    expect(idp.seen[0]?.body).toEqual({ client_secret: 's3cr3t-canary', scope: 'x' });
  });

  it('is told with --debug without its query and without bodies', async () => {
    await ask();
    const told = world.lines.join('\n');
    expect(told).toMatch(
      /^debug: http: POST localhost:\d+\/t\/oauth2\/v2\.0\/token -> 200 in \d+ ms$/,
    );
  });

  // the server tells whole seconds, and under load it takes some until they are read
  it.each([
    ['ahead', 305],
    ['behind', -305],
  ])('from a clock that is five minutes %s gives one warning', async (_name, seconds) => {
    await ask({ now: () => Date.now() / 1000 - seconds });
    expect(world.lines.filter((line) => line.startsWith('warn:'))).toHaveLength(1);
  });
});

describe('a packed answer', () => {
  const text = '{"access_token":"packed"}';
  const askPacked = async (encoding: string, bytes: Buffer) => {
    const packing = await startFakeIdp({
      tls,
      handler: (_seen, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
        return true;
      },
    });
    return ask({ origin: packing.origin }).finally(packing.close);
  };

  it('is not asked for', async () => {
    await ask();
    expect(idp.seen[0]?.headers['accept-encoding']).toBe('identity');
  });

  it.each<[string, Buffer]>([
    ['gzip', gzipSync(text)],
    ['X-GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
    // not packed at all
    ['gzip', Buffer.from(text)],
    ['utf-8', Buffer.from(text)],
  ])('is unpacked all the same: %s', async (encoding, bytes) => {
    expect((await askPacked(encoding, bytes)).body).toBe(text);
  });

  it.each<[string, string, Buffer, string]>([
    ['too large', 'gzip', gzipSync(Buffer.alloc(2 << 20)), 'larger than 1 MiB'],
    ['damaged', 'br', gzipSync(text), 'it is not br'],
    ['unknown', 'zstd', gzipSync(text), 'zstd'],
  ])('is refused if it is %s', async (_name, encoding, bytes, reason) => {
    const refused = askPacked(encoding, bytes);
    await expect(refused).rejects.toMatchObject({ code: 'network' });
    await expect(refused).rejects.toThrow(reason);
  });
});

describe('what may pass is tried again', () => {
  it.each<[string, Behaviour[], number]>([
    ['503 twice', [{ status: 503 }, { status: 503 }], 3],
    ['408', [{ status: 408 }], 2],
    ['a reset', ['reset'], 2],
    ['a truncated answer', ['truncated'], 2],
  ])('%s', async (_name, script, requests) => {
    expect((await ask({ script })).status).toBe(200);
    expect(idp.seen).toHaveLength(requests);
  });

  it('three times at most, and the last answer is handed over', async () => {
    const script = Array<Behaviour>(5).fill({ status: 503, body: 'still busy' });
    expect(await ask({ script })).toMatchObject({ status: 503, body: 'still busy' });
    expect(idp.seen).toHaveLength(3);
  });

  it('after the seconds that the server asks for', async () => {
    const start = Date.now();
    expect((await ask({ script: [busy(1)] })).status).toBe(200);
    expect(Date.now() - start).toBeGreaterThanOrEqual(1000);
  });

  it('after the date that the server names', async () => {
    const start = Date.now();
    const date = new Date(start + 2000).toUTCString();
    expect((await ask({ script: [busy(date)] })).status).toBe(200);
    expect(Date.now() - start).toBeGreaterThanOrEqual(900);
  });

  it.each([
    ['120', 120, ', or allow the time with --timeout 150s'],
    ['9999999999', 9_999_999_999, ''],
    ['9'.repeat(30), Number.MAX_SAFE_INTEGER, ''],
  ])('but not when it is to wait %s s, beyond its time', async (asked, wait, allow) => {
    const start = Date.now();
    const error = await failure({ script: [busy(asked)], seconds: 15 });
    expect(Date.now() - start).toBeLessThan(5000);
    expect(error.code).toBe('network');
    const hint = `try again in ${wait}s${allow}`;
    expect(error.details).toMatchObject({ retryAfter: wait, retryable: true, hint });
    expect(error.message).toContain(`${wait}s`);
    expect(idp.seen).toHaveLength(1);
  });

  it.each<[string, Behaviour]>([
    ['a wrong request', { status: 400 }],
    ['a missing page', { status: 404 }],
  ])('but not %s', async (_name, behaviour) => {
    await ask({ script: [behaviour] });
    expect(idp.seen).toHaveLength(1);
  });
});

describe('what is spent by arriving', () => {
  it.each<[string, Behaviour]>([
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['504', { status: 504 }],
  ])('is not sent again after %s', async (_name, behaviour) => {
    await ask({ script: [behaviour], repeat: 'single-use' });
    expect(idp.seen).toHaveLength(1);
  });

  it.each<Behaviour>(['reset', 'truncated'])('is not sent again after %s', async (behaviour) => {
    const error = await failure({ script: [behaviour], repeat: 'single-use' });
    expect(error.code).toBe('network');
    expect(idp.seen).toHaveLength(1);
  });

  it.each([429, 503])('is sent again after %d', async (status) => {
    expect((await ask({ script: [{ status }], repeat: 'single-use' })).status).toBe(200);
    expect(idp.seen).toHaveLength(2);
  });
});

describe('a wait that the server asks for', () => {
  it('is told after the last attempt as well', async () => {
    const error = await failure({ script: [busy(1), busy(1), busy(7)] });
    expect(error).toMatchObject({ code: 'network', details: { retryAfter: 7, retryable: true } });
    expect(idp.seen).toHaveLength(3);
  });

  it('is remembered: the next process asks nothing, fails at once, or waits', async () => {
    const home = join(folder, 'waits');
    const first = await failure({ script: [busy(30)], seconds: 5, home });
    expect(first.details.retryAfter).toBe(30);
    const start = performance.now();
    const next = await failure({ seconds: 5, home });
    expect(performance.now() - start).toBeLessThan(2000);
    expect(next).toMatchObject({ code: 'network', details: { retryAfter: 30, retryable: true } });
    expect(next.message).toContain('not to be called for another 30s');
    expect(idp.seen).toHaveLength(1);
    const later = () => Date.now() / 1000 + 28;
    expect((await ask({ home, now: later })).status).toBe(200);
    expect(world.lines.join('\n')).toMatch(/say: localhost:\d+ is busy; waiting [23]s\.\.\./);
  });
});

describe('what is no answer', () => {
  it.each([
    ['HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', 'without an answer'],
    ['HTTP/1.1 100 Continue\r\n\r\n', 'the connection was reset'],
    ['HTTP/1.1 304 Not Modified\r\n\r\n', 'only HTTP 304'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'does not answer in HTTP'],
    ['HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n', 'does not answer in HTTP'],
  ])('%j is a failure', async (raw, reason) => {
    const error = await failure({ script: Array(3).fill({ raw }), seconds: 2 });
    expect(error.code).toBe('network');
    expect(error.message).toContain(reason);
  });
});

describe('a limit', () => {
  it.each<Behaviour>(['hang', 'drip', { delay: 5000 }])('of time ends %j', async (behaviour) => {
    const error = await failure({ script: [behaviour], seconds: 1 });
    expect(error.message).toBe('no result within 1s');
    expect(idp.seen).toHaveLength(1);
  });

  it('of time ends the pause between two attempts', async () => {
    const error = await failure({ script: [busy(1), busy(1), busy(1)], seconds: 1.5 });
    expect(error.code).toBe('network');
  });

  it('ends a request when the person interrupts, with that reason', async () => {
    const controller = new AbortController();
    const reason = new CliError('interrupted', 'interrupted');
    setTimeout(() => controller.abort(reason), 100);
    expect(await failure({ script: ['hang'], interrupted: controller.signal })).toBe(reason);
  });

  it('of 1 MiB refuses a larger answer, once', async () => {
    const error = await failure({ script: ['oversized'] });
    expect(error).toMatchObject({ code: 'network' });
    expect(error.message).toContain('larger than 1 MiB');
    expect(idp.seen).toHaveLength(1);
  });

  it('of 32 KiB refuses longer headers, once', async () => {
    const headers = { 'x-long': 'a'.repeat(40 * 1024) };
    const error = await failure({ script: [{ status: 200, headers }] });
    expect(error).toMatchObject({ code: 'network' });
    expect(error.message).toContain('32 KiB');
    expect(idp.seen).toHaveLength(1);
  });
});

it.each([301, 302, 303, 307, 308])('a %d to another origin gets nothing there', async (status) => {
  const other = await startFakeIdp({ tls });
  const error = await failure({ script: [{ redirect: `${other.origin}/t/token`, status }] });
  expect(error.code).toBe('network');
  expect(error.message).toContain(`localhost:${other.port}`);
  expect(other.seen).toEqual([]);
  expect(idp.seen).toHaveLength(1);
  await other.close();
});

it('sends nothing without TLS', async () => {
  const error = await failure({ origin: `http://localhost:${idp.port}` });
  expect(error.code).toBe('network');
  expect(error.message).toContain('only https');
  expect(idp.seen).toEqual([]);
});
