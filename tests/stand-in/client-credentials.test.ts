import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { send } from '../support/send.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const SECRET = '-a~b+c/d&e=f%g "h\'i<j>';
const GRAPH = 'https://graph.microsoft.com/.default';
const tls = createTestCa();
const certified = createTestCa(['client']);
const stranger = createTestCa(['stranger']);
let idp: StandIn;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    tenant: TENANT,
    clients: [
      { id: 'by-secret', secret: SECRET, roles: ['User.Read.All'] },
      { id: 'by-certificate', certificate: certified.cert },
      { id: 'too-late', secret: SECRET, secretExpired: true },
    ],
  });
});
afterAll(() => idp.close());

const endpoint = (tenant = TENANT) => `${idp.origin}/${tenant}/oauth2/v2.0/token`;

async function ask(values: Record<string, string>, tenant?: string) {
  const form = { grant_type: 'client_credentials', scope: GRAPH, client_info: '1', ...values };
  return send(endpoint(tenant), tls.caPem, form);
}

async function assertion(by: typeof certified, alg: 'PS256' | 'RS256', audience = endpoint()) {
  const der = new X509Certificate(by.cert).raw;
  const hash = (name: string) => createHash(name).update(der).digest('base64url');
  const thumbprint = alg === 'PS256' ? { 'x5t#S256': hash('sha256') } : { x5t: hash('sha1') };
  return new SignJWT({ jti: randomUUID(), iss: 'by-certificate', sub: 'by-certificate' })
    .setProtectedHeader({ alg, typ: 'JWT', ...thumbprint })
    .setAudience(audience)
    .setNotBefore('0s')
    .setExpirationTime('10m')
    .sign(createPrivateKey(by.key));
}

async function askWith(client_assertion: string) {
  return ask({
    client_id: 'by-certificate',
    client_assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
}

describe('a token for an application', () => {
  it('is given for a secret of odd characters, and its signature verifies', async () => {
    const { status, json } = await ask({ client_id: 'by-secret', client_secret: SECRET });
    expect(status).toBe(200);
    expect(json).toEqual({
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: expect.any(String),
    });
    const keys = await send(`${idp.origin}/${TENANT}/discovery/v2.0/keys`, tls.caPem);
    const { payload } = await jwtVerify(json.access_token, createLocalJWKSet(keys.json), {
      issuer: `${idp.origin}/${TENANT}/v2.0`,
      audience: 'https://graph.microsoft.com',
    });
    expect(payload).toMatchObject({
      tid: TENANT,
      appid: 'by-secret',
      azp: 'by-secret',
      azpacr: '1',
      roles: ['User.Read.All'],
      ver: '2.0',
    });
    expect(payload['scope']).toBeUndefined();
    expect(payload['scp']).toBeUndefined();
  });

  it('keeps the trailing slash of a resource', async () => {
    const values = { client_id: 'by-secret', client_secret: SECRET };
    const { json } = await ask({ ...values, scope: 'https://graph.microsoft.com//.default' });
    const payload = JSON.parse(
      Buffer.from(json.access_token.split('.')[1], 'base64url').toString(),
    );
    expect(payload.aud).toBe('https://graph.microsoft.com/');
  });

  it.each(['PS256', 'RS256'] as const)('is given for a %s assertion', async (alg) => {
    const { status, json } = await askWith(await assertion(certified, alg));
    expect([status, json.token_type]).toEqual([200, 'Bearer']);
  });

  it('takes the same assertion twice, as Entra does', async () => {
    const once = await assertion(certified, 'PS256');
    expect((await askWith(once)).status).toBe(200);
    expect((await askWith(once)).status).toBe(200);
  });
});

describe('a refusal', () => {
  const right = { client_id: 'by-secret', client_secret: SECRET };
  it.each([
    ['wrong secret', { ...right, client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['expired secret', { ...right, client_id: 'too-late' }, 401, 'invalid_client', 7000222],
    ['no proof', { client_id: 'by-secret' }, 401, 'invalid_client', 7000218],
    ['unknown client', { ...right, client_id: 'nobody' }, 400, 'unauthorized_client', 700016],
    [
      'a delegated scope',
      { ...right, scope: 'https://graph.microsoft.com/User.Read' },
      400,
      'invalid_scope',
      1002012,
    ],
    ['no scope', { ...right, scope: '' }, 400, 'invalid_request', 90014],
    [
      'two resources',
      { ...right, scope: `${GRAPH} api://orders/.default` },
      400,
      'invalid_request',
      28000,
    ],
    [
      'an unknown resource',
      { ...right, scope: 'api://nowhere/.default' },
      400,
      'invalid_resource',
      500011,
    ],
  ])('of %s names its AADSTS number', async (_what, values, status, error, number) => {
    const answer = await ask(values as Record<string, string>);
    expect([answer.status, answer.json.error, answer.json.error_codes]).toEqual([
      status,
      error,
      [number],
    ]);
    expect(answer.json.error_description).toMatch(
      new RegExp(`^AADSTS${number}: .* Trace ID: \\S+ Correlation ID: \\S+ Timestamp: \\S+ \\S+Z$`),
    );
    expect(answer.json).toMatchObject({
      timestamp: expect.any(String),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
    });
  });

  it('of an unknown tenant is 90002', async () => {
    const answer = await ask(right, randomUUID());
    expect([answer.status, answer.json.error_codes]).toEqual([400, [90002]]);
  });

  it('of an assertion by another key or for another audience is 700027', async () => {
    const foreign = await askWith(await assertion(stranger, 'PS256'));
    const elsewhere = await askWith(await assertion(certified, 'PS256', `${idp.origin}/other`));
    const issuer = await askWith(
      await assertion(certified, 'PS256', `${idp.origin}/${TENANT}/v2.0`),
    );
    for (const { status, json } of [foreign, elsewhere, issuer]) {
      expect([status, json.error_codes]).toEqual([401, [700027]]);
    }
  });
});

describe('discovery and the log', () => {
  it('publishes the endpoints where Entra has them', async () => {
    const { json } = await send(
      `${idp.origin}/${TENANT}/v2.0/.well-known/openid-configuration`,
      tls.caPem,
    );
    expect(json).toMatchObject({
      issuer: `${idp.origin}/${TENANT}/v2.0`,
      token_endpoint: endpoint(),
      authorization_endpoint: `${idp.origin}/${TENANT}/oauth2/v2.0/authorize`,
      end_session_endpoint: `${idp.origin}/${TENANT}/oauth2/v2.0/logout`,
      jwks_uri: `${idp.origin}/${TENANT}/discovery/v2.0/keys`,
    });
  });

  it('masks what proves an identity', async () => {
    await ask({ client_id: 'by-secret', client_secret: SECRET });
    expect(idp.tokenRequests().at(-1)).toEqual({
      method: 'POST',
      path: `/${TENANT}/oauth2/v2.0/token`,
      status: 200,
      params: {
        grant_type: 'client_credentials',
        scope: GRAPH,
        client_info: '1',
        client_id: 'by-secret',
        client_secret: '***',
      },
    });
    expect(JSON.stringify(idp.requests)).not.toContain(SECRET.slice(0, 6));
  });
});
