import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Chromium, type Person, startChromium } from '../support/chromium.ts';
import { CHATTER } from '../support/opener.ts';
import { claimsOf, type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const ADA = { username: 'ada@example.test', password: 'p&ss "word"' };
const BOB = { username: 'bob@example.test', password: 'bob’s' };
const READ = 'https://graph.microsoft.com/User.Read';
const WRITE = 'api://orders/Orders.Write';
const tls = createTestCa();
let idp: StandIn;
let chromium: Chromium;
let stage: SignInStage;
let person: Person;
/** Token requests before this test. */
let before: number;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [
      { id: 'desktop', redirectUris: ['http://localhost'] },
      { id: 'other', redirectUris: ['http://localhost'] },
    ],
    users: [ADA, BOB],
    needsConsent: [WRITE],
    accessPolicies: [{ resource: 'https://vault.example', number: 50076 }],
    resources: [
      { uri: 'https://graph.microsoft.com', scopes: ['User.Read', 'Mail.Read'] },
      { uri: 'api://orders', scopes: ['Orders.Read', 'Orders.Write'] },
      { uri: 'https://vault.example', scopes: ['user_impersonation'] },
    ],
  });
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium.close();
  await idp.close();
});

beforeEach(async () => {
  before = idp.tokenRequests().length;
  stage = setSignInStage(tls);
  writeProfile();
  person = await chromium.person();
});
afterEach(async () => {
  expect(idp.counts).toMatchObject({ reuses: 0, revocations: 0 });
  await person.leave();
  stage.remove();
});

function writeProfile(more: object = {}): void {
  const profile = {
    name: 'me',
    clientId: 'desktop',
    tenantId: idp.tenant,
    authority: idp.origin,
    caFile: stage.caFile,
    flow: 'InteractiveBrowser',
    scopes: [READ],
    ...more,
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
}

const GET = ['get-token', '-p', 'me'];
const grants = () =>
  idp
    .tokenRequests()
    .slice(before)
    .map(({ params }) => params['grant_type']);
const latest = () => `${idp.issued.at(-1)}\n`;
const signInAsAda = () => stage.signIn(GET, (link) => person.signIn(link, ADA));

describe('a sign-in with the browser', () => {
  it('gives a token, and tells the person in terminal and browser that it did', async () => {
    const { code, out, err } = await stage.signIn(GET, async (link) => {
      await person.signIn(link, { ...ADA, password: 'wrong' });
      await person.see('Your account or password is incorrect.');
      await person.enter(ADA);
      await person.see('You are signed in');
    });
    expect([code, out]).toEqual([0, latest()]);
    expect(claimsOf(out)).toMatchObject({ scp: 'User.Read', preferred_username: ADA.username });
    expect(err).toContain('Opening browser for authentication...');
    expect(err).toContain('✓ Token acquired successfully');
    expect(grants()).toEqual(['authorization_code']);

    const again = await stage.run([...GET, '--silent']);
    expect(again).toMatchObject({ code: 0, out, err: '' });
    expect(grants()).toHaveLength(1);
  });

  it('sends PKCE, state and nonce, and no secret in any query', async () => {
    await signInAsAda();
    const link = new URL(stage.opener.opened()[0] ?? '');
    expect(Object.fromEntries(link.searchParams)).toMatchObject({
      client_id: 'desktop',
      response_type: 'code',
      redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+\/?$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^.{20,}$/),
      nonce: expect.stringMatching(/^.{20,}$/),
    });
    expect(link.searchParams.get('scope')?.split(' ').sort()).toEqual(
      [READ, 'offline_access', 'openid', 'profile'].sort(),
    );
  });

  it.each([
    ['--json', { FORCE_COLOR: '3' }],
    ['--debug', {}],
    ['--verbose', { FORCE_COLOR: '1', DEBUG: '*' }],
  ])('keeps stdout to the byte with %s and a browser that prints', async (flag, env) => {
    const { code, out, err } = await stage.signIn(
      [...GET, flag],
      (link) => person.signIn(link, ADA),
      { env },
    );
    const token = idp.issued.at(-1) ?? '';
    if (flag === '--json') expect(JSON.parse(out)).toMatchObject({ accessToken: token });
    else expect(out).toBe(`${token}\n`);
    expect(code).toBe(0);
    expect(err).not.toContain(CHATTER);
    expect(err).not.toContain(token);
  });

  it('that was cancelled is refused for good, in terminal and browser', async () => {
    const { code, out, err } = await stage.signIn(GET, async (link) => {
      await person.visit(link);
      await person.press('cancel');
      await person.see('The sign-in did not work');
    });
    expect([code, out]).toEqual([4, '']);
    expect(err).toMatch(/cancel|declined|denied/i);
    expect(grants()).toEqual([]);
  });

  it('ends with --timeout when the tab was closed', async () => {
    const { code, out, err } = await stage.signIn([...GET, '--timeout', '4s'], async (link) => {
      await person.visit(link);
      await person.closeTab();
    });
    expect([code, out]).toEqual([8, '']);
    const { searchParams } = new URL(stage.opener.opened()[0] ?? '');
    expect(err).toContain('browser did not respond');
    expect(err).toContain('DeviceCode');
    expect(err).toContain(searchParams.get('redirect_uri') ?? 'none');
    await expect(fetch(searchParams.get('redirect_uri') ?? '')).rejects.toThrow();
  });

  it('needs a person: without one it says what to run', async () => {
    for (const args of [GET, [...GET, '--silent']]) {
      const { code, out, err } = await stage.run(args);
      expect([code, out]).toEqual([5, '']);
      expect(err).toContain('tokencli get-token -p me');
      expect(err).not.toContain('--silent');
    }
    expect(await stage.runAttended([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });
    expect(stage.opener.opened()).toEqual([]);
    expect(grants()).toEqual([]);
  });
});

describe('consent', () => {
  const ORDERS = [...GET, '--scope', WRITE];

  it('declined is refused for good', async () => {
    const { code, out, err } = await stage.signIn(ORDERS, async (link) => {
      await person.signIn(link, ADA);
      await person.consent('decline');
      await person.see('The sign-in did not work');
    });
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('65004');
  });

  it('accepted gives the token', async () => {
    const { code, out } = await stage.signIn(ORDERS, async (link) => {
      await person.signIn(link, ADA);
      await person.consent('accept');
    });
    expect(code).toBe(0);
    expect(claimsOf(out)).toMatchObject({ aud: 'api://orders', scp: 'Orders.Write' });
  });

  it('that is missing for another resource needs a person', async () => {
    await stage.signIn(GET, (link) => person.signIn(link, BOB));
    const { code, out, err } = await stage.run([...ORDERS, '--silent']);
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain('65001');
    const allowed = await stage.signIn(ORDERS, (link) =>
      person.visit(link).then(() => person.consent('accept')),
    );
    expect(allowed.code).toBe(0);
  });
});

describe('one sign-in, several resources', () => {
  it('buys the others with the same refresh token and keeps all of them', async () => {
    const first = await signInAsAda();
    const orders = await stage.run([...GET, '--scope', 'api://orders/Orders.Read']);
    const graph = await stage.run([...GET, '--resource', 'https://graph.microsoft.com/']);
    expect(claimsOf(orders.out)).toMatchObject({ aud: 'api://orders', scp: 'Orders.Read' });
    expect(claimsOf(graph.out)).toMatchObject({ aud: 'https://graph.microsoft.com/' });
    expect(grants()).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);

    expect((await stage.run([...GET, '--silent'])).out).toBe(first.out);
    const same = await stage.run([...GET, '--silent', '--scope', 'api://orders/Orders.Read']);
    expect(same.out).toBe(orders.out);
    expect(grants()).toHaveLength(3);
  });

  it('does not serve one client with the tokens of another', async () => {
    await signInAsAda();
    writeProfile({ clientId: 'other' });
    const { code, out, err } = await stage.run([...GET, '--silent']);
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain('tokencli get-token -p me');
    expect(grants()).toHaveLength(1);
  });

  it('asks the person for what conditional access wants', async () => {
    await signInAsAda();
    const scope = ['--scope', 'https://vault.example/user_impersonation'];
    const refused = await stage.run([...GET, ...scope, '--silent']);
    expect([refused.code, refused.out]).toEqual([5, '']);
    expect(refused.err).toContain('50076');
    const met = await stage.signIn([...GET, ...scope], (link) => person.visit(link));
    expect(met.code).toBe(0);
    expect(claimsOf(met.out)).toMatchObject({ aud: 'https://vault.example' });
    // nobody renewed in between, so what was refused is not sent twice
    expect(grants()).toEqual([
      'authorization_code',
      'refresh_token',
      'refresh_token',
      'authorization_code',
    ]);
  });
});

