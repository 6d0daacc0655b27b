import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type Chromium, type Person, startChromium } from '../support/chromium.ts';
import {
  claimsOf,
  readDeviceCode,
  type SignInStage,
  setSignInStage,
} from '../support/sign-in-stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const ADA = { username: 'ada@example.test', password: 'ada’s' };
const BOB = { username: 'bob@example.test', password: 'bob’s' };
const READ = 'https://graph.microsoft.com/User.Read';
const WRITE = 'api://orders/Orders.Write';
const GET = ['get-token', '-p', 'tv'];
const tls = createTestCa();
let idp: StandIn;
let chromium: Chromium;
let stage: SignInStage;
let person: Person;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [
      { id: appId('terminal'), devices: true },
      { id: appId('web'), secret: 'secret', redirectUris: ['http://localhost'] },
    ],
    users: [ADA, BOB],
    needsConsent: [WRITE],
    accessPolicies: [{ resource: 'https://closed.example', number: 530033 }],
    resources: [
      { uri: 'https://graph.microsoft.com', scopes: ['User.Read'] },
      { uri: 'api://orders', scopes: ['Orders.Read', 'Orders.Write'] },
      { uri: 'https://closed.example', scopes: ['all'] },
    ],
    deviceInterval: 1,
  });
  chromium = await startChromium();
  person = await chromium.person();
});
afterAll(async () => {
  await chromium.close();
  stage.remove();
  await idp.close();
});

beforeEach(async () => {
  stage?.remove();
  stage = setSignInStage(tls);
  const profile = (name: string, clientId: string) => ({
    name,
    clientId,
    tenantId: idp.tenant,
    authority: idp.origin,
    caFile: stage.caFile,
    flow: 'DeviceCode',
    scopes: [READ],
  });
  stage.writeProfiles({
    schemaVersion: 1,
    profiles: [profile('tv', appId('terminal')), profile('web', appId('web'))],
  });
  await person.leave();
  person = await chromium.person();
});

async function signIn(args: readonly string[], act: (link: string, code: string) => Promise<void>) {
  const terminal = await stage.open(args, { FORCE_COLOR: '3' });
  const { link, code } = await readDeviceCode(terminal);
  await act(link, code);
  const end = await terminal.ended();
  await terminal.close();
  return { ...end, err: terminal.screen() };
}

describe('a device code', () => {
  it('is entered elsewhere, and the terminal gets the token', async () => {
    const early = idp.counts.earlyPolls;
    const { code, out, err } = await signIn([...GET, '--debug'], async (link, code) => {
      await person.enterDeviceCode(link, code);
      await person.enter(ADA);
      await person.see('You have signed in');
    });
    expect({ code, out }).toEqual({ code: 0, out: `${idp.issued.at(-1)}\n` });
    expect(claimsOf(out)).toMatchObject({ preferred_username: ADA.username, scp: 'User.Read' });
    for (const part of ['Device Code Authentication', idp.tenant, appId('terminal'), READ]) {
      expect(err).toContain(part);
    }
    expect(err).toContain('✓ Token acquired successfully');
    expect(idp.counts.earlyPolls).toBe(early);
    expect((await stage.run([...GET, '--silent'])).out).toBe(out);
    const orders = await stage.run([...GET, '--silent', '-s', 'api://orders/Orders.Read']);
    expect(claimsOf(orders.out)['aud']).toBe('api://orders');
    expect((await stage.run(['refresh', '-p', 'tv'])).code).toBe(0);
  });

  it.each([
    [
      'before the sign-in',
      GET,
      (link: string, code: string) => person.enterDeviceCode(link, code, 'decline'),
    ],
    [
      'on the sign-in page',
      GET,
      async (link: string, code: string) => {
        await person.enterDeviceCode(link, code);
        await person.press('cancel');
      },
    ],
    [
      'at the consent',
      [...GET, '-s', WRITE],
      async (link: string, code: string) => {
        await person.enterDeviceCode(link, code);
        await person.enter(ADA);
        await person.consent('decline');
      },
    ],
  ] as const)('declined %s is refused for good', async (_when, args, act) => {
    const { code, out, err } = await signIn(args, act);
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('tokencli: the sign-in was declined');
  });

  it('is refused by a policy, which is told as it is', async () => {
    const args = [...GET, '-s', 'https://closed.example/all'];
    const { code, out, err } = await signIn(args, async (link, code) => {
      await person.enterDeviceCode(link, code);
      await person.enter(ADA);
    });
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('AADSTS530033');
    expect(err).toContain('--flow InteractiveBrowser');
  });

  it('is nothing for a client with a secret, which it says at once', async () => {
    const { code, out, err } = await stage.runAttended(['get-token', '-p', 'web']);
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('7000218');
  });

  it('ends with --timeout', async () => {
    const { code, out } = await stage.runAttended([...GET, '--timeout', '2s']);
    expect([code, out]).toEqual([8, '']);
  });

  it('does not change the account of a profile', async () => {
    const enter = (who: typeof ADA) => async (link: string, code: string) => {
      await person.enterDeviceCode(link, code);
      await person.enter(who);
      await person.see('You have signed in');
    };
    const first = await signIn(GET, enter(ADA));
    await person.leave();
    person = await chromium.person();
    await idp.revoke(ADA.username);
    const other = await signIn([...GET, '--force-refresh'], enter(BOB));
    expect([other.code, other.out]).toEqual([4, '']);
    expect((await stage.run([...GET, '--silent'])).out).toBe(first.out);
  });

  it('is never shown where nobody reads it', async () => {
    const count = idp.requests.length;
    expect(await stage.run(GET)).toMatchObject({ code: 5, out: '' });
    expect(await stage.runAttended([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });
    expect(await stage.runAttended(GET, { env: { CI: '1' } })).toMatchObject({ code: 5, out: '' });
    expect(idp.requests.filter(({ path }) => path.endsWith('devicecode')).length).toBe(
      idp.requests.slice(0, count).filter(({ path }) => path.endsWith('devicecode')).length,
    );
  });
});
