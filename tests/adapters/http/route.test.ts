import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { explainFailure } from '../../../src/adapters/http/failure.ts';
import { createHttp } from '../../../src/adapters/http/http.ts';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { Env } from '../../../src/core/ports.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { type FakeIdp, startFakeIdp } from '../../support/fake-idp.ts';
import { createNetworkApp, type NetworkApp } from '../../support/network-app.ts';
import { createTestCa, type TestCa } from '../../support/tls.ts';

const tls = createTestCa();
const PASSWORD = 'p4ssw0rd-canary';
let folder: string;
let idp: FakeIdp;
let world: NetworkApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-way-'));
  idp = await startFakeIdp({ tls });
});

afterAll(async () => {
  await idp.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  world = createNetworkApp();
  idp.seen.length = 0;
});

afterEach(() => world.end());

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function ask(origin: string, env: Env = {}, caFile?: string) {
  world = createNetworkApp(env);
  const file = caFile ?? write('ca.pem', tls.caPem);
  const http = createHttp(world.app, file);
  return http.send({
    method: 'GET',
    url: `${origin}/t/oauth2/v2.0/token`,
    deadline: startDeadline(20, new AbortController().signal),
    repeat: 'safe',
  });
}

async function failure(origin: string, env?: Env, caFile?: string): Promise<CliError> {
  const error = await ask(origin, env, caFile).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CliError);
  return error as CliError;
}

describe('through a proxy', () => {
  it('the host is asked for by name, and the rest is not to be seen', async () => {
    const proxy = await startConnectProxy({ target: idp.port });
    const answer = await ask('https://localhost', { HTTPS_PROXY: proxy.url });
    expect(answer.status).toBe(200);
    expect(proxy.asked).toEqual(['localhost:443']);
    await proxy.close();
  });

  it('the lower-case variable comes first', async () => {
    const proxy = await startConnectProxy({ target: idp.port });
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: proxy.url };
    expect((await ask(idp.origin, env)).status).toBe(200);
    expect(proxy.asked).toEqual([`localhost:${idp.port}`]);
    await proxy.close();
  });

  it('user and password open it, also with characters that a URL must escape', async () => {
    const proxy = await startConnectProxy({ target: idp.port, login: 'us@er:p:w/d' });
    const url = proxy.url.replace('//', '//us%40er:p%3Aw%2Fd@');
    expect((await ask(idp.origin, { HTTPS_PROXY: url })).status).toBe(200);
    await proxy.close();
  });

  it.each(['localhost', '*', 'other, localhost', '.localhost', 'LOCALHOST'])(
    'unless NO_PROXY is %s',
    async (list) => {
      const proxy = await startConnectProxy({ target: idp.port });
      const env = { HTTPS_PROXY: proxy.url, NO_PROXY: list };
      expect((await ask(idp.origin, env)).status).toBe(200);
      expect(proxy.asked).toEqual([]);
      await proxy.close();
    },
  );

  it('a wrong password is the proxy to blame, at once, and is not shown', async () => {
    const proxy = await startConnectProxy({ target: idp.port, login: 'user:right' });
    const url = proxy.url.replace('//', `//user:${PASSWORD}@`);
    const error = await failure(idp.origin, { HTTPS_PROXY: url });
    expect(error.code).toBe('network');
    expect(error.message).toBe(
      `no way to localhost:${idp.port}: the proxy ${proxy.url} asks for a user name and password`,
    );
    expect(world.lines.filter((line) => line.includes(' failed: '))).toHaveLength(1);
    expect(JSON.stringify([error.message, error.details.hint, world.lines])).not.toContain(
      PASSWORD,
    );
    await proxy.close();
  });

  it('a proxy out of reach is named without its password', async () => {
    const proxy = await startConnectProxy({ target: idp.port });
    await proxy.close();
    const url = proxy.url.replace('//', `//user:${PASSWORD}@`);
    const error = await failure(idp.origin, { HTTPS_PROXY: url });
    expect(error.message).toBe(
      `no answer from localhost:${idp.port} through the proxy ${proxy.url}: the connection was refused (TCP)`,
    );
    expect(world.lines.join('\n')).not.toContain(PASSWORD);
  });

  it.each(['proxy:8080', 'not a url', 'socks5://127.0.0.1:1', 'ftp://proxy'])(
    'the value %s is a mistake that names the variable',
    async (value) => {
      const error = await failure(idp.origin, { HTTPS_PROXY: value });
      expect(error.code).toBe('usage');
      expect(error.message).toContain('HTTPS_PROXY');
    },
  );
});

describe('trust', () => {
  const at = async (ca: TestCa, origin = (idp: FakeIdp) => idp.origin, caFile?: string) => {
    const server = await startFakeIdp({ tls: ca });
    const error = await failure(origin(server), {}, caFile);
    expect(server.seen).toEqual([]);
    await server.close();
    return error;
  };

  it('an unknown authority is refused, with the way to name it', async () => {
    const error = await at(createTestCa());
    expect(error.code).toBe('network');
    expect(error.message).toContain("the server's certificate comes from an unknown authority");
    expect(error.details.hint).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('a certificate for another host is refused', async () => {
    const ca = createTestCa(['elsewhere.example']);
    const error = await at(ca, undefined, write('elsewhere.pem', ca.caPem));
    expect(error.message).toContain("the server's certificate is for another host");
  });

  it('an expired certificate is refused', async () => {
    const dates = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') };
    const ca = createTestCa(undefined, dates);
    const error = await at(ca, undefined, write('expired.pem', ca.caPem));
    expect(error.message).toContain("the server's certificate has expired");
  });

  it('NODE_EXTRA_CA_CERTS is trusted beside caFile', async () => {
    const env = { NODE_EXTRA_CA_CERTS: write('extra.pem', tls.caPem) };
    expect((await ask(idp.origin, env, write('other.pem', createTestCa().caPem))).status).toBe(200);
  });

  it.each([
    ['is missing', 'nowhere.pem', undefined],
    ['holds no certificate', 'empty.pem', 'nothing here'],
    [
      'holds a damaged certificate',
      'damaged.pem',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    ],
  ])('a caFile that %s is wrong data', async (_name, file, text) => {
    const path = text === undefined ? join(folder, file) : write(file, text);
    const error = await failure(idp.origin, {}, path);
    expect(error.code).toBe('invalid_data');
    expect(error.message).toContain(file);
  });

  it('NODE_TLS_REJECT_UNAUTHORIZED=0 is refused', async () => {
    const error = await failure(idp.origin, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(error.code).toBe('usage');
    expect(idp.seen).toEqual([]);
  });
});

describe('the cause of a failure, on one line', () => {
  it('nobody listens', async () => {
    const server = await startFakeIdp({ tls });
    await server.close();
    const error = await failure(server.origin);
    expect(error.message).toBe(
      `no answer from localhost:${server.port}: the connection was refused (TCP)`,
    );
    expect(error.details.retryable).toBe(true);
  });

  it.each([
    ['ENOTFOUND', 'no answer from idp.example: DNS does not know the host name'],
    ['EAI_AGAIN', 'no answer from idp.example: DNS does not answer'],
    ['ENETUNREACH', 'no answer from idp.example: the network cannot be reached'],
    ['UND_ERR_CONNECT_TIMEOUT', 'no answer from idp.example: no connection within 10s'],
  ])('%s', (code, message) => {
    const cause = Object.assign(new Error('low level'), { code });
    expect(explainFailure(cause, { host: 'idp.example' }).message).toBe(message);
  });
});
