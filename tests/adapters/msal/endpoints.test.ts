import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../../src/adapters/http/http.ts';
import { createTokenClient } from '../../../src/adapters/msal/msal.ts';
import { type Deadline, startDeadline } from '../../../src/core/deadline.ts';
import type { Authority, Credential, TokenClient } from '../../../src/core/oauth.ts';
import type { Env } from '../../../src/core/ports.ts';
import { resolveAuthority } from '../../../src/entra/authority.ts';
import { findBelow } from '../../support/canaries.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { type FakeIdp, type Seen, startFakeIdp } from '../../support/fake-idp.ts';
import { createNetworkApp, type NetworkApp } from '../../support/network-app.ts';
import { createTestCa } from '../../support/tls.ts';

const TENANT = 'contoso.example';
const DAY = 24 * 3600;
const SECRET = 'secretOfTheClient0123456789';
const REFRESH_TOKEN = 'rt0123456789abcdefghijklmnop';
const CODE = 'code0123456789abcdefghijklmnop';
const tls = createTestCa(['localhost', 'login.microsoftonline.com']);

let root: string;
let home: string;
let caFile: string;
let idp: FakeIdp;
let worlds: NetworkApp[];
let closers: (() => Promise<void>)[];
let time: number;
/** Path of the token endpoint, and what is answered at every other. */
let place: string;
let elsewhere: number;
/** Of the discovery document. */
let changes: object;

beforeAll(async () => {
  idp = await startFakeIdp({ tls, handler: answer });
});
afterAll(() => idp.close());

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokencli-endpoints-'));
  home = join(root, 'home');
  caFile = join(root, 'ca.pem');
  writeFileSync(caFile, tls.caPem);
  idp.seen.length = 0;
  idp.script.length = 0;
  worlds = [];
  closers = [];
  time = Date.now() / 1000;
  place = '/first/token';
  elsewhere = 404;
  changes = {};
});
afterEach(async () => {
  for (const world of worlds) await world.end();
  for (const close of closers) await close();
  rmSync(root, { recursive: true });
});

function answer({ method, url, body }: Seen, response: ServerResponse): boolean {
  const send = (status: number, content: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(content));
    return true;
  };
  const path = url.split('?')[0] ?? '';
  const isGeneric = path.startsWith('/realm/');
  const issuer = `${idp.origin}${isGeneric ? '/realm' : `/${TENANT}/v2.0`}`;
  if (path.endsWith('/openid-configuration')) {
    return send(200, {
      issuer,
      authorization_endpoint: `${idp.origin}/authorize`,
      token_endpoint: `${idp.origin}${place}`,
      device_authorization_endpoint: `${idp.origin}${place.replace('token', 'device')}`,
      jwks_uri: `${idp.origin}/keys`,
      ...changes,
    });
  }
  if (method === 'POST' && path === place.replace('token', 'device')) {
    const verification_uri = `${idp.origin}/enter`;
    const codes = { device_code: 'device-code', user_code: 'ABCD-EFGH' };
    return send(200, { ...codes, verification_uri, expires_in: 60, interval: 1 });
  }
  if (path === place && body['code'] === CODE && idp.script.length === 0) {
    return send(200, signedInAnswer(issuer));
  }
  if (path === place || path.startsWith(`/${TENANT}/oauth2`)) return false;
  expect(body['client_id']).toBe('app');
  return send(elsewhere, {});
}

function signedInAnswer(iss: string): object {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss, aud: 'app', sub: 'ada', nonce: 'n', exp: 4_000_000_000 };
  const id_token = [part({ alg: 'RS256' }), part(claims), 'signature'].join('.');
  return { token_type: 'Bearer', expires_in: 3600, access_token: 'opaque', id_token };
}

async function startAnother(): Promise<FakeIdp> {
  const another = await startFakeIdp({ tls });
  closers.push(another.close);
  return another;
}

/** A client as the next process has it. */
function nextProcess({ env = {}, useCache = true, file = caFile, at = home } = {}): TokenClient {
  const world = createNetworkApp(env as Env, () => time, at);
  worlds.push(world);
  return createTokenClient(world.app, createHttp(world.app, file), { caFile: file, useCache });
}

