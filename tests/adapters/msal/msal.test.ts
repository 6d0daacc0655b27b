import {
  createHash,
  createPrivateKey,
  createPublicKey,
  verify,
  X509Certificate,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../../src/adapters/http/http.ts';
import { createTokenClient } from '../../../src/adapters/msal/msal.ts';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { ClientCredentialsRequest, Credential } from '../../../src/core/oauth.ts';
import type { Env } from '../../../src/core/ports.ts';
import { resolveAuthority } from '../../../src/entra/authority.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { type Behaviour, type FakeIdp, type Seen, startFakeIdp } from '../../support/fake-idp.ts';
import { createNetworkApp, type NetworkApp } from '../../support/network-app.ts';
import { createTestCa } from '../../support/tls.ts';
import { compact } from '../../support/tokens.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const SCOPE = 'https://graph.microsoft.com/.default';
const SECRET = '-s3~c+r/e&t=%c a"nary';
const HOSTS = [
  'localhost',
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'contoso.ciamlogin.com',
];
const tls = createTestCa(HOSTS);
const certified = createTestCa(['client']);
let folder: string;
let caFile: string;
let idp: FakeIdp;
let world: NetworkApp;
/** Answers first, when a test sets it. */
let answerFirst: ((seen: Seen, response: ServerResponse) => boolean) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-msal-'));
  caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, tls.caPem);
  idp = await startFakeIdp({ tls, handler: (seen, res) => answerFirst?.(seen, res) ?? false });
});

afterAll(async () => {
  await idp.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  answerFirst = undefined;
  idp.seen.length = 0;
  idp.script.length = 0;
});

afterEach(() => world.end());

function certificate(): Credential {
  const { raw } = new X509Certificate(certified.cert);
  const hash = (name: string) => createHash(name).update(raw).digest('hex').toUpperCase();
  return {
    kind: 'certificate',
    privateKey: createPrivateKey(certified.key).export({ type: 'pkcs8', format: 'pem' }).toString(),
    sha1: hash('sha1'),
    sha256: hash('sha256'),
    chain: [certified.cert, certified.caPem],
    notBefore: 0,
    notAfter: 4_000_000_000,
    subject: 'CN=client',
  };
}

const custom = () => resolveAuthority({ authority: idp.origin, tenantId: TENANT });

async function acquire(
  request: Partial<ClientCredentialsRequest> = {},
  env: Env = {},
  seconds = 20,
) {
  world = createNetworkApp(env);
  const http = createHttp(world.app, caFile);
  const client = createTokenClient(world.app, http);
  return client.clientCredentials(
    {
      authority: custom(),
      clientId: 'the-app',
      scopes: [SCOPE],
      credential: { kind: 'secret', secret: SECRET },
      sendX5c: false,
      thumbprint: 'sha256',
      ...request,
    },
    startDeadline(seconds, new AbortController().signal),
  );
}

async function refusal(
  behaviour: Behaviour | readonly Behaviour[],
  request?: Partial<ClientCredentialsRequest>,
): Promise<CliError> {
  idp.script.push(...[behaviour].flat());
  const error = await acquire(request).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CliError);
  return error as CliError;
}

const jwt = (claims: object) => compact({ alg: 'none' }, claims);

const json = (response: ServerResponse, body: object, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return true;
};

describe('at a host whose endpoints are known', () => {
  it.each([
    ['public', 'login.microsoftonline.com'],
    ['usgov', 'login.microsoftonline.us'],
    ['china', 'login.partner.microsoftonline.cn'],
  ] as const)('%s: one request in all, to %s', async (cloud, host) => {
    const proxy = await startConnectProxy({ target: idp.port });
    const authority = resolveAuthority({ cloud, tenantId: TENANT });
    const token = await acquire({ authority }, { HTTPS_PROXY: proxy.url });
    expect(token).toMatchObject({ tokenType: 'Bearer', scopes: [SCOPE] });
    expect(proxy.asked).toEqual([`${host}:443`]);
    expect(idp.seen).toHaveLength(1);
    expect(idp.seen[0]?.url.split('?')[0]).toBe(`/${TENANT}/oauth2/v2.0/token`);
    await proxy.close();
  });
});

