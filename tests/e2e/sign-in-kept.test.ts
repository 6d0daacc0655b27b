import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeIdp, type Seen, startFakeIdp } from '../support/fake-idp.ts';
import { signIn } from '../support/signed-in.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createTestCa } from '../support/tls.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const STORE_KEY = Buffer.alloc(32, 9).toString('base64');
const SILENT = ['get-token', '-p', 'me', '--silent', '--force-refresh'];
const tls = createTestCa();
let idp: FakeIdp;
let stage: Stage;
/** The only refresh token that is good; one that is spent ends them all (RFC 9700 section 4.14.2). */
let current = '';
let reuses = 0;
/** What the next answers say otherwise than a good one. */
let more: object = {};

beforeAll(async () => {
  idp = await startFakeIdp({ tls, handler: answer });
});
afterAll(() => idp.close());
beforeEach(() => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY }, tls);
  current = `rt.${randomBytes(12).toString('hex')}`;
  reuses = 0;
  more = {};
});
afterEach(() => stage.remove());

function answer({ body }: Seen, response: ServerResponse): boolean {
  if (body['grant_type'] !== 'refresh_token') return false;
  const send = (status: number, content: object | string) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof content === 'string' ? content : JSON.stringify(content));
    return true;
  };
  if (body['refresh_token'] !== current) {
    reuses += 1;
    return send(400, { error: 'invalid_grant' });
  }
  current = `rt ${randomBytes(12).toString('hex')}`;
  return send(200, {
    token_type: 'Bearer',
    expires_in: 3600,
    scope: body['scope'],
    access_token: `at.${randomBytes(12).toString('hex')}`,
    refresh_token: current,
    ...more,
  });
}

/** Somebody is signed in to a profile `me`. */
async function start(protocol: 'entra' | 'oidc'): Promise<void> {
  const isOidc = protocol === 'oidc';
  const authority = isOidc ? `${idp.origin}/${TENANT}/v2.0` : idp.origin;
  const profile = {
    name: 'me',
    clientId: 'desktop',
    ...(isOidc ? { protocol } : { tenantId: TENANT }),
    authority,
    caFile: stage.caFile,
    flow: 'InteractiveBrowser',
    scopes: ['api://orders/Read'],
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
  await signIn({
    home: stage.home,
    storeKey: STORE_KEY,
    profile,
    origin: authority,
    refreshToken: current,
  });
}

describe('a refresh token that came with an answer nobody can use', () => {
  it.each([
    ['a token for something else', { scope: 'api://else/Read' }],
    ['an unreadable id token', { id_token: 'garbage' }],
    ['no type', { token_type: undefined }],
    ['no life', { expires_in: 0 }],
    ['no token', { access_token: undefined }],
    ['an error beside it', { error: 'server_error' }],
    ['somebody else', { id_token: idTokenOf('eve') }],
  ])('is kept, since the one before is spent: %s', async (_name, said) => {
    await start('oidc');
    more = said;
    const refused = await stage.run(SILENT);
    expect(refused.out).toBe('');
    expect([4, 8]).toContain(refused.code);
    more = {};
    const { code, err } = await stage.run(SILENT);
    expect([code, err, reuses]).toEqual([0, '', 0]);
  });
});

function idTokenOf(subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part({ sub: subject, oid: subject, tid: TENANT })}.c2ln`;
}