const entra = () => resolveAuthority({ authority: idp.origin, tenantId: TENANT });
const generic = (path = '/realm') =>
  resolveAuthority({ authority: `${idp.origin}${path}`, protocol: 'oidc', tenantId: 'x' });
const soon = (): Deadline => startDeadline(20, new AbortController().signal);
const BY_SECRET: Credential = { kind: 'secret', secret: SECRET };

function request(authority: Authority, credential?: Credential) {
  return {
    ...{ authority, clientId: 'app', sendX5c: false, thumbprint: 'sha256' as const },
    scopes: ['https://graph.microsoft.com/.default'],
    ...(credential && { credential }),
  };
}

const acquire = (client = nextProcess(), authority = entra(), credential: Credential = BY_SECRET) =>
  client.clientCredentials({ ...request(authority), credential }, soon());

/** What is sent, by the kind of grant; a public client where it may be. */
const GRANTS: [string, (client: TokenClient, authority?: Authority) => Promise<unknown>][] = [
  ['a secret', (client, authority) => acquire(client, authority)],
  [
    'a refresh token',
    (client, authority = entra()) =>
      client.refresh({ ...request(authority), refreshToken: REFRESH_TOKEN }, soon()),
  ],
  [
    'a code',
    (client, authority = entra()) =>
      client.redeemCode(
        {
          ...request(authority),
          ...{ code: CODE, redirectUri: 'http://localhost', nonce: 'n', codeVerifier: 'v' },
        },
        soon(),
      ),
  ],
];

/** Requests as `GET` for a discovery document and the path of every other; from here on. */
function watch(): () => string[] {
  const from = idp.seen.length;
  return () =>
    idp.seen.slice(from).map(({ method, url }) => (method === 'GET' ? 'GET' : pathOf(url)));
}

const pathOf = (url: string) => url.split('?')[0] ?? '';
const files = () => {
  const folder = join(home, 'endpoints');
  return existsSync(folder) ? readdirSync(folder) : [];
};
const lines = () => worlds.flatMap((world) => world.lines);

describe('an authority whose endpoints are not known', () => {
  it.each(GRANTS)('is asked about them once a day: %s', async (_what, send) => {
    const sent = watch();
    await send(nextProcess());
    expect(sent()).toEqual(['GET', place]);
    await send(nextProcess());
    time += DAY - 60;
    await send(nextProcess());
    expect(sent()).toEqual(['GET', place, place, place]);
    time += 61;
    await send(nextProcess());
    expect(sent().slice(4)).toEqual(['GET', place]);
    expect(findBelow(root, [SECRET, REFRESH_TOKEN, CODE])).toEqual([]);
    expect(files()).toHaveLength(1);
  });

  it('is asked again when the clock was set back', async () => {
    await acquire();
    time -= 3600;
    const sent = watch();
    await acquire();
    expect(sent()).toEqual(['GET', place]);
  });

  it('is asked for each spelling and protocol', async () => {
    await acquire();
    const sent = watch();
    await acquire(nextProcess(), { ...entra(), url: `${idp.origin}/Contoso.example` });
    await acquire(nextProcess(), generic());
    await acquire(nextProcess(), { ...generic(), url: `${idp.origin}/realm/` }).catch(() => {});
    expect(sent().filter((each) => each === 'GET')).toHaveLength(3);
    expect(files().length).toBeGreaterThanOrEqual(3);
  });

  it('is asked by each set of trusted certificates', async () => {
    const other = join(root, 'other.pem');
    writeFileSync(other, tls.caPem);
    const extra = { NODE_EXTRA_CA_CERTS: other };
    await acquire();
    const asked = async (client: TokenClient) => {
      const sent = watch();
      await acquire(client);
      return sent().includes('GET');
    };
    expect(await asked(nextProcess({ file: other }))).toBe(true);
    expect(await asked(nextProcess({ env: extra }))).toBe(true);
    expect(await asked(nextProcess({ env: extra }))).toBe(false);
    expect(await asked(nextProcess())).toBe(false);
    writeFileSync(caFile, tls.caPem + createTestCa().caPem);
    expect(await asked(nextProcess())).toBe(true);
  });

  it('is asked by everybody who may not leave anything behind', async () => {
    const sent = watch();
    await acquire(nextProcess({ useCache: false }));
    expect(existsSync(home)).toBe(false);
    await acquire();
    await acquire(nextProcess({ useCache: false }));
    expect(sent()).toEqual(['GET', place, 'GET', place, 'GET', place]);
  });

  it('is asked each time where nothing can be kept, without a word but with --debug', async () => {
    writeFileSync(home, 'not a folder');
    const sent = watch();
    await acquire();
    await acquire();
    expect(sent()).toEqual(['GET', place, 'GET', place]);
    expect(lines().filter((line) => !line.startsWith('debug: '))).toEqual([]);
    expect(lines()).toContainEqual(expect.stringMatching(/^debug: endpoints: not remembered: /));
  });

  it('is asked again after its file was damaged, which is mended', async () => {
    await acquire();
    const [name = ''] = files();
    const path = join(home, 'endpoints', name);
    for (const text of ['', '{', 'x'.repeat(2 << 20)]) {
      writeFileSync(path, text);
      const sent = watch();
      await acquire();
      await acquire();
      expect(sent()).toEqual(['GET', place, place]);
    }
  });
});