describe('a secret', () => {
  it('arrives to the letter, in the body alone', async () => {
    const before = Math.floor(Date.now() / 1000);
    const token = await acquire();
    const [post] = idp.tokenRequests();
    expect(post?.body).toMatchObject({
      grant_type: 'client_credentials',
      client_id: 'the-app',
      client_secret: SECRET,
      scope: SCOPE,
    });
    expect(decodeURIComponent(post?.url ?? '')).not.toContain(SECRET);
    expect(token.accessToken).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(token.expiresOn - before).toBeGreaterThanOrEqual(3599);
    expect(token.expiresOn - before).toBeLessThanOrEqual(3605);
    expect(world.hidden).toEqual(expect.arrayContaining([SECRET, token.accessToken]));
    expect(world.lines.join('\n')).not.toContain(SECRET);
  });

  it('is asked for anew each time, at an unknown host after one discovery', async () => {
    const first = await acquire();
    const second = await acquire();
    expect(first.accessToken).not.toBe(second.accessToken);
    expect(idp.seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'POST']);
  });

  it('the double slash of a resource is kept', async () => {
    await acquire({ scopes: ['https://vault.example//.default'] });
    expect(idp.tokenRequests()[0]?.body['scope']).toBe('https://vault.example//.default');
  });

  it('claims are passed on', async () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
    await acquire({ claims });
    const sent = JSON.parse(idp.tokenRequests()[0]?.body['claims'] ?? '');
    expect(sent.access_token).toEqual({ nbf: { essential: true, value: '1' } });
  });
});

describe('a certificate', () => {
  const assertionOf = (seen: Seen | undefined) => {
    const assertion = seen?.body['client_assertion'] ?? '';
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    return {
      header: read(header),
      payload: read(payload),
      signed: Buffer.from(`${header}.${payload}`),
      signature: Buffer.from(signature, 'base64url'),
    };
  };
  const digest = (name: string) =>
    createHash(name).update(new X509Certificate(certified.cert).raw).digest('base64url');

  it('signs PS256 and is named by its SHA-256 thumbprint', async () => {
    await acquire({ credential: certificate() });
    const { header, payload, signed, signature } = assertionOf(idp.tokenRequests()[0]);
    expect(header).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': digest('sha256') });
    expect(payload).toMatchObject({
      iss: 'the-app',
      sub: 'the-app',
      aud: `${idp.origin}/${TENANT}/oauth2/v2.0/token`,
    });
    const key = { key: createPublicKey(certified.cert), padding: 6, saltLength: 32 };
    expect(verify('sha256', signed, key, signature)).toBe(true);
  });

  it('signs RS256 and is named by its SHA-1 thumbprint by choice', async () => {
    await acquire({ credential: certificate(), thumbprint: 'sha1' });
    const { header, signed, signature } = assertionOf(idp.tokenRequests()[0]);
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', x5t: digest('sha1') });
    expect(verify('sha256', signed, createPublicKey(certified.cert), signature)).toBe(true);
  });

  it('sends its chain by choice, the leaf first', async () => {
    await acquire({ credential: certificate(), sendX5c: true });
    const { header } = assertionOf(idp.tokenRequests()[0]);
    expect(header.x5c).toEqual(
      [certified.cert, certified.caPem].map((pem) =>
        new X509Certificate(pem).raw.toString('base64'),
      ),
    );
  });
});

