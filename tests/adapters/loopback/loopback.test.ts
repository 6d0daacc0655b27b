import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bind } from '../../../src/adapters/loopback/bind.ts';
import { createLoopback } from '../../../src/adapters/loopback/loopback.ts';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { ListenOptions, RedirectListener } from '../../../src/core/interaction.ts';
import type { Log } from '../../../src/core/ports.ts';
import {
  CANARY,
  hostileRequest,
  rightRequest,
  type Target,
  write,
} from '../../support/hostile-requests.ts';
import { filesOf, listenersAt } from '../../support/listeners.ts';
import { createRandom } from '../../support/random.ts';
import { openRaw, sendRaw } from '../../support/raw-http.ts';

const STATE = 'the-state-of-this-sign-in';
const atEnd: (() => unknown)[] = [];
const foreign: Server[] = [];
const warnings: string[] = [];
const log = { warn: (line: string) => warnings.push(line) } as unknown as Log;
const loopback = createLoopback({ atEnd: (cleanUp) => atEnd.push(cleanUp), log });
const never = new AbortController().signal;
const REQUESTS = Number(process.env['HOSTILE_REQUESTS'] ?? 2000);

afterEach(async () => {
  warnings.length = 0;
  for (const cleanUp of atEnd.splice(0)) await cleanUp();
  for (const server of foreign.splice(0)) server.close();
});

async function listen(wish: Partial<ListenOptions> = {}) {
  const listener = await loopback.listen({
    redirectUri: 'http://localhost',
    state: STATE,
    responseMode: 'query',
    ...wish,
  });
  const { port } = new URL(listener.redirectUri);
  return { listener, port: Number(port) };
}

/** The true redirect. @returns what it brought, and what the browser would see */
async function signIn(listener: RedirectListener, target: Target, page: 'success' | 'failure') {
  const reply = sendRaw(target.port, write(rightRequest(target)));
  const redirect = await listener.redirect(startDeadline(10, never));
  await Promise.all([redirect.answer(page), followed(reply, target.port)]);
  return { parameters: redirect.parameters, reply: await reply };
}

async function followed(reply: Promise<string>, port: number): Promise<string> {
  const location = /^location: (.*)\r$/m.exec(await reply)?.[1];
  return location === undefined ? '' : get(port, location);
}

function get(port: number, target: string): Promise<string> {
  return sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
}

async function occupy(port: number, address: string): Promise<number> {
  const server = createServer();
  foreign.push(server);
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, address, resolve);
  });
  return (server.address() as { port: number }).port;
}

/** Of this process: another one may have the same port on another address. */
const ownListenersAt = (port: number) => listenersAt(port, filesOf('self'));

