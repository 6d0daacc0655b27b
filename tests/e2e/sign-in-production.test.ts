import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import {
  claimsOf,
  readDeviceCode,
  type SignInStage,
  setSignInStage,
} from '../support/sign-in-stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const HOST = 'login.microsoftonline.com';
const READ = 'https://graph.microsoft.com/User.Read';
const ADA = { username: 'ada@example.test', password: 'ada’s' };
const tls = createTestCa(['localhost', HOST]);
let idp: StandIn;
let proxy: ConnectProxy;
let chromium: Chromium;
let stage: SignInStage;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    publicOrigin: `https://${HOST}`,
    clients: [
      { id: appId('desktop'), redirectUris: ['http://localhost'] },
      { id: appId('daemon'), secret: 'of the daemon' },
    ],
    users: [ADA],
    deviceInterval: 1,
  });
  const target = Number(new URL(idp.origin).port);
  proxy = await startConnectProxy({ target });
  chromium = await startChromium({ [HOST]: target });
  stage = setSignInStage(tls, { HTTPS_PROXY: proxy.url });
  const profile = (name: string, more: object) => ({ name, tenantId: idp.tenant, ...more });
  stage.writeProfiles({
    schemaVersion: 1,
    profiles: [
      profile('me', { clientId: appId('desktop'), scopes: [READ], flow: 'InteractiveBrowser' }),
      profile('tv', { clientId: appId('desktop'), scopes: [READ], flow: 'DeviceCode' }),
      profile('app', {
        clientId: appId('daemon'),
        scopes: ['https://graph.microsoft.com/.default'],
      }),
    ],
  });
});
afterAll(async () => {
  await chromium.close();
  await proxy.close();
  stage.remove();
  await idp.close();
});

const paths = () => idp.requests.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
const before = () => {
  const count = idp.requests.length;
  return () => paths().slice(count);
};

it('an application: one request', async () => {
  const since = before();
  const env = { TOKENCLI_CLIENT_SECRET: 'of the daemon' };
  const { code, out } = await stage.run(['get-token', '-p', 'app'], { caFile: stage.caFile, env });
  expect([code, since()]).toEqual([0, ['POST token']]);
  expect(claimsOf(out)['iss']).toBe(`https://${HOST}/${idp.tenant}/v2.0`);
});

it('a person at the browser, and then another resource', async () => {
  const since = before();
  const ada = await chromium.person();
  const options = { caFile: stage.caFile };
  const { code, out } = await stage.signIn(
    ['get-token', '-p', 'me'],
    async (link) => {
      expect(new URL(link).origin).toBe(`https://${HOST}`);
      await ada.signIn(link, ADA);
      await ada.see('You are signed in');
    },
    options,
  );
  expect([code, claimsOf(out)['scp']]).toEqual([0, 'User.Read']);
  const orders = await stage.run(
    ['get-token', '-p', 'me', '--silent', '-s', 'api://orders/Orders.Read'],
    options,
  );
  expect(claimsOf(orders.out)['aud']).toBe('api://orders');
  expect(since().filter((request) => request.startsWith('POST token'))).toHaveLength(2);
  await ada.leave();
});

it('a person at another device', async () => {
  const ada = await chromium.person();
  const terminal = await stage.open(['get-token', '-p', 'tv'], {
    NODE_EXTRA_CA_CERTS: stage.caFile,
  });
  const { link, code } = await readDeviceCode(terminal);
  await ada.enterDeviceCode(link, code);
  await ada.enter(ADA);
  expect(await terminal.ended()).toMatchObject({ code: 0, out: `${idp.issued.at(-1)}\n` });
  await terminal.close();
  await ada.leave();
});

it('never asked where the endpoints are, nor anybody else', () => {
  expect(paths().filter((request) => /openid-configuration|instance/.test(request))).toEqual([]);
  expect([...new Set(proxy.asked)]).toEqual([`${HOST}:443`]);
});