describe('a place that is not there any more', () => {
  it.each([404, 405, 410])('is found anew in the same call: HTTP %d', async (status) => {
    await acquire();
    place = '/second/token';
    elsewhere = status;
    for (const [, send] of GRANTS) {
      const sent = watch();
      await send(nextProcess());
      expect(sent()).toEqual(['/first/token', 'GET', '/second/token']);
      const again = watch();
      await send(nextProcess());
      expect(again()).toEqual(['/second/token']);
      place = '/first/token';
      await send(nextProcess());
      place = '/second/token';
    }
  });

  it('gets nothing that was made for another: an assertion names its endpoint', async () => {
    const { key, cert, caPem } = createTestCa(['client']);
    const { raw } = new X509Certificate(cert);
    const hash = (name: string) => createHash(name).update(raw).digest('hex').toUpperCase();
    const certificate: Credential = {
      kind: 'certificate',
      privateKey: createPrivateKey(key).export({ type: 'pkcs8', format: 'pem' }).toString(),
      ...{ sha1: hash('sha1'), sha256: hash('sha256'), chain: [cert, caPem] },
      ...{ notBefore: 0, notAfter: 4_000_000_000, subject: 'CN=client' },
    };
    await acquire(nextProcess(), entra(), certificate);
    place = '/second/token';
    await acquire(nextProcess(), entra(), certificate);
    const assertions = idp.tokenRequests().map(({ body }) => {
      const payload = (body['client_assertion'] ?? '').split('.')[1] ?? '';
      return JSON.parse(Buffer.from(payload, 'base64url').toString());
    });
    const paths = ['/first/token', '/first/token', '/second/token'];
    expect(assertions.map(({ aud }) => aud)).toEqual(paths.map((path) => `${idp.origin}${path}`));
    expect(new Set(assertions.map(({ jti }) => jti)).size).toBe(3);
  });

  it.each(GRANTS)('is left when nobody can be reached there: %s', async (_what, send) => {
    const gone = await startAnother();
    changes = { token_endpoint: `${gone.origin}/token` };
    await acquire(nextProcess(), generic());
    expect(gone.seen).toHaveLength(1);
    await gone.close();
    changes = {};
    const sent = watch();
    await send(nextProcess(), generic());
    expect(sent()).toEqual(['GET', place]);
  });

  it.each(GRANTS)('keeps its error if there is no other: %s', async (_what, send) => {
    await send(nextProcess());
    const sent = watch();
    idp.script.push({ status: 404, body: '<html>' });
    await expect(send(nextProcess())).rejects.toMatchObject({
      code: 'network',
      message: `${new URL(idp.origin).host} answered HTTP 404 with no OAuth answer (application/json)`,
    });
    expect(sent()).toEqual([place, 'GET']);
  });

  it('keeps its error if it is the authority itself that nobody can reach', async () => {
    const gone = await startAnother();
    const authority = resolveAuthority({ authority: gone.origin, tenantId: TENANT });
    await acquire(nextProcess(), authority);
    await gone.close();
    await expect(acquire(nextProcess(), authority)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('the connection was refused'),
    });
    expect(files()).toEqual([]);
    // three attempts at a token, and none at the document
    const posts = lines().filter((line) => line.includes('http: POST') && line.includes('failed'));
    expect(posts).toHaveLength(3);
    expect(lines().filter((line) => line.includes('http: GET'))).toHaveLength(1);
  });

  it('is told in the words of the authority if that knows no place any more', async () => {
    await acquire();
    place = '/second/token';
    changes = { token_endpoint: 'https://evil.example/token' };
    await expect(acquire()).rejects.toMatchObject({
      message: expect.stringContaining('not trusted'),
    });
    expect(files()).toEqual([]);
  });
});

