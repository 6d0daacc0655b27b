import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, type Seen, startFakeIdp } from '../support/fake-idp.ts';
import { startKeyringSession } from '../support/keyring-session.ts';
import { signIn } from '../support/signed-in.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createTestCa } from '../support/tls.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
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
/** What the next refresh tokens are refused with. */
let refusal: { status: number; body: object | string } | undefined;

beforeAll(async () => {
  idp = await startFakeIdp({ tls, handler: answer });
});
afterAll(() => idp.close());
beforeEach(() => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY }, tls);
  current = `rt.${randomBytes(12).toString('hex')}`;
  reuses = 0;
  more = {};
  refusal = undefined;
});
afterEach(() => stage.remove());

function answer({ body }: Seen, response: ServerResponse): boolean {
  if (body['grant_type'] !== 'refresh_token') return false;
  const send = (status: number, content: object | string) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof content === 'string' ? content : JSON.stringify(content));
    return true;
  };
  if (refusal) return send(refusal.status, refusal.body);
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
    clientId: appId('desktop'),
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

const hasEnded = async () =>
  (await stage.run(['config', 'show', '-p', 'me'])).out.includes('the sign-in has ended');

describe('a refresh token that came with an answer nobody can use', () => {
  it.each([
    ['a token for something else', { scope: 'api://else/Read' }],
    ['an unreadable id token', { id_token: 'garbage' }],
    ['no type', { token_type: undefined }],
    ['no life', { expires_in: 0 }],
    ['no token', { access_token: undefined }],
    ['an error beside it', { error: 'server_error' }],
    ['a refusal beside it', { error: 'invalid_grant' }],
    ['somebody else', { id_token: idTokenOf('eve') }],
  ])('is kept, since the one before is spent: %s', async (_name, said) => {
    await start('oidc');
    more = said;
    const refused = await stage.run(SILENT);
    expect(refused.out).toBe('');
    expect([4, 5, 8]).toContain(refused.code);
    more = {};
    const { code, err } = await stage.run(SILENT);
    expect([code, err, reuses]).toEqual([0, '', 0]);
  });
});

describe('a refresh token where the next one cannot be kept', () => {
  const own = (...path: string[]) => join(stage.home, '.tokencli', ...path);
  const failing = (...how: string[]) => ['strace', '-f', '-qq', '-o', '/dev/null', ...how];
  const places: [string, () => string[]][] = [
    [
      'no lock',
      () => failing('-P', own('locks', 'token-me.lock'), '-e', 'inject=open,openat:error=EROFS'),
    ],
    ['a full disk', () => failing('-e', 'inject=fsync:error=ENOSPC')],
    ['a file that is not replaced', () => failing('-e', 'inject=rename:error=EROFS')],
  ];

  it.each(places)('is not used at an issuer that may end it: %s', async (_name, wordsOf) => {
    await start('oidc');
    const used = idp.tokenRequests().length;
    for (const args of [SILENT, ['refresh', '-p', 'me']]) {
      const { code, out, err } = await stage.run(args, { before: wordsOf() });
      expect([code, out]).toEqual([10, '']);
      expect(err).toContain("the refresh token of profile 'me' is not used, because the next one");
    }
    expect(idp.tokenRequests()).toHaveLength(used);
    expect(await stage.run(SILENT)).toMatchObject({ code: 0, err: '' });
    expect(reuses).toBe(0);
  });

  it.each(places)('is used at Entra, where it stays valid: %s', async (_name, wordsOf) => {
    await start('entra');
    const { code, err } = await stage.run(['refresh', '-p', 'me'], { before: wordsOf() });
    expect([code, err]).toEqual([0, expect.stringContaining('the token is not cached: ')]);
  });
});

it('a sign-in is not overwritten by a call under the other store', async () => {
  await start('entra');
  const file = join(stage.home, '.tokencli', 'cache', 'me.tokens');
  const before = readFileSync(file);
  const session = await startKeyringSession('unlocked');
  try {
    const env = { ...session.env, TOKENCLI_STORE: 'keyring', TOKENCLI_CLIENT_SECRET: 'of an app' };
    expect(await stage.run(SILENT, { env })).toMatchObject({ code: 5, out: '' });
    const app = ['get-token', '-p', 'me', '-f', 'ClientCredentials', '--resource', 'graph'];
    const { code, err } = await stage.run([...app, '--verbose'], { env });
    expect(code).toBe(0);
    expect(err).toContain(
      `the token is not cached: ${file} belongs to the store 'file'; tokencli logout -p me forgets it`,
    );
    expect(readFileSync(file)).toEqual(before);
  } finally {
    await session.stop();
  }
  expect((await stage.run(SILENT)).code).toBe(0);
  expect((await stage.run(['logout', '-p', 'me'])).err).toContain('Forgot');
  expect(existsSync(file)).toBe(false);
});

