import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { send } from '../support/send.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const SCOPE = 'https://graph.microsoft.com/.default openid profile offline_access';
const URN = 'urn:ietf:params:oauth:grant-type:device_code';
const ADA = { username: 'ada@example.test', password: 'ada’s' };
const tls = createTestCa();
let idp: StandIn;
let chromium: Chromium;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [
      { id: 'terminal', redirectUris: ['http://localhost'] },
      { id: 'web', secret: 'secret', redirectUris: ['http://localhost'] },
    ],
    users: [ADA],
    needsConsent: ['api://orders/Orders.Write'],
    deviceInterval: 1,
  });
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium.close();
  await idp.close();
});

const at = ({ origin, tenant }: StandIn, path: string) => `${origin}/${tenant}/oauth2/v2.0/${path}`;

async function begin(client_id = 'terminal', scope = SCOPE, to = idp) {
  return send(at(to, 'devicecode'), tls.caPem, { client_id, scope });
}

async function poll(device_code: string, grant_type = 'device_code', to = idp) {
  return send(at(to, 'token'), tls.caPem, { client_id: 'terminal', grant_type, device_code });
}

describe('a device code', () => {
  it('is announced as Entra does it', async () => {
    const { status, json } = await begin();
    expect([status, json]).toEqual([
      200,
      {
        device_code: expect.any(String),
        user_code: expect.stringMatching(/^[A-Z]{9}$/),
        verification_uri: `${idp.origin}/${idp.tenant}/oauth2/deviceauth`,
        expires_in: 900,
        interval: 1,
        message: `To sign in, use a web browser to open the page ${json.verification_uri} and enter the code ${json.user_code} to authenticate.`,
      },
    ]);
  });

  it.each(['device_code', URN])('becomes tokens with the grant type %s', async (grant) => {
    const { json } = await begin();
    expect((await poll(json.device_code, grant)).json).toMatchObject({
      error: 'authorization_pending',
      error_codes: [70016],
    });
    const person = await chromium.person();
    await person.enterDeviceCode(json.verification_uri, json.user_code);
    await person.enter(ADA);
    await person.see('You have signed in');
    const answer = await poll(json.device_code, grant);
    expect(answer.json).toMatchObject({
      refresh_token: expect.any(String),
      scope: expect.stringContaining('https://graph.microsoft.com/.default'),
    });
    await person.leave();
  });

  it('may be declined before the sign-in, on its page, and at the consent', async () => {
    const early = (await begin()).json;
    const person = await chromium.person();
    await person.enterDeviceCode(early.verification_uri, early.user_code, 'decline');
    await person.see('You declined.');

    const middle = (await begin()).json;
    await person.enterDeviceCode(middle.verification_uri, middle.user_code);
    await person.press('cancel');
    await person.see('You declined.');

    const late = (await begin('terminal', 'api://orders/Orders.Write openid')).json;
    await person.enterDeviceCode(late.verification_uri, late.user_code);
    await person.enter(ADA);
    await person.consent('decline');
    await person.see('You declined.');
    for (const { device_code } of [early, middle, late]) {
      expect((await poll(device_code)).json.error).toBe('authorization_declined');
    }
    await person.leave();
  });

  it('that was mistyped may be typed again', async () => {
    const { json } = await begin();
    const person = await chromium.person();
    await person.visit(json.verification_uri);
    await person.page().fill('[name=user_code]', 'WRONG');
    await person.page().press('[name=user_code]', 'Enter');
    await person.see('That code didn’t work.');
    await person.leave();
  });

  it('ends with its time, and is told from one that never was', async () => {
    const hasty = await startStandIn({
      tls,
      clients: [{ id: 'terminal', devices: true }],
      deviceLifetime: 1,
    });
    const { json } = await begin('terminal', SCOPE, hasty);
    await pause(1100);
    const late = await poll(json.device_code, URN, hasty);
    const never = await poll('never', URN, hasty);
    await hasty.close();
    expect(late.json).toMatchObject({ error: 'expired_token', error_codes: [70020] });
    expect(never.json.error).toBe('bad_verification_code');
  });

  it('is for public clients', async () => {
    expect((await begin('web')).json.error_codes).toEqual([7000218]);
    expect((await begin('nobody')).json.error_codes).toEqual([700016]);
  });

  it('is not to be asked for in a hurry', async () => {
    const { json } = await begin();
    const before = idp.counts.earlyPolls;
    await poll(json.device_code);
    await poll(json.device_code);
    expect(idp.counts.earlyPolls).toBe(before + 1);
    await pause(1000);
    await poll(json.device_code);
    expect(idp.counts.earlyPolls).toBe(before + 1);
  });
});