describe('a refusal', () => {
  const body = {
    error: 'invalid_client',
    error_description:
      'AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t\r\nCorrelation ID: c',
    error_codes: [7000215],
    timestamp: '2026-11-24 05:00:00Z',
    trace_id: 'trace-1',
    correlation_id: 'correlation-1',
  };

  it('keeps number, ids and time, on one line', async () => {
    const error = await refusal({ status: 401, body });
    expect(error.code).toBe('auth_failed');
    expect(error.message).not.toMatch(/[\r\n]/);
    expect(error.message).toContain('AADSTS7000215');
    expect(error.details).toMatchObject({
      aadsts: 7000215,
      oauthError: 'invalid_client',
      traceId: 'trace-1',
      correlationId: 'correlation-1',
      timestamp: '2026-11-24 05:00:00Z',
    });
    expect(idp.tokenRequests()).toHaveLength(1);
  });

  it('keeps a number that only the text names', async () => {
    const { error_codes: _, ...rest } = body;
    expect((await refusal({ status: 400, body: rest })).details.aadsts).toBe(7000215);
  });

  it.each([
    'invalid_client',
    'unauthorized_client',
    'invalid_grant',
    'invalid_scope',
    'invalid_resource',
    'access_denied',
    'something_new',
  ])('%s is one for good', async (error) => {
    expect((await refusal({ status: 400, body: { error } })).code).toBe('auth_failed');
  });

  it.each([400, 401])('%d with an empty body says its status', async (status) => {
    const error = await refusal({ status, body: '' });
    expect(error.code).toBe('auth_failed');
    expect(error.message).toContain(`HTTP ${status}`);
  });

  it('of the tenant, at discovery, keeps its number', async () => {
    answerFirst = (seen, response) =>
      seen.method === 'GET' &&
      json(response, { error: 'invalid_tenant', error_description: 'AADSTS90002: Tenant' }, 400);
    const error = await refusal('ok');
    expect(error.code).toBe('auth_failed');
    expect(error.details.aadsts).toBe(90002);
    expect(idp.tokenRequests()).toEqual([]);
  });
});

describe('trouble is no refusal', () => {
  it.each<[string, Behaviour, RegExp]>([
    ['a login page', 'html', /HTTP 200.*text\/html/],
    ['an answer without a token', 'no-token', /no token/],
    ['a page that is not there', { status: 404, body: '<html>' }, /HTTP 404/],
    ['an error that names nothing', { status: 500, body: {} }, /HTTP 500/],
    ['a busy server', { status: 503, body: 'down' }, /HTTP 503/],
    ['JSON that is no object', { status: 200, body: '[]' }, /HTTP 200/],
  ])('%s', async (_name, behaviour, message) => {
    const error = await refusal([behaviour, behaviour, behaviour]);
    expect(error.code).toBe('network');
    expect(error.message).toMatch(message);
  });

  it('429 to the end tells how long to wait', async () => {
    const answer: Behaviour = {
      status: 429,
      headers: { 'retry-after': '90' },
      body: { error: 'temporarily_unavailable' },
    };
    const error = await refusal(answer);
    expect(error.code).toBe('network');
    expect(error.details).toMatchObject({ retryAfter: 90, retryable: true });
  });

  it.each<[string, Behaviour[]]>([
    ['resets', ['reset', 'reset', 'reset']],
    ['truncated answers', ['truncated', 'truncated', 'truncated']],
    ['an oversized answer', ['oversized']],
  ])('%s reach the caller with their cause', async (_name, script) => {
    const error = await refusal(script);
    expect(error.code).toBe('network');
    expect(error.message).toMatch(/^(no answer from localhost|the answer is larger)/);
  });

  it('a redirect is not followed', async () => {
    const other = await startFakeIdp({ tls });
    const error = await refusal({ redirect: `${other.origin}/${TENANT}/oauth2/v2.0/token` });
    expect(error.code).toBe('network');
    expect(other.seen).toEqual([]);
    await other.close();
  });

  it('the deadline ends a hanging server', async () => {
    idp.script.push('hang');
    await expect(acquire({}, {}, 1)).rejects.toMatchObject({ message: 'no result within 1s' });
  });
});