describe('where it listens', () => {
  it('takes both addresses of localhost, on one port, and no other', async () => {
    const { listener, port } = await listen();
    expect(listener.redirectUri).toBe(`http://localhost:${port}`);
    expect(ownListenersAt(port).sort()).toEqual(['127.0.0.1', '::1']);
    await listener.close();
    expect(ownListenersAt(port)).toEqual([]);
  });

  it.each([
    ['http://127.0.0.1', ['127.0.0.1']],
    ['http://[::1]', ['::1']],
    ['http://127.0.0.1/signed-in/', ['127.0.0.1']],
  ])('takes %s literally', async (redirectUri, addresses) => {
    const { listener, port } = await listen({ redirectUri });
    const { origin, pathname } = new URL(redirectUri);
    const path = pathname === '/' ? '' : pathname;
    expect(listener.redirectUri).toBe(`${origin}:${port}${path}`);
    expect(ownListenersAt(port)).toEqual(addresses);
  });

  it('keeps a redirect URI with a port to the letter', async () => {
    const port = await occupy(0, '127.0.0.1');
    foreign.pop()?.close();
    const redirectUri = `HTTP://LocalHost:${port}/Signed%20In/`;
    const { listener } = await listen({ redirectUri });
    expect(listener.redirectUri).toBe(redirectUri);
    await listener.close();
    const other = await listen({ redirectUri: 'http://localhost:8080/x', port });
    expect(other.listener.redirectUri).toBe(`http://localhost:${port}/x`);
  });

  it.each([
    'https://localhost',
    'https://app.example/signed-in',
    'http://app.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://user@localhost',
    'http://127.0.0.2',
    'http://0.0.0.0:80',
    'http://localhost:0',
    'http://localhost:65536',
    'http://localhost:8080?x=1',
    'http://localhost/#x',
    'http://localhost/a b',
    'http://localhost\\x',
    'tokencli://signed-in',
    'urn:ietf:wg:oauth:2.0:oob',
    '',
  ])('refuses %j', async (redirectUri) => {
    await expect(listen({ redirectUri })).rejects.toMatchObject({
      code: 'usage',
      message: `cannot listen on the redirect URI ${redirectUri}`,
      details: { hint: expect.stringContaining('http://localhost') },
    });
  });

  it.each(['127.0.0.1', '::1', '0.0.0.0'])('names a port that is in use on %s', async (address) => {
    const port = await occupy(0, address);
    const before = ownListenersAt(port);
    await expect(listen({ port })).rejects.toMatchObject({
      code: 'io',
      message: `port ${port} is in use by another program`,
      details: { hint: expect.stringContaining('--port') },
    });
    expect(ownListenersAt(port)).toEqual(before);
  });

  it('takes another port when somebody is faster on the second address', async () => {
    const { makeServer, taken } = rivalled(3);
    const { port, close } = await bind(['127.0.0.1', '::1'], undefined, makeServer);
    expect(taken).toHaveLength(3);
    expect(taken).not.toContain(port);
    expect(ownListenersAt(port).sort()).toEqual(['127.0.0.1', '::1']);
    expect(taken.map(ownListenersAt)).toEqual([['::1'], ['::1'], ['::1']]);
    await close();
  });

  it('gives up when somebody always is', async () => {
    const { makeServer, taken } = rivalled(Number.POSITIVE_INFINITY);
    await expect(bind(['127.0.0.1', '::1'], undefined, makeServer)).rejects.toMatchObject({
      code: 'io',
      message: 'no port is free here',
    });
    expect(taken).toHaveLength(10);
  });

  it('does with one address where the machine has no other', async () => {
    const absent = '2001:db8::1';
    const { port, close } = await bind([absent, '::1'], undefined, plainServer);
    expect(ownListenersAt(port)).toEqual(['::1']);
    await close();
    await expect(bind([absent], undefined, plainServer)).rejects.toMatchObject({ code: 'io' });
  });
});

const plainServer = () => createHttpServer();

/** Every second server finds its port taken on its address, so many times. */
function rivalled(times: number) {
  const taken: number[] = [];
  let first: Server | undefined;
  const makeServer = () => {
    const server = plainServer();
    if (!first) {
      first = server;
      return server;
    }
    const { port } = first.address() as { port: number };
    first = undefined;
    if (taken.length < times) {
      taken.push(port);
      const rival = createServer().listen(port, '::1');
      foreign.push(rival);
    }
    return server;
  };
  return { makeServer, taken };
}