describe('what is refused to a refresh token', () => {
  const invalidGrant = (number: number, suberror?: string) => ({
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description: `AADSTS${number}: refused`,
      error_codes: [number],
      suberror,
    },
  });

  it.each([500571, 50177, 50020, 50034, 65001, 500011, 50076, 53003, 16_000, 9_999_999])(
    'by a number about one tenant or resource leaves the sign-in: %d',
    async (number) => {
      await start('entra');
      refusal = invalidGrant(number, 'message_only');
      const there = await stage.run([...SILENT, '--tenant', OTHER]);
      expect(there.out).toBe('');
      expect([4, 5]).toContain(there.code);
      expect(await hasEnded()).toBe(false);
      refusal = undefined;
      expect((await stage.run(SILENT)).code).toBe(0);
    },
  );

  it.each<[string, object]>([
    [
      'a personal account has not granted the scope',
      {
        error_codes: [70000],
        error_description:
          'AADSTS70000: The request was denied because one or more scopes requested are unauthorized or expired.',
      },
    ],
    [
      'B2C failed by itself',
      { error_description: 'AADB2C90085: The service has encountered an internal error.' },
    ],
    [
      'the policy of B2C is another',
      {
        error_description: 'AADB2C90088: The provided grant has not been issued for this endpoint.',
      },
    ],
    ['the number is in a text', { error_codes: '16000' }],
    ['the numbers are no numbers', { error_codes: ['?'], error_description: 'AADSTS16000: no' }],
  ])('by words about one scope or place leaves the sign-in: %s', async (_name, body) => {
    await start('oidc');
    refusal = { status: 400, body: { error: 'invalid_grant', ...body } };
    expect(await stage.run(SILENT)).toMatchObject({ code: 5, out: '' });
    expect(await hasEnded()).toBe(false);
  });

  it.each<[string, { status: number; body: object }]>([
    ...[70000, 70008, 70043, 700081, 700082, 700084, 50173].map(
      (number): [string, { status: number; body: object }] => [`${number}`, invalidGrant(number)],
    ),
    ['bad_token', invalidGrant(9_999_999, 'bad_token')],
    ['token_expired', invalidGrant(9_999_999, 'token_expired')],
    ['no number', { status: 400, body: { error: 'invalid_grant' } }],
    ...[90080, 90129].map((number): [string, { status: number; body: object }] => [
      `AADB2C${number}`,
      {
        status: 400,
        body: { error: 'invalid_grant', error_description: `AADB2C${number}: The provided grant` },
      },
    ]),
  ])('because it has ended is asked once: %s', async (_name, said) => {
    await start('entra');
    refusal = said;
    const before = idp.tokenRequests().length;
    for (let time = 0; time < 2; time += 1) {
      expect(await stage.run(['refresh', '-p', 'me'])).toMatchObject({ code: 6, out: '' });
    }
    expect(idp.tokenRequests()).toHaveLength(before + 1);
    expect(await hasEnded()).toBe(true);
  });

  it.each<[string, number, object | string]>([
    ['an empty answer', 400, ''],
    ['an empty answer', 401, ''],
    ['a page', 401, '<html>no</html>'],
    ['words of its own', 400, { error: 'refresh_token_unknown' }],
    ['a scope it did not grant', 400, { error: 'invalid_scope' }],
  ])('without the words of OAuth asks a person: %s (%d)', async (_name, status, body) => {
    await start('oidc');
    refusal = { status, body };
    const silent = await stage.run(SILENT);
    expect([silent.code, silent.out]).toEqual([5, '']);
    expect(silent.err).toContain('sign in with: tokencli get-token -p me');
    expect(await hasEnded()).toBe(false);
  });

  it.each(['invalid_client', 'unauthorized_client'])('%s is of the client', async (error) => {
    await start('oidc');
    refusal = { status: 401, body: { error } };
    expect(await stage.run(SILENT)).toMatchObject({ code: 4, out: '' });
    expect(await hasEnded()).toBe(false);
  });
});

function idTokenOf(subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part({ sub: subject, oid: subject, tid: TENANT })}.c2ln`;
}