describe('an answer that nobody can use', () => {
  const good = { access_token: 'opaque', token_type: 'Bearer', expires_in: 3600 };
  it.each([
    ['an empty token', { ...good, access_token: '' }],
    ['a token with a line break', { ...good, access_token: 'a\nb' }],
    ['a token that is a number', { ...good, access_token: 7 }],
    ['a token over 64 KiB', { ...good, access_token: 'a'.repeat(65_537) }],
    ['another type', { ...good, token_type: 'pop' }],
    ['no type', { access_token: 'opaque', expires_in: 3600 }],
    ['a life of nothing', { ...good, expires_in: 0 }],
    ['a life of half a second', { ...good, expires_in: 0.5 }],
    ['a life of a list', { ...good, expires_in: [3600] }],
    ['a life of a word', { ...good, expires_in: 'long' }],
    [
      'a JWT that says that it never lived',
      { ...good, expires_in: undefined, access_token: jwt({ iat: 9, exp: 9 }) },
    ],
    ['the scope of another resource', { ...good, scope: 'https://vault.azure.net/.default' }],
  ])('%s', async (_name, body) => {
    const error = await refusal({ status: 200, body });
    expect(error.code).toBe('network');
  });

  it.each([
    ['the scope asked for', SCOPE, [SCOPE]],
    ['another scope of the resource', 'https://GRAPH.microsoft.com/User.Read', undefined],
    ['the resource by its id', '00000003-0000-0000-c000-000000000000/User.Read', undefined],
    ['bare names', 'User.Read Mail.Read', ['User.Read', 'Mail.Read']],
    ['an empty scope', '', [SCOPE]],
    ['a list of scopes', [SCOPE], [SCOPE]],
    ['a scope that is no text', 5, [SCOPE]],
  ])('%s is fine', async (_name, scope, expected) => {
    idp.script.push({ status: 200, body: { ...good, scope } });
    expect((await acquire()).scopes).toEqual(expected ?? [scope]);
  });

  it('the type may be written in any case, the life as text', async () => {
    idp.script.push({ status: 200, body: { ...good, token_type: 'bearer', expires_in: '3599' } });
    expect((await acquire()).tokenType).toBe('Bearer');
  });
});

describe('the life of a token', () => {
  const good = { access_token: 'opaque', token_type: 'Bearer', expires_in: 3600 };
  it.each([
    ['told in full seconds', { expires_in: 3599 }, 3599],
    ['told as text', { expires_in: '3599' }, 3599],
    ['told in fractions', { expires_in: 3599.9 }, 3599],
    ['told in fractions as text', { expires_in: '3599.9' }, 3599],
    ['longer than a year', { expires_in: 315_360_000 }, 31_536_000],
    ['not told, of an opaque token', { expires_in: undefined }, 600],
    ['told as null', { expires_in: null }, 600],
    ['told as nothing', { expires_in: '' }, 600],
    [
      'not told, of a JWT that tells it',
      { expires_in: undefined, access_token: jwt({ iat: 1_000, exp: 2_200 }) },
      1200,
    ],
    [
      'not told, of a JWT that begins later',
      { expires_in: undefined, access_token: jwt({ nbf: 1_000, exp: 1_900 }) },
      900,
    ],
    [
      'not told, of a JWT that counts milliseconds',
      {
        expires_in: undefined,
        access_token: jwt({ iat: 1_800_000_000_000, exp: 1_800_003_600_000 }),
      },
      600,
    ],
    [
      'not told, of a JWT without an end',
      { expires_in: undefined, access_token: jwt({ iat: 1_000 }) },
      600,
    ],
  ])('%s', async (_name, told, seconds) => {
    idp.script.push({ status: 200, body: { ...good, ...told } });
    const before = Math.floor(Date.now() / 1000);
    const { expiresOn } = await acquire();
    expect(expiresOn - before).toBeGreaterThanOrEqual(seconds);
    expect(expiresOn - before).toBeLessThanOrEqual(seconds + 5);
  });
});

