import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
/** Path of the token endpoint. */
let place: string;
/** Of the discovery document. */
let changes: object;
/** Of the id token. */
let claims: object;

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
  place = '/first/token';
  changes = {};
  claims = {};
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
  return send(404, {});
}

function signedInAnswer(iss: string): object {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = { iss, aud: 'app', sub: 'ada', nonce: 'n', exp: 4_000_000_000, ...claims };
  const id_token = [part({ alg: 'RS256' }), part(said), 'signature'].join('.');
  return { token_type: 'Bearer', expires_in: 3600, access_token: 'opaque', id_token };
}

/** A client as the next process has it. */
function nextProcess(env: Env = {}): TokenClient {
  const world = createNetworkApp(env, undefined, home);
  worlds.push(world);
  return createTokenClient(world.app, createHttp(world.app, caFile));
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
      client.refresh(
        { ...request(authority), refreshToken: REFRESH_TOKEN, keep: async () => {} },
        soon(),
      ),
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

const link = (client: TokenClient, authority = entra()) =>
  client.authorizationLink(
    {
      ...request(authority),
      ...{ redirectUri: 'http://localhost', responseMode: 'query' },
      ...{ state: 's', nonce: 'n', codeChallenge: 'c' },
    },
    soon(),
  );

/** Requests as `GET` for a discovery document and the path of every other; from here on. */
function watch(): () => string[] {
  const from = idp.seen.length;
  return () =>
    idp.seen.slice(from).map(({ method, url }) => (method === 'GET' ? 'GET' : pathOf(url)));
}

const pathOf = (url: string) => url.split('?')[0] ?? '';

describe('an authority whose endpoints are not known', () => {
  it.each(GRANTS)(
    'is asked about them in every call, and nothing is kept: %s',
    async (_what, send) => {
      const sent = watch();
      await send(nextProcess());
      place = '/second/token';
      await send(nextProcess());
      expect(sent()).toEqual(['GET', '/first/token', 'GET', '/second/token']);
      expect(findBelow(root, [SECRET, REFRESH_TOKEN, CODE])).toEqual([]);
      expect(existsSync(home)).toBe(false);
    },
  );

  it('may be one that speaks OpenID Connect only', async () => {
    const sent = watch();
    await acquire(nextProcess(), generic());
    expect(sent()).toEqual(['GET', place]);
  });

  it('gets an assertion that was made for its endpoint', async () => {
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
    const paths = ['/first/token', '/second/token'];
    expect(assertions.map(({ aud }) => aud)).toEqual(paths.map((path) => `${idp.origin}${path}`));
    expect(new Set(assertions.map(({ jti }) => jti)).size).toBe(2);
  });

  it.each(GRANTS)(
    'is told apart from a page in the place of its endpoint: %s',
    async (_what, send) => {
      idp.script.push({ status: 404, body: '<html>' });
      await expect(send(nextProcess())).rejects.toMatchObject({
        code: 'network',
        message: `${new URL(idp.origin).host} answered HTTP 404 with no OAuth answer (application/json)`,
      });
    },
  );

  it('is an error of the network where nobody can reach it', async () => {
    const gone = await startFakeIdp({ tls });
    const authority = resolveAuthority({ authority: gone.origin, tenantId: TENANT });
    await gone.close();
    await expect(acquire(nextProcess(), authority)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('the connection was refused'),
    });
  });

  it.each([
    ['another host', () => 'https://evil.example/token'],
    [
      'a name in front of the host',
      () => `${idp.origin.replace('://', '://login.example@')}/token`,
    ],
    ['a password in front of the host', () => `${idp.origin.replace('://', '://:pw@')}/token`],
    ['a fragment', () => `${idp.origin}/token#part`],
  ])('is not believed when it names %s', async (_what, endpoint) => {
    for (const name of ['token_endpoint', 'authorization_endpoint']) {
      changes = { [name]: endpoint() };
      await expect(acquire()).rejects.toMatchObject({
        code: 'network',
        message: expect.stringContaining('not trusted'),
      });
    }
    expect(idp.tokenRequests()).toEqual([]);
  });

  it.each([null, ''])('may write %p for an endpoint that it does not have', async (nothing) => {
    changes = { device_authorization_endpoint: nothing };
    for (const [, send] of GRANTS) await send(nextProcess());
    changes = { device_authorization_endpoint: nothing, authorization_endpoint: nothing };
    await acquire(nextProcess(), generic());
    await expect(link(nextProcess(), generic())).rejects.toMatchObject({
      code: 'auth_failed',
      message: `${idp.origin}/realm has no page to sign in at`,
      details: { hint: 'use --flow DeviceCode' },
    });
    const show = () => {};
    const device = nextProcess().deviceCode({ ...request(generic()), show }, soon());
    await expect(device).rejects.toMatchObject({
      code: 'auth_failed',
      message: `${idp.origin}/realm has no device flow`,
    });
  });
});

describe('what may have been taken is not sent twice', () => {
  it.each([
    ['a reset', 'reset'],
    ['an answer cut short', 'truncated'],
    ['a page', 'html'],
    ['a server in trouble', { status: 500, body: '' }],
    ['a redirect', { redirect: 'https://evil.example/', status: 308 }],
    ['a refusal without words', { status: 400, body: '' }],
    ['a refusal in the words of OAuth', { status: 400, body: { error: 'invalid_grant' } }],
    ['a door that is closed', { status: 403, body: '' }],
  ] as const)('%s', async (_name, behaviour) => {
    for (const [, send] of GRANTS.slice(1)) {
      idp.script.push(behaviour);
      const sent = watch();
      await expect(send(nextProcess())).rejects.toMatchObject({ code: expect.any(String) });
      expect(sent()).toEqual(['GET', place]);
    }
  });
});

describe('a person', () => {
  it('gets the link of now, and the code is redeemed by one request', async () => {
    changes = { authorization_endpoint: `${idp.origin}/moved` };
    const sent = watch();
    const client = nextProcess();
    const { url } = await link(client);
    expect(pathOf(url)).toBe(`${idp.origin}/moved`);
    await GRANTS[2]?.[1](client);
    expect(sent().filter((each) => each !== 'GET')).toEqual([place]);
  });

  it.each([
    ['no text', { preferred_username: ['ada'], tid: 7 }, { id: 'ada' }],
    [
      'text',
      { preferred_username: 'ada@x', tid: 't' },
      { id: 'ada', username: 'ada@x', tenantId: 't' },
    ],
  ])('has the name and the tenant that are text: %s', async (_what, said, account) => {
    claims = said;
    expect(await GRANTS[2]?.[1](nextProcess())).toHaveProperty('signedIn', { account });
  });

  it('gets the device code of now', async () => {
    place = '/second/token';
    const sent = watch();
    const show = () => {};
    await nextProcess().deviceCode({ ...request(entra()), show }, soon());
    expect(sent().filter((each) => each !== 'GET')).toEqual(['/second/device', '/second/token']);
  });
});

it('a host whose endpoints are known gets one request', async () => {
  const proxy = await startConnectProxy({ target: idp.port });
  closers.push(proxy.close);
  const sent = watch();
  await acquire(nextProcess({ HTTPS_PROXY: proxy.url }), resolveAuthority({ tenantId: TENANT }));
  expect(sent()).toEqual([`/${TENANT}/oauth2/v2.0/token`]);
  expect(existsSync(home)).toBe(false);
});
