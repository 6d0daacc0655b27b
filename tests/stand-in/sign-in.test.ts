import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Chromium, type Person, startChromium } from '../support/chromium.ts';
import { catchRedirects, type RedirectCatcher } from '../support/redirect-catcher.ts';
import { send } from '../support/send.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const PROTOCOL = 'openid profile offline_access';
const SCOPE = `https://graph.microsoft.com/User.Read ${PROTOCOL}`;
const WRITE = 'api://orders/Orders.Write';
const ADA = { username: 'ada@example.test', password: 'p&ss "word"' };
const BOB = { username: 'bob@example.test', password: 'bob’s' };
const tls = createTestCa();
const verifier = randomBytes(32).toString('base64url');
let idp: StandIn;
let chromium: Chromium;
let person: Person;
let loopback: RedirectCatcher;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [{ id: 'desktop', redirectUris: ['http://localhost'] }],
    users: [ADA, BOB],
    needsConsent: [WRITE],
    accessPolicies: [
      { resource: 'https://vault.example', number: 50076 },
      { resource: 'https://closed.example', number: 53003 },
    ],
    resources: [
      { uri: 'https://graph.microsoft.com', scopes: ['User.Read', 'Mail.Read'] },
      { uri: 'api://orders', scopes: ['Orders.Read', 'Orders.Write'] },
      { uri: 'https://vault.example', scopes: ['user_impersonation'] },
      { uri: 'https://closed.example', scopes: ['all'] },
    ],
    refreshTokenLifetime: 7200,
  });
  loopback = await catchRedirects();
  chromium = await startChromium();
  person = await chromium.person();
});
afterAll(async () => {
  await chromium.close();
  await loopback.close();
  await idp.close();
});