describe('what may have been taken is not sent twice', () => {
  const taken = GRANTS.slice(1);

  it.each([
    ['a reset', 'reset'],
    ['an answer cut short', 'truncated'],
    ['a page', 'html'],
    ['a server in trouble', { status: 500, body: '' }],
    ['a redirect', { redirect: 'https://evil.example/', status: 308 }],
    ['a refusal without words', { status: 400, body: '' }],
    ['a door that is closed', { status: 403, body: '' }],
  ] as const)('%s; but the authority is asked the next time', async (_name, behaviour) => {
    for (const [, send] of taken) {
      await send(nextProcess());
      idp.script.push(behaviour);
      const sent = watch();
      await expect(send(nextProcess())).rejects.toMatchObject({ code: expect.any(String) });
      expect(sent()).toEqual([place]);
      const later = watch();
      await send(nextProcess());
      expect(later()).toEqual(['GET', place]);
    }
  });

  it('a refusal in the words of OAuth comes from the right place', async () => {
    for (const [, send] of taken) {
      await send(nextProcess());
      idp.script.push({ status: 400, body: { error: 'invalid_grant' } });
      await expect(send(nextProcess())).rejects.toMatchObject({ code: 'auth_failed' });
      const later = watch();
      await send(nextProcess());
      expect(later()).toEqual([place]);
    }
  });
});

describe('a person', () => {
  it('gets the link of now, and the code is redeemed by one request', async () => {
    await acquire();
    changes = { authorization_endpoint: `${idp.origin}/moved` };
    const sent = watch();
    const client = nextProcess();
    const { url } = await client.authorizationLink(
      {
        ...request(entra()),
        ...{ redirectUri: 'http://localhost', responseMode: 'query' },
        ...{ state: 's', nonce: 'n', codeChallenge: 'c' },
      },
      soon(),
    );
    expect(pathOf(url)).toBe(`${idp.origin}/moved`);
    await GRANTS[2]?.[1](client);
    expect(sent()).toEqual(['GET', place]);
  });

  it('gets the device code of now', async () => {
    await acquire();
    place = '/second/token';
    const sent = watch();
    const show = () => {};
    await nextProcess().deviceCode({ ...request(entra()), show }, soon());
    expect(sent()).toEqual(['GET', '/second/device', '/second/token']);
  });
});

it('a host whose endpoints are known gets one request, and has no file', async () => {
  const proxy = await startConnectProxy({ target: idp.port });
  closers.push(proxy.close);
  const env = { HTTPS_PROXY: proxy.url };
  const sent = watch();
  for (const count of [1, 2]) {
    await acquire(nextProcess({ env }), resolveAuthority({ tenantId: TENANT }));
    expect(sent()).toEqual(Array(count).fill(`/${TENANT}/oauth2/v2.0/token`));
  }
  expect(existsSync(home)).toBe(false);
});
