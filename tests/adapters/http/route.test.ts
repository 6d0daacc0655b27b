import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { explainFailure } from '../../../src/adapters/http/failure.ts';
import { createHttp } from '../../../src/adapters/http/http.ts';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { Env } from '../../../src/core/ports.ts';
import { redact } from '../../../src/output/redact.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { type FakeIdp, startFakeIdp } from '../../support/fake-idp.ts';
import { createNetworkApp, type NetworkApp } from '../../support/network-app.ts';
import { createTestCa, createTestChain, type TestCa } from '../../support/tls.ts';

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

function write(name: string, text: string | Buffer): string {
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

  it.each([
    ...['localhost', '*', 'other, localhost', '.localhost', 'LOCALHOST', 'localhost.'],
    ...['127.0.0.0/8', '127.0.0.1/32', '127.0.0.1'],
  ])('unless NO_PROXY is %s', async (list) => {
    const proxy = await startConnectProxy({ target: idp.port });
    const env = { HTTPS_PROXY: proxy.url, no_proxy: '', NO_PROXY: list };
    const origin = list.startsWith('127.') ? `https://127.0.0.1:${idp.port}` : idp.origin;
    expect((await ask(origin, env)).status).toBe(200);
    expect(proxy.asked).toEqual([]);
    await proxy.close();
  });

  it.each(['10.0.0.0/8', '127.0.0.0/99', '::/0', 'host/8', '127.0.0.0', '.'])(
    'also if NO_PROXY is %s',
    async (list) => {
      const proxy = await startConnectProxy({ target: idp.port });
      const env = { HTTPS_PROXY: proxy.url, NO_PROXY: list };
      expect((await ask(`https://127.0.0.1:${idp.port}`, env)).status).toBe(200);
      expect(proxy.asked).toHaveLength(1);
      await proxy.close();
    },
  );

  it.each(['::1', '[::1]', '[::1]/128', '0:0:0:0:0:0:0:1', '[0::1]:1'])(
    'unless NO_PROXY is %s, for an address of IPv6',
    async (list) => {
      const proxy = await startConnectProxy({ target: idp.port });
      const error = await failure('https://[::1]:1', { HTTPS_PROXY: proxy.url, NO_PROXY: list });
      expect(error.message).toContain('no answer from [::1]:1: ');
      expect(proxy.asked).toEqual([]);
      await proxy.close();
    },
  );

  it('the proxy is blamed if it does not speak TLS, or does not answer in HTTP', async () => {
    const plain = await startConnectProxy({ target: idp.port });
    const noTls = await failure(idp.origin, { HTTPS_PROXY: plain.url.replace('http', 'https') });
    expect(noTls.message).toMatch(/: the proxy does not speak TLS$/);
    expect(noTls.details.hint).toBe('begin HTTPS_PROXY with http:// instead of https://');
    await plain.close();
    const socks = createTcpServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('\x05\xff'),
    );
    await new Promise<void>((resolve) => socks.listen(0, '127.0.0.1', resolve));
    const { port } = socks.address() as AddressInfo;
    const noHttp = await failure(idp.origin, { HTTPS_PROXY: `http://127.0.0.1:${port}` });
    expect(noHttp.message).toMatch(/: the proxy does not answer in HTTP$/);
    expect(noHttp.details.hint).toContain('name an HTTP proxy in HTTPS_PROXY');
    await new Promise((resolve) => socks.close(resolve));
  });

  it.each(['#', '/', '?', '\\'])('a password with %s is refused and not shown', async (mark) => {
    const value = `http://bob:1234${mark}${PASSWORD}@proxy.example:80`;
    const error = await failure(idp.origin, { HTTPS_PROXY: value });
    expect(error).toMatchObject({ code: 'usage' });
    expect(error.details.hint).toContain('write \\ as %5C, # as %23');
    expect(JSON.stringify([error.message, error.details.hint, world.lines])).not.toContain('1234');
  });

  it('a wrong password is the proxy to blame, at once, and is not shown', async () => {
    const proxy = await startConnectProxy({ target: idp.port, login: 'user:right' });
    const url = proxy.url.replace('//', `//user:${PASSWORD}@`);
    const error = await failure(idp.origin, { HTTPS_PROXY: url });
    expect(error.code).toBe('network');
    expect(error.message).toBe(
      `no way to localhost:${idp.port}: the proxy ${proxy.url} does not accept the user name and password`,
    );
    expect(world.lines.filter((line) => line.includes(' failed: '))).toHaveLength(1);
    expect(JSON.stringify([error.message, error.details.hint, world.lines])).not.toContain(
      PASSWORD,
    );
    await proxy.close();
  });

  it('the name of a host without a scheme means http', async () => {
    const proxy = await startConnectProxy({ target: idp.port, login: 'user:right' });
    const value = proxy.url.replace('http://', 'user:right@');
    expect((await ask(idp.origin, { HTTPS_PROXY: value })).status).toBe(200);
    await proxy.close();
  });

  it.each([
    ['100%', '100%'],
    ['%zz%41', '%zzA'],
  ])('the password %s needs no further escapes', async (written, meant) => {
    const proxy = await startConnectProxy({ target: idp.port, login: `user:${meant}` });
    const url = proxy.url.replace('//', `//user:${written}@`);
    expect((await ask(idp.origin, { HTTPS_PROXY: url })).status).toBe(200);
    await proxy.close();
  });

  it('that is itself reached by TLS, and only if it is trusted', async () => {
    const proxy = await startConnectProxy({ target: idp.port, login: 'user:right', tls });
    const env = { HTTPS_PROXY: proxy.url.replace('//', '//user:right@') };
    expect((await ask(idp.origin, env)).status).toBe(200);
    await proxy.close();
    const other = createTestCa();
    const stranger = await startConnectProxy({ target: idp.port, login: 'user:right', tls: other });
    const error = await failure(idp.origin, {
      HTTPS_PROXY: stranger.url.replace('//', '//user:right@'),
    });
    expect(error.message).toContain("the proxy's certificate comes from an unknown authority");
    expect(stranger.asked).toEqual([]);
    await stranger.close();
  });

  it.each<[string, string[], string, string]>([
    ['Basic', ['Basic realm="NTLM"'], 'asks for a user name and password', 'USER:PASSWORD@HOST'],
    ['Basic among others', ['Negotiate', 'Basic realm=x'], 'user name and password', 'http://'],
    ['nothing we know', ['Negotiate', 'NTLM'], 'sign-in by Negotiate or NTLM', 'HTTPS_PROXY'],
  ])('a proxy that offers %s gets a fitting hint, which is shown', async (...row) => {
    const [, schemes, why, way] = row;
    const proxy = await startConnectProxy({ target: idp.port, login: 'user:right', schemes });
    const error = await failure(idp.origin, { HTTPS_PROXY: proxy.url });
    expect(error.message).toContain(why);
    const hint = error.details.hint ?? '';
    expect(hint).toContain(way);
    expect(redact(hint, [])).toBe(hint);
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

  it.each(['proxy:port', 'not a url', 'socks5://127.0.0.1:1', 'ftp://proxy'])(
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

  it.each<[string, (pem: string) => string]>([
    ['on one line', (pem) => pem.replaceAll('\n', ' ')],
    ['with line ends written out', (pem) => pem.replaceAll('\n', '\\n')],
    ['with the line ends of old Macs', (pem) => pem.replaceAll('\n', '\r')],
    ['indented', (pem) => pem.replaceAll('\n', '\n    ')],
    ['with blank lines', (pem) => pem.replaceAll('\n', '\n\n')],
    ['under an older label', (pem) => pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
  ])('caFile may be PEM %s', async (_name, reflow) => {
    const path = write('reflowed.pem', reflow(tls.caPem));
    expect((await ask(idp.origin, {}, path)).status).toBe(200);
  });

  it('NODE_EXTRA_CA_CERTS may have a byte order mark, may be DER, and is told if it is of no use', async () => {
    const { raw } = new X509Certificate(tls.caPem);
    for (const content of [`\ufeff${tls.caPem}`, raw]) {
      const path = write('extra.pem', content);
      const env = { NODE_EXTRA_CA_CERTS: path };
      expect((await ask(idp.origin, env, write('other.pem', createTestCa().caPem))).status).toBe(
        200,
      );
    }
    const path = write('empty.pem', '');
    expect((await ask(idp.origin, { NODE_EXTRA_CA_CERTS: path })).status).toBe(200);
    expect(world.lines).toContain(
      `warn: NODE_EXTRA_CA_CERTS is not used: ${path}: it holds no certificate that can be read (PEM or DER)`,
    );
  });

  it('NODE_EXTRA_CA_CERTS is trusted beside caFile', async () => {
    const env = { NODE_EXTRA_CA_CERTS: write('extra.pem', tls.caPem) };
    expect((await ask(idp.origin, env, write('other.pem', createTestCa().caPem))).status).toBe(200);
  });

  it.each([true, false])(
    'an issuing authority alone is enough (chain shown: %s)',
    async (shown) => {
      const chain = createTestChain(shown);
      const server = await startFakeIdp({ tls: chain });
      const { status } = await ask(server.origin, {}, write('issuing.pem', chain.issuingPem));
      expect(status).toBe(200);
      await server.close();
    },
  );

  it.each([true, false])(
    'the authority that is missing is named (chain shown: %s)',
    async (shown) => {
      const chain = createTestChain(shown);
      const { message } = await at(chain);
      expect(message).toContain(shown ? `(${chain.rootName})` : `(${chain.issuingName})`);
    },
  );

  it('a caFile may be DER, and may hold damaged certificates beside sound ones', async () => {
    const der = write('ca.der', '');
    writeFileSync(der, new X509Certificate(tls.caPem).raw);
    expect((await ask(idp.origin, {}, der)).status).toBe(200);
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const mixed = write('mixed.pem', `# ours\n${damaged}${tls.caPem}${damaged}`);
    expect((await ask(idp.origin, {}, mixed)).status).toBe(200);
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

  it('a caFile for which one would have to wait is refused', async () => {
    const fifo = join(folder, 'fifo');
    spawnSync('mkfifo', [fifo]);
    for (const path of [fifo, '/dev/zero', folder]) {
      const error = await failure(idp.origin, { NODE_EXTRA_CA_CERTS: path }, path);
      expect(error.message).toMatch(
        /^cannot read the caFile \S+: it is (not a regular file|a folder)$/,
      );
    }
    expect((await ask(idp.origin, { NODE_EXTRA_CA_CERTS: fifo })).status).toBe(200);
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
    ['CONNECT_TIMEOUT', 'no answer from idp.example: no connection within 10s'],
  ])('%s', (code, message) => {
    const cause = Object.assign(new Error('low level'), { code });
    expect(explainFailure(cause, 'idp.example').message).toBe(message);
  });

  const refusal = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { message, details } = await failure(`https://localhost:${port}`);
    expect(details.retryable).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    return message;
  };

  it('a server of TLS 1.1 that says so, and one that just answers with it', async () => {
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    const { key, cert } = tls;
    expect(await refusal(createTlsServer({ ...old, key, cert }))).toContain('TLS 1.1 or older');
    // ServerHello of TLS 1.1: version, random, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression
    const body = Buffer.concat([
      Buffer.from([3, 2]),
      Buffer.alloc(32, 7),
      Buffer.from([0, 0, 47, 0]),
    ]);
    const hello = Buffer.concat([
      Buffer.from([22, 3, 2, 0, body.length + 4, 2, 0, 0, body.length]),
      body,
    ]);
    const answering = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(hello));
    });
    expect(await refusal(answering)).toContain('TLS 1.1 or older');
  });

  it('a server without TLS', async () => {
    const plain = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(await refusal(plain)).toContain('does not speak TLS');
  });
});