function authorizeUrl(more: Record<string, string> = {}): string {
  const params = new URLSearchParams({
    client_id: 'desktop',
    response_type: 'code',
    redirect_uri: loopback.redirectUri,
    scope: SCOPE,
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return `${idp.origin}/${idp.tenant}/oauth2/v2.0/authorize?${params}`;
}

/** Lets a person act on the authorize page. @returns what arrived at the redirect URI */
async function authorize(more: Record<string, string>, act: (who: Person) => Promise<void>) {
  const values = loopback.next();
  await person.visit(authorizeUrl(more));
  await act(person);
  return values;
}

async function freshPerson(): Promise<void> {
  await person.leave();
  person = await chromium.person();
}

async function ask(form: Record<string, string>) {
  return send(`${idp.origin}/${idp.tenant}/oauth2/v2.0/token`, tls.caPem, {
    client_id: 'desktop',
    client_info: '1',
    ...form,
  });
}

async function redeem(values: URLSearchParams, scope = SCOPE, code_verifier = verifier) {
  const code = values.get('code') ?? '';
  const redirect_uri = loopback.redirectUri;
  return ask({ grant_type: 'authorization_code', redirect_uri, scope, code, code_verifier });
}

async function refresh(refresh_token: string, scope: string, more = {}) {
  return ask({
    grant_type: 'refresh_token',
    refresh_token,
    scope: `${scope} ${PROTOCOL}`,
    ...more,
  });
}

const claims = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

describe('a person', () => {
  it('signs in after a wrong password, and the code is good for tokens exactly once', async () => {
    const values = await authorize({}, async (ada) => {
      await ada.enter({ ...ADA, password: 'wrong' });
      await ada.see('Your account or password is incorrect.');
      await ada.enter(ADA);
    });
    expect([...values.keys()].sort()).toEqual(['code', 'session_state', 'state']);
    expect((await redeem(values, SCOPE, 'x'.repeat(43))).json.error_codes).toEqual([54005]);

    const { status, json } = await redeem(values);
    expect(status).toBe(200);
    expect(json.scope).toBe('https://graph.microsoft.com/User.Read openid profile');
    expect(json.refresh_token_expires_in).toBe(7200);
    expect(claims(json.access_token)).toMatchObject({
      aud: 'https://graph.microsoft.com',
      scp: 'User.Read',
      tid: idp.tenant,
      preferred_username: ADA.username,
    });
    expect(claims(json.id_token)).toMatchObject({ nonce: 'the-nonce', tid: idp.tenant });
    expect(JSON.parse(Buffer.from(json.client_info, 'base64url').toString())).toEqual({
      uid: claims(json.id_token).oid,
      utid: idp.tenant,
    });
    expect((await redeem(values)).json.error_codes).toEqual([54005]);
  });

  it('is still signed in at the next request, and comes back by a form post', async () => {
    const values = await authorize({ response_mode: 'form_post' }, async () => {});
    expect([values.get('state'), values.has('code')]).toEqual(['the-state', true]);
    await redeem(values);
  });

  it('picks an account, or another one', async () => {
    const same = await authorize({ prompt: 'select_account' }, (ada) => ada.press('same'));
    const first = await redeem(same);
    expect(claims(first.json.id_token).preferred_username).toBe(ADA.username);

    const other = await authorize({ prompt: 'select_account' }, async (who) => {
      await who.press('other');
      await who.enter(BOB);
    });
    const second = await redeem(other);
    expect(claims(second.json.id_token).preferred_username).toBe(BOB.username);
    expect(claims(second.json.id_token).oid).not.toBe(claims(first.json.id_token).oid);
  });

  it('signs in again with prompt=login or a hint at somebody else, which is filled in', async () => {
    const again = await authorize({ prompt: 'login' }, (bob) => bob.enter(BOB));
    expect(again.has('code')).toBe(true);
    const hinted = await authorize({ login_hint: ADA.username }, async ({ page, press }) => {
      expect(await page().inputValue('[name=username]')).toBe(ADA.username);
      await page().fill('[name=password]', ADA.password);
      await press('sign-in');
    });
    const { json } = await redeem(hinted);
    expect(claims(json.id_token).preferred_username).toBe(ADA.username);
  });

  it('may go back, of which the client learns no more than that', async () => {
    const values = await authorize({ prompt: 'login' }, (ada) => ada.press('cancel'));
    expect(Object.fromEntries(values)).toEqual({
      error: 'access_denied',
      error_subcode: 'cancel',
      state: 'the-state',
    });
  });

  it('sees why when the redirect URI is not registered', async () => {
    await person.visit(authorizeUrl({ redirect_uri: 'https://elsewhere.test/' }));
    await person.see(/^AADSTS50011: The redirect URI 'https:\/\/elsewhere.test\/'/);
  });

  it('is sent back at once when the request is for nothing known', async () => {
    const values = await authorize({ scope: `api://nowhere/.default ${PROTOCOL}` }, async () => {});
    expect(values.get('error')).toBe('invalid_resource');
    expect(values.get('error_description')).toMatch(/^AADSTS500011: .* Trace ID: /);
  });
});

describe('one sign-in', () => {
  it('is good for every resource, and its refresh token changes each time', async () => {
    const first = await redeem(await authorize({}, async () => {}));
    const orders = await refresh(first.json.refresh_token, 'api://orders/Orders.Read');
    expect(claims(orders.json.access_token)).toMatchObject({
      aud: 'api://orders',
      scp: 'Orders.Read',
    });
    expect(orders.json.refresh_token).not.toBe(first.json.refresh_token);
    const slash = 'https://graph.microsoft.com//.default';
    const graph = await refresh(orders.json.refresh_token, slash);
    expect(graph.json.scope).toBe(
      `https://graph.microsoft.com//User.Read https://graph.microsoft.com//Mail.Read ${slash} openid profile`,
    );
    expect(claims(graph.json.access_token)).toMatchObject({
      aud: 'https://graph.microsoft.com/',
      scp: 'User.Read Mail.Read',
    });
    const bad = await refresh(graph.json.refresh_token, 'api://orders/Nothing');
    expect(bad.json.error_codes).toEqual([70011]);
    expect((await refresh(graph.json.refresh_token, WRITE)).json).toMatchObject({
      error: 'invalid_grant',
      error_codes: [65001],
      suberror: 'consent_required',
    });
    // a refusal spends nothing
    expect((await refresh(graph.json.refresh_token, slash)).status).toBe(200);
  });

  it('asks for consent, which may be declined, and is asked only once', async () => {
    const scope = `${WRITE} ${PROTOCOL}`;
    const declined = await authorize({ scope }, (ada) => ada.consent('decline'));
    expect([declined.get('error'), declined.get('error_subcode')]).toEqual([
      'access_denied',
      'cancel',
    ]);
    expect(declined.get('error_description')).toMatch(/^AADSTS65004: User declined to consent/);

    const accepted = await authorize({ scope }, async (ada) => {
      expect(await ada.see('desktop would like to:')).toContain(WRITE);
      await ada.consent('accept');
    });
    const { json } = await redeem(accepted, scope);
    expect(claims(json.access_token)).toMatchObject({ aud: 'api://orders', scp: 'Orders.Write' });
    expect((await authorize({ scope }, async () => {})).has('code')).toBe(true);
    const graph = await refresh(json.refresh_token, SCOPE);
    expect((await refresh(graph.json.refresh_token, WRITE)).status).toBe(200);
  });

  it('ends with a refresh token that comes twice, even at the same time', async () => {
    const before = { ...idp.counts };
    const { json } = await redeem(await authorize({}, async () => {}));
    const twice = await Promise.all([1, 2].map(() => refresh(json.refresh_token, SCOPE)));
    const [good, bad] = twice.sort((one, other) => one.status - other.status);
    expect([good?.status, bad?.json.error, bad?.json.error_codes]).toEqual([
      200,
      'invalid_grant',
      [70008],
    ]);
    expect((await refresh(good?.json.refresh_token, SCOPE)).json.error_codes).toEqual([70008]);
    expect(idp.counts).toEqual({
      ...before,
      reuses: before.reuses + 1,
      revocations: before.revocations + 1,
    });
  });

  it('ends with the password', async () => {
    const { json } = await redeem(await authorize({}, async () => {}));
    await idp.revoke(ADA.username);
    expect((await refresh(json.refresh_token, SCOPE)).json).toMatchObject({
      error: 'invalid_grant',
      error_codes: [50173],
      suberror: 'bad_token',
    });
  });
});

describe('an administrator', () => {
  const link = (more: Record<string, string> = {}) => {
    const { redirectUri: redirect_uri } = loopback;
    const params = { client_id: 'desktop', redirect_uri, state: 'the-state', ...more };
    return `${idp.origin}/organizations/v2.0/adminconsent?${new URLSearchParams(params)}`;
  };

  it('allows an application for the tenant, or does not', async () => {
    const answers = [];
    for (const answer of ['accept', 'decline'] as const) {
      const values = loopback.next();
      await person.signIn(link({ scope: 'https://graph.microsoft.com/.default' }), ADA);
      await person.consent(answer);
      answers.push(Object.fromEntries(await values));
    }
    const always = { admin_consent: 'True', state: 'the-state', scope: expect.any(String) };
    expect(answers).toEqual([
      { ...always, tenant: idp.tenant },
      {
        ...always,
        error: 'access_denied',
        error_subcode: 'cancel',
        error_description: expect.stringMatching(/^AADSTS65004: /),
        error_uri: expect.any(String),
      },
    ]);
  });

  it('is sent nowhere that is not registered', async () => {
    await person.visit(link({ redirect_uri: 'http://localhost:1/else' }));
    await person.see(/^AADSTS50011: /);
  });
});

describe('conditional access', () => {
  const VAULT = 'https://vault.example/user_impersonation';

  it('wants a second factor, which a sign-in with the challenge gives', async () => {
    await freshPerson();
    const { json } = await redeem(await authorize({}, (ada) => ada.enter(ADA)));
    const refused = await refresh(json.refresh_token, VAULT);
    expect(refused.json).toMatchObject({
      error: 'interaction_required',
      error_codes: [50076],
      suberror: 'basic_action',
      claims: expect.stringMatching(/^{"access_token":{"capolids":{"essential":true,"values":\[/),
    });
    const met = await redeem(await authorize({ claims: refused.json.claims }, async () => {}));
    expect((await refresh(met.json.refresh_token, VAULT)).status).toBe(200);
    const direct = `${VAULT} ${PROTOCOL}`;
    const asked = await redeem(await authorize({ scope: direct }, async () => {}), direct);
    expect(claims(asked.json.access_token)).toMatchObject({ aud: 'https://vault.example' });
  });

  it('wants what an API has challenged for, and puts it into the token', async () => {
    const challenge = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const { json } = await redeem(await authorize({}, async () => {}));
    const refused = await refresh(json.refresh_token, SCOPE, { claims: challenge });
    expect(refused.json.error_codes).toEqual([50076]);
    const met = await redeem(await authorize({ claims: challenge }, async () => {}));
    const stepped = await refresh(met.json.refresh_token, SCOPE, { claims: challenge });
    expect(claims(stepped.json.access_token).acrs).toEqual(['c1']);
  });

  it('may close a resource for good', async () => {
    const scope = `https://closed.example/all ${PROTOCOL}`;
    const { json } = await redeem(await authorize({ scope }, async () => {}), scope);
    expect(json).toMatchObject({ error_codes: [53003], suberror: 'message_only' });
  });
});
