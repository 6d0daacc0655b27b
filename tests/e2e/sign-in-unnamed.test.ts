import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { readDeviceCode, type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { createTestCa } from '../support/tls.ts';

const GET = ['get-token', '-p', 'me'];
const AGAIN = [...GET, '--prompt', 'login'];
const tls = createTestCa();
let idp: FakeIdp;
let stage: SignInStage;
/** What the next token answers say otherwise. */
let more: object = {};
let refuses = false;

beforeAll(async () => {
  idp = await startFakeIdp({
    tls,
    handler: ({ method, url, body }, response) => {
      if (method !== 'POST') return false;
      const random = () => randomBytes(12).toString('hex');
      const code = {
        device_code: random(),
        user_code: 'ABCD-EFGH',
        verification_uri: `${idp.origin}/device`,
        expires_in: 900,
        interval: 1,
      };
      const token = {
        token_type: 'Bearer',
        expires_in: 3600,
        access_token: `at.${random()}`,
        refresh_token: `rt.${random()}`,
        ...more,
      };
      const isRefused = refuses && body['grant_type'] === 'refresh_token';
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
      const good = url.includes('devicecode') ? code : token;
      response.end(JSON.stringify(isRefused ? { error: 'invalid_grant' } : good));
      return true;
    },
  });
});
afterAll(() => idp.close());
beforeEach(() => {
  more = {};
  refuses = false;
  stage = setSignInStage(tls);
  const profile = {
    name: 'me',
    clientId: appId('tv'),
    protocol: 'oidc',
    authority: `${idp.origin}/realm/v2.0`,
    caFile: stage.caFile,
    flow: 'DeviceCode',
    scopes: ['read'],
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
});
afterEach(() => stage.remove());

/** Somebody signs in elsewhere, at once. @param answer to the question whether it is the same person */
async function signIn(args: readonly string[], answer?: 'y' | 'n') {
  const terminal = await stage.open(args);
  if (answer) {
    await terminal.waitFor('already?');
    terminal.type(`${answer}\r`);
  }
  if (answer !== 'n') await readDeviceCode(terminal);
  const end = await terminal.ended();
  const shown = terminal.screen();
  await terminal.close();
  return { ...end, shown };
}

describe('an issuer that does not say who signs in', () => {
  it('is not enough for another person to take over a sign-in', async () => {
    const first = await signIn(GET);
    expect(first.code).toBe(0);
    const requests = idp.tokenRequests().length;
    const second = await signIn(AGAIN, 'n');
    expect([second.code, second.out]).toEqual([4, '']);
    expect(second.shown).toContain('tokencli logout -p me');
    expect(idp.tokenRequests()).toHaveLength(requests);
    expect((await stage.run([...GET, '--silent'])).out).toBe(first.out);
  });

  it('lets the same person sign in again, who says so, and forgets the tokens from before', async () => {
    await signIn(GET);
    const other = [...GET, '--silent', '-s', 'write'];
    const old = await stage.run(other);
    const { code, out } = await signIn(AGAIN, 'y');
    expect([code, out]).toEqual([0, expect.stringMatching(/^at\.\w+\n$/)]);
    const fresh = await stage.run(other);
    expect([old.code, fresh.code]).toEqual([0, 0]);
    expect(fresh.out).not.toBe(old.out);
  });

  it.each([
    ['has ended', {}],
    ['never had a refresh token', { refresh_token: undefined }],
  ])('asks no question about a sign-in that %s', async (_name, said) => {
    more = said;
    await signIn(GET);
    refuses = true;
    expect((await stage.run(['refresh', '-p', 'me'])).code).toBe(6);
    refuses = false;
    expect((await signIn(AGAIN)).code).toBe(0);
  });
});
