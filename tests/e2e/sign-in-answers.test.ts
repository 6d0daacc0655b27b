import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, type Seen, startFakeIdp } from '../support/fake-idp.ts';
import { type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { createTestCa } from '../support/tls.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const SCOPE = 'https://graph.microsoft.com/User.Read';
const GET = ['get-token', '-p', 'me'];
const tls = createTestCa();
let idp: FakeIdp;
let stage: SignInStage;
let nonce = '';
/** What the next answers say otherwise than a good one. */
let more: object = {};
/** Milliseconds before an answer. */
let delay = 0;

beforeAll(async () => {
  idp = await startFakeIdp({
    tls,
    handler: (seen, response) => {
      if (seen.method !== 'POST') return false;
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ...answerTo(seen), ...more }));
      }, delay);
      return true;
    },
  });
});
afterAll(() => idp.close());

beforeEach(() => {
  more = {};
  stage = setSignInStage(tls);
  writeProfile();
});
afterEach(() => stage.remove());

function writeProfile(scopes = [SCOPE], other: object = {}): void {
  const profile = {
    name: 'me',
    clientId: appId('desktop'),
    tenantId: TENANT,
    authority: idp.origin,
    caFile: stage.caFile,
    flow: 'InteractiveBrowser',
    scopes,
    ...other,
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
}

function answerTo({ body }: Seen): object {
  const random = () => randomBytes(12).toString('hex');
  return {
    token_type: 'Bearer',
    expires_in: 3600,
    scope: body['scope'],
    access_token: `at.${random()}`,
    refresh_token: `rt.${random()}`,
    id_token: idToken(),
    client_info: part({ uid: 'ada', utid: TENANT }),
  };
}

function idToken(claims: object = {}): string {
  const payload = { tid: TENANT, oid: 'ada', preferred_username: 'ada@example.test', nonce };
  return `${part({ alg: 'RS256' })}.${part({ ...payload, ...claims })}.c2ln`;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The browser of somebody who is signed in already. @returns what the page says */
async function pass(link: string): Promise<string> {
  const query = new URL(link).searchParams;
  nonce = query.get('nonce') ?? '';
  const body = new URLSearchParams({ code: 'the-code', state: query.get('state') ?? '' });
  const page = await fetch(query.get('redirect_uri') ?? '', { method: 'POST', body });
  return page.text();
}

describe('an answer that does not say who signed in', () => {
  it.each([
    ['an id token of garbage', { id_token: 'garbage' }],
    ['a client_info of garbage', { client_info: '%{' }],
  ])('is no use: %s', async (_, said) => {
    more = said;
    let page = '';
    const refused = await stage.signIn(GET, async (link) => {
      page = await pass(link);
    });
    expect([refused.code, refused.out]).toEqual([8, '']);
    expect(refused.err).toContain('unreadable id token');
    expect(page).toContain('The sign-in did not work');
    expect(await stage.run([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });

    more = {};
    const { out } = await stage.signIn(GET, pass);
    more = said;
    expect(await stage.run(['refresh', '-p', 'me'])).toMatchObject({ code: 8, out: '' });
    expect((await stage.run([...GET, '--silent'])).out).toBe(out);
  });

  it.each([
    ['another nonce', () => ({ id_token: idToken({ nonce: 'of another sign-in' }) })],
    ['no id token', () => ({ id_token: undefined })],
  ])('is refused: %s', async (_, said) => {
    more = said();
    const { code, out, err } = await stage.signIn(GET, pass);
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('the id token answers another sign-in');
  });
});

it('a renewal for somebody else gives nothing and changes nothing', async () => {
  const { out } = await stage.signIn(GET, pass);
  more = {
    id_token: idToken({ oid: 'eve', preferred_username: 'eve@example.test' }),
    client_info: part({ uid: 'eve', utid: TENANT }),
  };
  const { code, out: none, err } = await stage.run(['refresh', '-p', 'me']);
  expect([code, none]).toEqual([4, '']);
  expect(err).toContain('eve@example.test signed in, but');
  expect((await stage.run([...GET, '--silent'])).out).toBe(out);
});

it('a permission that was not granted is named once, in the token or not at all', async () => {
  writeProfile(['api://orders/Orders.Read', 'api://orders/Orders.Write']);
  more = { scope: 'api://orders/orders.read' };
  const { code, err } = await stage.signIn(GET, pass);
  expect(code).toBe(0);
  expect(err).toContain('warning: the token was given without api://orders/Orders.Write');
  expect((await stage.run(GET)).err).not.toContain('warning');
});

it('somebody else than who was asked for is named', async () => {
  const asked = await stage.signIn([...GET, '--login-hint', 'bob@example.test'], pass);
  expect(asked.code).toBe(0);
  expect(asked.err).toContain(
    'warning: the account that signed in is ada@example.test, though bob@example.test was asked for',
  );
  const known = await stage.signIn([...GET, '--force-refresh', '--prompt', 'login'], pass);
  expect(known.err).not.toContain('warning');
});

it('a sign-in for one call with another client leaves the tokens of the profile', async () => {
  const { out } = await stage.signIn(GET, pass);
  const other = await stage.signIn([...GET, '--client-id', appId('other')], pass);
  expect(other.out).not.toBe(out);
  const quick = await stage.run([...GET, '--silent']);
  const whole = await stage.run([...GET, '--silent', '--min-ttl', '5m']);
  for (const each of [quick, whole]) expect(each).toMatchObject({ code: 0, out, err: '' });
  const forced = await stage.run([...GET, '--silent', '--force-refresh']);
  expect(forced).toMatchObject({ code: 5, out: '' });
  expect(forced.err).toContain('needs a sign-in of its own');
});

it('the command that is shown asks a person for what the call could not do', async () => {
  await stage.signIn(GET, pass);
  const shown = async (...flags: string[]) => {
    const { code, out, err } = await stage.run([...GET, '--silent', ...flags]);
    expect([code, out]).toEqual([5, '']);
    return err;
  };
  const SAID = 'tokencli: --prompt login is for a person; sign in with: tokencli get-token -p me';
  expect(await shown('--prompt', 'login')).toBe(`${SAID} --prompt login\n`);
  expect(await shown('--prompt', 'login', '--port', '8123', '--no-browser')).toBe(
    `${SAID} --prompt login --port 8123 --no-browser\n`,
  );
  const uncached = await shown('--no-cache');
  expect(uncached).toContain('cannot use its sign-in without the cache');
  expect(uncached).toContain('tokencli get-token -p me --no-cache\n');

  const before = idp.tokenRequests().length;
  more = { error: 'invalid_grant' };
  expect(await shown('--min-ttl', '2h')).toContain('tokencli get-token -p me --min-ttl 2h\n');
  expect(idp.tokenRequests()).toHaveLength(before + 1);
});

it('a policy that closes one resource leaves the sign-in to the others', async () => {
  await stage.signIn(GET, pass);
  more = { error: 'invalid_grant', error_codes: [53001], suberror: 'message_only' };
  const closed = await stage.run([...GET, '--silent', '-s', 'api://vault/Read']);
  expect(closed).toMatchObject({ code: 4, out: '' });
  more = {};
  expect((await stage.run(['refresh', '-p', 'me'])).code).toBe(0);
});

it('who has signed in gets the token though another process holds the cache', async () => {
  const path = join(stage.home, '.tokencli', 'locks', 'token-me.lock');
  let holder: ChildProcess | undefined;
  const { code, out, err } = await stage.signIn([...GET, '--timeout', '10s'], async (link) => {
    holder = spawn(process.execPath, ['tests/support/lock-holder.mjs', path]);
    await once(holder.stdout as Readable, 'data');
    await pass(link);
  });
  holder?.kill('SIGKILL');
  expect([code, out]).toEqual([0, expect.stringMatching(/^at\.\w+\n$/)]);
  expect(err).toContain('warning: the sign-in is not kept: another tokencli process');
});

describe('a profile that is deleted meanwhile', () => {
  const cache = () => readdirSync(join(stage.home, '.tokencli', 'cache'));
  const remove = () => stage.run(['config', 'delete', '-p', 'me', '--force']);

  it('while somebody signs in, keeps nothing of the sign-in', async () => {
    await stage.signIn(GET, pass);
    const again = [...GET, '--prompt', 'login'];
    const { code, out, err } = await stage.signIn(again, async (link) => {
      expect((await remove()).code).toBe(0);
      await pass(link);
    });
    expect([code, out]).toEqual([0, expect.stringMatching(/^at\.\w+\n$/)]);
    expect(err).toContain("warning: the token is not cached: profile 'me' was removed meanwhile");
    expect(cache()).toEqual(['key.json']);
  });

  it('while a token is renewed, is deleted after that', async () => {
    await stage.signIn(GET, pass);
    const before = idp.tokenRequests().length;
    delay = 1500;
    const renewal = stage.run(['refresh', '-p', 'me']);
    while (idp.tokenRequests().length === before) await new Promise((go) => setTimeout(go, 20));
    const deletion = await remove();
    delay = 0;
    expect([(await renewal).code, deletion.code]).toEqual([0, 0]);
    expect(cache()).toEqual(['key.json']);
  });
});

it('a newer sign-in displaces the tokens from before it, of every resource', async () => {
  const vault = ['-s', 'api://vault/Read'];
  await stage.signIn(GET, pass);
  const old = await stage.run([...GET, '--silent', ...vault]);
  expect(old.code).toBe(0);
  await stage.signIn([...GET, '--prompt', 'login'], pass);
  const fresh = await stage.run([...GET, '--silent', ...vault]);
  expect(fresh.code).toBe(0);
  expect(fresh.out).not.toBe(old.out);
});

it('a token bought by a claims challenge displaces those that were refused', async () => {
  await stage.signIn(GET, pass);
  const refused = await stage.run([...GET, '--silent']);
  const claims = ['--claims', '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'];
  const bought = await stage.run([...GET, '--silent', ...claims]);
  const plain = await stage.run([...GET, '--silent']);
  expect([refused, bought, plain].map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(plain.out).not.toBe(refused.out);
  expect((await stage.run([...GET, '--silent', ...claims])).out).toBe(bought.out);
});

it('a store that does not open is complained of once, and costs nobody the sign-in', async () => {
  await stage.signIn(GET, pass);
  const env = { TOKENCLI_STORE_KEY: Buffer.alloc(32, 1).toString('base64') };
  const { code, out, err } = await stage.signIn(GET, pass, { env });
  expect([code, out]).toEqual([0, expect.stringMatching(/^at\.\w+\n$/)]);
  expect(err.match(/warning: /g)).toHaveLength(1);
});

it('Ctrl+D in the place of the address ends the wait, and says what to run', async () => {
  const redirectUri = 'https://app.example/in';
  writeProfile([SCOPE], { flow: 'AuthorizationCode', redirectUri });
  const terminal = await stage.open([...GET, '--no-browser']);
  await terminal.waitFor('paste the address');
  terminal.type('\u0004');
  expect(await terminal.ended()).toEqual({ code: 5, out: '' });
  await terminal.waitFor('the input ended before the address was pasted');
  await terminal.waitFor('tokencli get-token -p me --no-browser');
  await terminal.close();
});