describe('the account of a profile', () => {
  it('is not changed by somebody else who signs in', async () => {
    const first = await signInAsAda();
    const again = [...GET, '--force-refresh', '--prompt', 'login'];
    const { code, out, err } = await stage.signIn(again, (link) => person.signIn(link, BOB));
    expect(out).toBe('');
    expect(code).toBe(4);
    expect(err).toContain(BOB.username);
    expect(err).toContain(ADA.username);
    expect((await stage.run([...GET, '--silent'])).out).toBe(first.out);
  });

  it('is proposed to the provider', async () => {
    await stage.signIn([...GET, '--login-hint', ADA.username], async (link) => {
      await person.visit(link);
      expect(await person.page().inputValue('[name=username]')).toBe(ADA.username);
      await person.enter(ADA);
    });
    expect(stage.opener.opened()[0]).toContain('login_hint=ada%40example.test');
  });

  it('is forgotten by logout', async () => {
    await signInAsAda();
    expect(await stage.run(['logout', '-p', 'me'])).toMatchObject({ code: 0 });
    expect(await stage.run([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });
    const bob = await stage.signIn([...GET, '--prompt', 'login'], (link) =>
      person.signIn(link, BOB),
    );
    expect(claimsOf(bob.out)).toMatchObject({ preferred_username: BOB.username });
  });
});

describe('refresh', () => {
  it('replaces the token and the refresh token', async () => {
    const first = await signInAsAda();
    const { code, out, err } = await stage.run(['refresh', '-p', 'me']);
    expect([code, out]).toEqual([0, latest()]);
    expect(out).not.toBe(first.out);
    expect(err).toContain("Refreshing token for profile 'me'...");
    expect(err).toContain('✓ Token refreshed successfully');
    expect((await stage.run([...GET, '--silent'])).out).toBe(out);
    expect((await stage.run(['refresh', '-p', 'me', '--silent'])).code).toBe(0);
    expect(grants()).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);
  });

  it('forgets a dead refresh token', async () => {
    await signInAsAda();
    await idp.revoke(ADA.username);
    const { code, out, err } = await stage.run(['refresh', '-p', 'me']);
    expect([code, out]).toEqual([6, '']);
    expect(err).toContain('50173');
    const again = await stage.run(['refresh', '-p', 'me']);
    expect(again).toMatchObject({ code: 6, out: '' });
    expect(again.err).toContain('tokencli get-token -p me --force-refresh');
    expect(grants()).toEqual(['authorization_code', 'refresh_token']);
  });
});