describe('discovery', () => {
  const document = (changes: object) => {
    const at = `${idp.origin}/${TENANT}`;
    return {
      issuer: `${at}/v2.0`,
      authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
      token_endpoint: `${at}/oauth2/v2.0/token`,
      jwks_uri: `${at}/discovery/v2.0/keys`,
      ...changes,
    };
  };
  const serve = (changes: object) => {
    answerFirst = (seen, response) => seen.method === 'GET' && json(response, document(changes));
  };

  it.each([
    ['a token endpoint elsewhere', { token_endpoint: 'https://evil.example/token' }],
    ['a token endpoint without TLS', { token_endpoint: 'http://localhost/token' }],
    ['no token endpoint', { token_endpoint: undefined }],
    ['a foreign issuer', { issuer: 'https://evil.example/' }],
  ])('that names %s is not trusted', async (_name, changes) => {
    serve(changes);
    const error = await refusal('ok');
    expect(error.code).toBe('network');
    expect(idp.tokenRequests()).toEqual([]);
  });

  it('may name the issuer by another host of the same service', async () => {
    answerFirst = (seen, response) => {
      if (seen.method !== 'GET') return false;
      const at = `https://contoso.ciamlogin.com/${TENANT}`;
      return json(response, {
        issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
        authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
        token_endpoint: `${at}/oauth2/v2.0/token`,
        jwks_uri: `${at}/discovery/v2.0/keys`,
      });
    };
    const proxy = await startConnectProxy({ target: idp.port });
    const settings = { authority: 'https://contoso.ciamlogin.com', tenantId: TENANT };
    const authority = resolveAuthority(settings);
    const token = await acquire({ authority }, { HTTPS_PROXY: proxy.url });
    expect(token.tokenType).toBe('Bearer');
    await proxy.close();
  });

  it.each(['/realms/MyRealm', '/Adfs', '', '/a/B/c'])(
    'of a generic issuer at "%s" keeps the case of its path',
    async (path) => {
      const issuer = `${idp.origin}${path}`;
      answerFirst = (seen, response) =>
        seen.method === 'GET' &&
        json(response, {
          issuer,
          authorization_endpoint: `${issuer}/Auth`,
          token_endpoint: `${issuer}/Connect/token`,
          jwks_uri: `${issuer}/keys`,
        });
      const authority = resolveAuthority({ authority: issuer, protocol: 'oidc', tenantId: 'x' });
      await acquire({ authority, scopes: ['read'], credential: certificate() });
      expect(idp.seen.map(({ url }) => url.split('?')[0])).toEqual([
        `${path}/.well-known/openid-configuration`,
        `${path}/Connect/token`,
      ]);
      const assertion = idp.tokenRequests()[0]?.body['client_assertion'] ?? '';
      const payload = JSON.parse(
        Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString(),
      );
      expect(payload.aud).toBe(`${issuer}/Connect/token`);
    },
  );

  it('of a generic issuer that calls itself otherwise is not trusted', async () => {
    serve({ issuer: `${idp.origin}/other` });
    const settings = { authority: `${idp.origin}/mine`, protocol: 'oidc', tenantId: 'x' } as const;
    const error = await refusal('ok', { authority: resolveAuthority(settings) });
    expect(error.code).toBe('network');
    expect(idp.tokenRequests()).toEqual([]);
  });

  const ELSEWHERE = `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0/`;

  it.each([
    ['a custom URL domain', 'entra', ''],
    ['a policy of B2C', 'oidc', '/shop.example/B2C_1_in'],
  ] as const)('of %s names the issuer that the profile expects', async (_, protocol, path) => {
    serve({ issuer: ELSEWHERE });
    const settings = { authority: `${idp.origin}${path}`, protocol, tenantId: TENANT };
    const expecting = (issuer?: string) =>
      resolveAuthority({ ...settings, ...(issuer && { issuer }) });
    const token = await acquire({ authority: expecting(ELSEWHERE) });
    expect(token.tokenType).toBe('Bearer');
    const sent = idp.tokenRequests().length;
    for (const issuer of [undefined, ELSEWHERE.slice(0, -1), `${idp.origin}/${TENANT}/v2.0`]) {
      const { code, message, details } = await refusal('ok', { authority: expecting(issuer) });
      expect(code).toBe('network');
      expect(message).toContain(ELSEWHERE);
      // the same cure whichever the protocol, so that one hint does not lead to the other
      expect(details.hint).toContain('tokencli config edit -p NAME --issuer ');
      if (issuer === undefined) expect(details.hint).toContain(ELSEWHERE);
    }
    expect(idp.tokenRequests()).toHaveLength(sent);
  });

  it('of a custom URL domain has its endpoints there all the same', async () => {
    serve({ issuer: ELSEWHERE, token_endpoint: 'https://evil.example/token' });
    const authority = resolveAuthority({
      authority: idp.origin,
      tenantId: TENANT,
      issuer: ELSEWHERE,
    });
    expect((await refusal('ok', { authority })).message).toContain('not trusted');
  });

  it('with a hostile issuer is quoted in the hint', async () => {
    serve({ issuer: 'https://evil.example/;curl' });
    expect((await refusal('ok')).details.hint).toContain("--issuer 'https://evil.example/;curl'");
  });
});
