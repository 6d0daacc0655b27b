import { describe, expect, it } from '@jest/globals';
import { createKeys, createRequestHandler } from '../../../src/usecases/exec/endpoint.ts';
import { type Asked, Refused } from '../../../src/usecases/exec/protocols.ts';

const PORT = 4711;
const ARM = 'https://management.azure.com/';
const keys = createKeys();
const bearer = `Bearer ${keys.headerKey}`;
const byPath = `/${keys.pathKey}`;

interface Sent {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** One request, and what was asked for behind the door. */
async function send({ method = 'GET', target, headers = {}, body = '' }: Sent, refused?: Refused) {
  const asked: Asked[] = [];
  const receive = createRequestHandler(keys, async (each) => {
    asked.push(each);
    if (refused) throw refused;
    return {
      accessToken: 'the.access.token',
      tokenType: 'Bearer',
      expiresOn: 1_795_878_660.9,
      expiresIn: 3599,
      clientId: '11111111-2222-4333-8444-555555555555',
    };
  });
  const all = { host: `127.0.0.1:${PORT}`, ...headers };
  const lists = Object.entries(all).map(([name, value]) => [name, [value].flat()]);
  const next = receive({ method, target, headers: Object.fromEntries(lists), port: PORT });
  const answer = typeof next === 'function' ? await next(body) : next;
  return { ...answer, asked };
}

const appService = (query: string) => ({
  target: `/msi/token?${query}`,
  headers: { 'x-identity-header': keys.headerKey },
});
const METADATA = { metadata: 'true' };
const IMDS = `${byPath}/metadata/identity/oauth2/token`;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const encoded = encodeURIComponent(ARM);

/** As the clients send it; the sources are those of their identity libraries. */
const GOLDEN: readonly (Sent & { readonly client: string; readonly resource?: string })[] = [
  {
    client: 'JavaScript, msal-node: App Service',
    ...appService(`api-version=2019-08-01&resource=${encoded}`),
  },
  {
    client: 'Python, azure-identity: App Service with a client id',
    ...appService(`api-version=2019-08-01&resource=${encoded}&client_id=of-production`),
  },
  {
    client: 'Python, requests: App Service with a password of ~/.netrc',
    target: `/msi/token?resource=${encoded}`,
    headers: { 'x-identity-header': keys.headerKey, authorization: 'Basic bWU6bWluZQ==' },
  },
  {
    client: 'Go, msal-go: App Service with an object id',
    ...appService(`api-version=2019-08-01&object_id=of-production&resource=${encoded}`),
  },
  {
    client: '.NET, msal.net: App Service with a resource id',
    ...appService(`api-version=2019-08-01&resource=${encoded}&mi_res_id=%2Fsubscriptions%2Fx`),
  },
  { client: 'Rust: App Service', ...appService(`api-version=2019-08-01&resource=${ARM}`) },
  {
    client: 'an application by its GUID',
    ...appService('api-version=2019-08-01&resource=499b84ac-1321-427f-aa17-267ca6975798'),
    resource: '499b84ac-1321-427f-aa17-267ca6975798',
  },
  {
    client: 'App Service of 2017',
    target: `${byPath}/msi/token?api-version=2017-09-01&resource=${encoded}&clientid=of-production`,
    headers: { secret: keys.headerKey },
  },
  {
    client: 'azure-identity before 2022: 2019 at MSI_ENDPOINT',
    target: `${byPath}/msi/token?api-version=2019-08-01&resource=${encoded}`,
    headers: { 'x-identity-header': keys.headerKey },
  },
  {
    client: 'Cloud Shell',
    method: 'POST',
    target: `${byPath}/msi/token`,
    headers: { ...METADATA, ...FORM },
    body: `resource=${encoded}`,
  },
  {
    client: 'Java: Cloud Shell by GET',
    target: `${byPath}/msi/token?resource=${encoded}`,
    headers: { Metadata: 'true', ...METADATA },
  },
  {
    client: 'az of 2023: Cloud Shell with a slash',
    method: 'POST',
    target: `${byPath}/msi/token/?resource=${encoded}`,
    headers: METADATA,
  },
  {
    client: 'Python, .NET: IMDS',
    target: `${IMDS}?api-version=2018-02-01&resource=${encoded}`,
    headers: { metadata: 'True' },
  },
  {
    client: 'JavaScript, msal-node: IMDS in lower case, with a slash and a header of fetch',
    target: `${IMDS}/?api-version=2018-02-01&resource=${encoded}`,
    headers: { ...METADATA, host: `localhost:${PORT}`, 'sec-fetch-mode': 'cors' },
  },
  {
    client: 'Terraform',
    target: `${IMDS}?api-version=2018-02-01&client_id=of-production&resource=${encoded}`,
    headers: METADATA,
  },
];

describe('a managed identity', () => {
  it.each(GOLDEN)('for $client', async ({ client: _, resource = ARM, ...sent }) => {
    const { status, body, asked } = await send(sent);
    expect([status, asked]).toEqual([200, [{ resource }]]);
    expect(body).toBe(
      `{"access_token":"the.access.token","token_type":"Bearer","resource":"${resource}",` +
        '"client_id":"11111111-2222-4333-8444-555555555555",' +
        '"expires_in":"3599","expires_on":"1795878660"}',
    );
  });

  it.each([
    { reason: new Refused('interaction_required', 'sign in', 'the-id'), status: 400 },
    { reason: new Refused('network', 'out of reach'), status: 400 },
    { reason: new Refused('access_denied', 'not allowed', undefined, true), status: 403 },
  ])('is refused as $reason.error', async ({ reason, status }) => {
    const sent = await send(appService('resource=x'), reason);
    expect(sent.status).toBe(status);
    expect(JSON.parse(sent.body)).toEqual({
      error: reason.error,
      error_description: reason.message,
      message: reason.message,
      correlation_id: reason.correlationId ?? '',
    });
  });

  it.each(['', 'resource=', 'resource=a&resource=b'])(
    'needs one resource, not %j',
    async (query) => {
      const { status, body, asked } = await send(appService(query));
      expect([status, JSON.parse(body).error, asked]).toEqual([400, 'invalid_request', []]);
    },
  );
});

describe('the Azure Developer CLI', () => {
  const ask = (body: object | string, refused?: Refused) =>
    send(
      {
        method: 'POST',
        target: '/token?api-version=2023-07-12-preview',
        headers: { authorization: bearer, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
      refused,
    );

  it('gets a token of a tenant', async () => {
    const { status, body, asked } = await ask({ scopes: [`${ARM}/.default`], tenantId: 'contoso' });
    expect([status, asked]).toEqual([200, [{ resource: ARM, tenant: 'contoso' }]]);
    expect(body).toBe(
      '{"status":"success","token":"the.access.token","expiresOn":"2026-11-28T15:11:00Z"}',
    );
  });

  it.each([
    { body: 'no JSON', message: 'the request must name one scope' },
    { body: { scopes: [] }, message: 'the request must name one scope' },
    { body: { scopes: ['a/.default', 'b/.default'] }, message: 'the request must name one scope' },
    {
      body: { scopes: ['https://graph.microsoft.com/User.Read'] },
      message: expect.stringContaining('programs can ask for RESOURCE/.default only'),
    },
  ])('reads why it gets none for $body', async ({ body, message }) => {
    const answer = await ask(body);
    expect(answer).toMatchObject({ status: 200, asked: [] });
    expect(JSON.parse(answer.body)).toEqual({ status: 'error', code: 'GetTokenError', message });
  });

  it('is told that nobody is signed in', async () => {
    const { status, body } = await ask(
      { scopes: [`${ARM}/.default`] },
      new Refused('interaction_required', 'sign in'),
    );
    expect([status, body]).toEqual([
      200,
      '{"status":"error","code":"NotSignedInError","message":"sign in"}',
    ]);
  });
});

describe('a stranger', () => {
  const query = `?resource=${encoded}`;
  const right = { 'x-identity-header': keys.headerKey };
  const wrong = { 'x-identity-header': keys.pathKey };
  const other = '0'.repeat(64);
  const upper = { 'x-identity-header': keys.headerKey.toUpperCase() };
  it.each<Sent & { readonly what: string; readonly status: number }>([
    { what: 'no key', target: `/msi/token${query}`, status: 401 },
    { what: 'no path', target: '*', status: 401 },
    { what: 'a wrong key', target: `/msi/token${query}`, headers: wrong, status: 401 },
    {
      what: 'a password',
      target: `/msi/token${query}`,
      headers: { authorization: `Basic ${Buffer.from(`x:${keys.headerKey}`).toString('base64')}` },
      status: 401,
    },
    {
      what: 'a right key and a wrong Bearer',
      target: `/msi/token${query}`,
      headers: { ...right, authorization: `bearer ${other}` },
      status: 401,
    },
    { what: 'a key in capitals', target: `/msi/token${query}`, headers: upper, status: 401 },
    {
      what: 'a right and a wrong key',
      target: `/msi/token${query}`,
      headers: { ...right, secret: other },
      status: 401,
    },
    {
      what: 'two keys of one kind',
      target: `/msi/token${query}`,
      headers: { 'x-identity-header': [keys.headerKey, other] },
      status: 401,
    },
    { what: 'a key in the path alone', target: `${byPath}/msi/token${query}`, status: 401 },
    {
      what: 'a wrong key in the path',
      target: `/${other}/msi/token${query}`,
      headers: METADATA,
      status: 401,
    },
    {
      what: 'a right header and a wrong path',
      target: `/${other}/msi/token${query}`,
      headers: right,
      status: 401,
    },
    {
      what: 'the other key in the path',
      target: `/${keys.headerKey}/msi/token`,
      headers: METADATA,
      status: 401,
    },
    {
      what: 'a page',
      target: `/msi/token${query}`,
      headers: { ...right, origin: 'null' },
      status: 403,
    },
    {
      what: 'a page of the same site',
      target: `/msi/token${query}`,
      headers: { ...right, 'sec-fetch-site': 'same-origin' },
      status: 403,
    },
    ...['evil.example', `evil.example:${PORT}`, '127.0.0.1', `127.0.0.1:${PORT + 1}`, ''].map(
      (host) => ({
        what: `the host '${host}'`,
        target: `/msi/token${query}`,
        headers: { ...right, host },
        status: 403,
      }),
    ),
    {
      what: 'two hosts',
      target: `/msi/token${query}`,
      headers: { ...right, host: [`127.0.0.1:${PORT}`, `127.0.0.1:${PORT}`] },
      status: 403,
    },
    { what: 'another path', target: `/msi/tokens${query}`, headers: right, status: 400 },
    {
      what: 'another method',
      method: 'PUT',
      target: `/msi/token${query}`,
      headers: right,
      status: 400,
    },
    {
      what: 'a GET for azd',
      target: '/token',
      headers: { authorization: bearer },
      status: 400,
    },
  ])('with $what gets $status and learns nothing', async ({ what: _, status, ...sent }) => {
    const answer = await send(sent);
    expect([answer.status, answer.asked]).toEqual([status, []]);
    for (const secret of [keys.headerKey, keys.pathKey, 'token', 'management']) {
      expect(answer.body).not.toContain(secret);
    }
  });
});