describe.each(['query', 'form_post'] as const)('the one redirect, as %s', (responseMode) => {
  it('arrives, and the page is shown when it was answered, not before', async () => {
    const { listener, port } = await listen({ responseMode });
    const target = { port, path: '/', state: STATE, responseMode };
    let shown = false;
    const reply = sendRaw(port, write(rightRequest(target)));
    void reply.then(() => {
      shown = true;
    });
    const redirect = await listener.redirect(startDeadline(10, never));
    expect(redirect.parameters).toEqual({ code: CANARY, state: STATE });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(shown).toBe(false);
    const answered = redirect.answer('success');
    const page = (await followed(reply, port)) || (await reply);
    await answered;
    expect(page).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(page).toContain('<h1>You are signed in</h1>');
    expect(page).toContain('close this tab');
    expect(headersOf(page)).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
  });

  it('arrives once; a browser that brings it again is told how it went', async () => {
    const { listener, port } = await listen({ responseMode, redirectUri: 'http://localhost/cb' });
    const target = { port, path: '/cb', state: STATE, responseMode };
    const first = sendRaw(port, write(rightRequest(target)));
    const redirect = await listener.redirect(startDeadline(10, never));
    const second = await sendRaw(port, write(rightRequest(target)));
    expect(second).toMatch(/^HTTP\/1\.1 200 /);
    expect(second).toContain('has arrived already');
    expect(second).not.toContain(CANARY);
    const stranger = await sendRaw(port, write(rightRequest({ ...target, state: 'another' })));
    expect(stranger).toMatch(/^HTTP\/1\.1 400 /);
    const answered = redirect.answer('failure');
    expect((await followed(first, port)) || (await first)).toContain('did not work');
    await answered;
    await redirect.answer('success');
    expect(await sendRaw(port, write(rightRequest(target)))).toContain('did not work');
  });

  it('may bring an error as well, with cookies of everything on localhost', async () => {
    const { listener, port } = await listen({ responseMode });
    const draft = rightRequest({ port, path: '/', state: STATE, responseMode });
    draft.headers.push(`Cookie: session=${'c'.repeat(48_000)}`);
    draft.target = draft.target.replace('code=', 'error=');
    draft.body = draft.body.replace('code=', 'error=');
    const reply = sendRaw(port, write(draft), '::1');
    const { parameters, answer } = await listener.redirect(startDeadline(10, never));
    expect(parameters).toEqual({ error: CANARY, state: STATE });
    await Promise.all([answer('failure'), followed(reply, port)]);
    expect(await reply).not.toContain('canary');
  });

  it.each([true, false])(
    'does not wait for a browser that has gone (noticed: %p)',
    async (noticed) => {
      const { listener, port } = await listen({ responseMode });
      const right = write(rightRequest({ port, path: '/', state: STATE, responseMode }));
      const socket = await openRaw(port, right);
      const redirect = await listener.redirect(startDeadline(10, never));
      socket.resetAndDestroy();
      if (noticed) await get(port, '/');
      const started = performance.now();
      await redirect.answer('success');
      expect(performance.now() - started).toBeLessThan(noticed ? 1000 : 3000);
      await listener.close();
      expect(ownListenersAt(port)).toEqual([]);
    },
  );

  it(`survives ${REQUESTS} hostile requests, reflects none, and then succeeds`, async () => {
    const seed = randomBytes(4).readUInt32LE();
    const { milliseconds, ...seen } = await attack(responseMode, seed);
    expect({ seed, ...seen }).toEqual({
      seed,
      otherReplies: [],
      mostAnswered: true,
      evicted: true,
      parameters: { code: CANARY, state: STATE },
    });
    expect(milliseconds).toBeLessThan(2000);
  });
});

/** Hostile requests, then idle and slow connections, and among these the true redirect. */
async function attack(responseMode: Target['responseMode'], seed: number) {
  const path = responseMode === 'query' ? '/' : '/signed-in';
  const { listener, port } = await listen({ responseMode, redirectUri: `http://localhost${path}` });
  const target: Target = { port, path, state: STATE, responseMode };
  const refusal = await get(port, '/favicon.ico');
  const withoutBody = refusal.slice(0, refusal.indexOf('\r\n\r\n') + 4);
  const random = createRandom(seed);
  const replies: string[] = [];
  let left = REQUESTS;
  const attacker = async (_: unknown, at: number) => {
    while (left > 0) {
      left -= 1;
      const address = at % 2 ? '127.0.0.1' : '::1';
      replies.push(await sendRaw(port, hostileRequest(target, random), address));
    }
  };
  await Promise.all(new Array(16).fill(0).map(attacker));
  const slow = write(rightRequest(target)).slice(0, -1);
  const idle = await Promise.all(
    new Array(200).fill(0).map((_, at) => openRaw(port, at % 2 ? slow : '')),
  );
  const started = performance.now();
  const { parameters } = await signIn(listener, target, 'success');
  const milliseconds = performance.now() - started;
  const evicted = idle.filter(({ closed }) => closed).length >= idle.length - 32;
  for (const socket of idle) socket.destroy();
  return {
    // CONNECT is hung up on, HEAD has no body
    otherReplies: replies.filter((reply) => !['', withoutBody, refusal].includes(reply)),
    mostAnswered: replies.filter((reply) => reply === refusal).length > REQUESTS * 0.8,
    evicted,
    parameters,
    milliseconds,
  };
}

