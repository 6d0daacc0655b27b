import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { type PlainOidc, startPlainOidc } from '../support/plain-oidc.ts';
import { catchRedirects, type RedirectCatcher } from '../support/redirect-catcher.ts';
import { send } from '../support/send.ts';
import { createTestCa } from '../support/tls.ts';

const ADA = { username: 'ada', password: 'anything' };
const URN = 'urn:ietf:params:oauth:grant-type:device_code';
const tls = createTestCa();
const verifier = randomBytes(32).toString('base64url');
let idp: PlainOidc;
let chromium: Chromium;
let loopback: RedirectCatcher;

beforeAll(async () => {
  idp = await startPlainOidc({
    tls,
    scopes: ['api:read'],
    clients: [
      {
        client_id: 'native',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', URN],
        redirect_uris: ['http://localhost'],
      },
      {
        client_id: 'daemon',
        client_secret: 'secret',
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
    ],
  });
  loopback = await catchRedirects();
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium.close();
  await loopback.close();
  await idp.close();
});

const post = (path: string, form: Record<string, string>) =>
  send(`${idp.issuer}${path}`, tls.caPem, form);

describe('a plain provider', () => {
  it('is found by its issuer to the letter only', async () => {
    const path = '/.well-known/openid-configuration';
    const { json } = await send(idp.issuer + path, tls.caPem);
    expect(json).toMatchObject({
      issuer: expect.stringMatching(/\/realms\/MyRealm$/),
      token_endpoint: `${idp.issuer}/token`,
      device_authorization_endpoint: `${idp.issuer}/device/auth`,
    });
    expect((await send(idp.issuer.toLowerCase() + path, tls.caPem)).status).toBe(404);
  });

  it('gives a code that is good for opaque tokens, and a new refresh token each time', async () => {
    const params = new URLSearchParams({
      client_id: 'native',
      response_type: 'code',
      redirect_uri: loopback.redirectUri,
      scope: 'openid offline_access api:read',
      prompt: 'consent',
      state: 'the-state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const arrived = loopback.next();
    const ada = await chromium.person();
    await ada.signIn(`${idp.issuer}/auth?${params}`, ADA);
    await ada.consent('accept');
    const { json } = await post('/token', {
      grant_type: 'authorization_code',
      client_id: 'native',
      redirect_uri: loopback.redirectUri,
      code: (await arrived).get('code') ?? '',
      code_verifier: verifier,
    });
    expect(json).toMatchObject({ scope: 'openid offline_access api:read' });
    expect(json.access_token).not.toContain('.');
    const form = { grant_type: 'refresh_token', client_id: 'native' };
    const again = await post('/token', { ...form, refresh_token: json.refresh_token });
    expect(again.json.refresh_token).not.toBe(json.refresh_token);
    const reused = await post('/token', { ...form, refresh_token: json.refresh_token });
    expect([reused.json.error, idp.counts.revocations]).toEqual(['invalid_grant', 1]);
    await ada.leave();
  });

  it('knows device codes by the full name of the grant type only', async () => {
    const { json } = await post('/device/auth', { client_id: 'native', scope: 'openid' });
    expect(json).toMatchObject({ verification_uri_complete: expect.any(String) });
    expect(json.interval).toBeUndefined();
    const form = { client_id: 'native', device_code: json.device_code };
    const short = await post('/token', { ...form, grant_type: 'device_code' });
    expect(short.json.error).toBe('unsupported_grant_type');
    const ada = await chromium.person();
    await ada.enterDeviceCode(json.verification_uri, json.user_code);
    await ada.enter(ADA);
    await ada.consent('accept');
    await ada.see('Sign-in Success');
    const { status } = await post('/token', { ...form, grant_type: URN });
    expect(status).toBe(200);

    const declined = (await post('/device/auth', { client_id: 'native', scope: 'openid' })).json;
    await ada.enterDeviceCode(declined.verification_uri, declined.user_code, 'decline');
    await ada.see('The Sign-in request was interrupted');
    const { device_code } = declined;
    const after = await post('/token', { ...form, device_code, grant_type: URN });
    expect(after.json.error).toBe('access_denied');
    await ada.leave();
  });

  it('gives an application its token', async () => {
    const { json } = await post('/token', {
      grant_type: 'client_credentials',
      client_id: 'daemon',
      client_secret: 'secret',
      scope: 'api:read',
    });
    expect(json).toMatchObject({ token_type: 'Bearer', scope: 'api:read' });
  });
});