it('shows the closing page to who was sent there, once', async () => {
  const { listener, port } = await listen();
  const target: Target = { port, path: '/', state: STATE, responseMode: 'query' };
  const reply = sendRaw(port, write(rightRequest(target)));
  const redirect = await listener.redirect(startDeadline(10, never));
  const answered = redirect.answer('success');
  const { location = '', ...headers } = headersOf(await reply);
  expect(location).toMatch(/^\/[\w-]{16}$/);
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  expect(await get(port, `${location}?x`)).toMatch(/^HTTP\/1\.1 400 /);
  expect(await get(port, location)).toMatch(/^HTTP\/1\.1 200 /);
  await answered;
  expect(await get(port, location)).toMatch(/^HTTP\/1\.1 400 /);
});

it('says once that a browser insists on https, and the redirect still arrives', async () => {
  const { listener, port } = await listen();
  for (const host of ['127.0.0.1', '::1', '127.0.0.1']) {
    const socket = connectTls({ port, host, rejectUnauthorized: false });
    await new Promise((resolve) => socket.on('error', resolve));
  }
  await sendRaw(port, '\u0000\u0001 no HTTP\r\n\r\n');
  expect(warnings).toEqual([expect.stringContaining('the browser insists on https')]);
  const { reply } = await signIn(
    listener,
    { port, path: '/', state: STATE, responseMode: 'query' },
    'success',
  );
  expect(reply).toMatch(/^HTTP\/1\.1 303 /);
});

it('ends a request that takes too long, and none that has arrived', async () => {
  const { listener, port } = await listen({ responseMode: 'form_post' });
  const target: Target = { port, path: '/', state: STATE, responseMode: 'form_post' };
  const whole = write(rightRequest(target));
  const slow = await Promise.all(
    ['', 'POST /', whole.slice(0, 60), whole.slice(0, -5)].map((part) => openRaw(port, part)),
  );
  const drip = setInterval(() => {
    for (const socket of slow) socket.write('x');
  }, 500);
  const reply = sendRaw(port, whole);
  const redirect = await listener.redirect(startDeadline(10, never));
  await Promise.all(
    slow.map((socket) => new Promise((resolve) => socket.closed || socket.on('close', resolve))),
  );
  clearInterval(drip);
  await redirect.answer('success');
  expect(await reply).toContain('You are signed in');
});

it.each([
  ['the deadline', () => startDeadline(0.05, never), 'network'],
  [
    'an interrupt',
    () => startDeadline(10, AbortSignal.abort(new CliError('interrupted', 'interrupted'))),
    'interrupted',
  ],
])('stops waiting at %s and frees the port', async (_name, deadline, code) => {
  const { listener, port } = await listen();
  const idle = await openRaw(port);
  await expect(listener.redirect(deadline())).rejects.toMatchObject({ code });
  expect(ownListenersAt(port)).toHaveLength(2);
  await Promise.all([listener.close(), listener.close()]);
  expect(ownListenersAt(port)).toEqual([]);
  await new Promise((resolve) => idle.closed || idle.on('close', resolve));
  const again = await listen({ port });
  expect(again.port).toBe(port);
});

it('leaves no socket behind, however often', async () => {
  const sockets = () => filesOf('self').filter((file) => file.startsWith('socket:')).length;
  const before = sockets();
  for (let count = 0; count < 100; count += 1) {
    const { listener, port } = await listen();
    const target: Target = { port, path: '/', state: STATE, responseMode: 'query' };
    if (count % 2) await signIn(listener, target, 'success');
    else await openRaw(port);
    await listener.close();
    expect(ownListenersAt(port)).toEqual([]);
  }
  // our own ends of the connections go a little later
  for (let wait = 0; wait < 100 && sockets() > before; wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(sockets()).toBeLessThanOrEqual(before);
});

it('frees the port at the end of the run', async () => {
  const { port } = await listen();
  for (const cleanUp of atEnd.splice(0)) await cleanUp();
  expect(ownListenersAt(port)).toEqual([]);
});

function headersOf(reply: string): Record<string, string> {
  const lines = (reply.split('\r\n\r\n', 1)[0] ?? '').split('\r\n').slice(1);
  return Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
}
