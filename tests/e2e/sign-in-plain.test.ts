import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Chromium, type Person, startChromium } from '../support/chromium.ts';
import { type PlainOidc, startPlainOidc } from '../support/plain-oidc.ts';
import { readDeviceCode, type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { createTestCa } from '../support/tls.ts';

const ADA = { username: 'ada', password: 'anything' };
const URN = 'urn:ietf:params:oauth:grant-type:device_code';
const SECRET = 'of the daemon';
const tls = createTestCa();
const certified = createTestCa(['client']);
let idp: PlainOidc;
let chromium: Chromium;
let stage: SignInStage;
let person: Person;

beforeAll(async () => {
  const daemon = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
  idp = await startPlainOidc({
    tls,
    scopes: ['api:read', 'api:write'],
    clients: [
      {
        client_id: 'native',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', URN],
        redirect_uris: ['http://localhost'],
      },
      {
        ...daemon,
        client_id: 'daemon',
        client_secret: SECRET,
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        ...daemon,
        client_id: 'certified',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [createPublicKey(certified.cert).export({ format: 'jwk' })] },
      },
    ],
  });
  chromium = await startChromium();
  person = await chromium.person();
  stage = setSignInStage(tls);
  stage.file('client.pem', certified.key + certified.cert);
  const profile = (name: string, clientId: string, more: object) => ({
    name,
    clientId,
    authority: idp.issuer,
    protocol: 'oidc',
    caFile: stage.caFile,
    scopes: ['api:read'],
    ...more,
  });
  stage.writeProfiles({
    schemaVersion: 1,
    profiles: [
      profile('browser', 'native', { flow: 'InteractiveBrowser' }),
      profile('code', 'native', { flow: 'AuthorizationCode', redirectUri: 'http://localhost' }),
      profile('device', 'native', { flow: 'DeviceCode' }),
      profile('daemon', 'daemon', { flow: 'ClientCredentials' }),
      profile('certified', 'certified', {
        flow: 'ClientCredentials',
        useCertificate: true,
        certificatePath: `${stage.folder}/client.pem`,
      }),
    ],
  });
});
afterAll(async () => {
  await chromium.close();
  stage.remove();
  await idp.close();
});

const grants = (from: number) =>
  idp
    .tokenRequests()
    .slice(from)
    .map(({ params, status }) => `${status} ${params['grant_type']}`);

describe('a plain OpenID provider', () => {
  it.each(['browser', 'code'])('%s: signs in, is cached, and renews', async (name) => {
    const from = idp.tokenRequests().length;
    const { code, out } = await stage.signIn(['get-token', '-p', name], async (link) => {
      await person.leave();
      person = await chromium.person();
      await person.signIn(link, ADA);
      await person.consent('accept');
      await person.see('You are signed in');
    });
    expect([code, out]).toEqual([0, expect.stringMatching(/^[\w-]{20,}\n$/)]);
    const again = await stage.run(['get-token', '-p', name, '--silent']);
    expect(again).toMatchObject({ code: 0, out, err: '' });
    expect(grants(from)).toEqual(['200 authorization_code']);

    const renewed = await stage.run(['refresh', '-p', name]);
    expect(renewed).toMatchObject({ code: 0 });
    expect(renewed.out).not.toBe(out);
    const forced = await stage.run(['get-token', '-p', name, '--silent', '--force-refresh']);
    expect(forced.code).toBe(0);
    expect(grants(from).slice(1)).toEqual(['200 refresh_token', '200 refresh_token']);
    expect(idp.counts.revocations).toBe(0);
  });

  it('asks the person for what the sign-in did not cover', async () => {
    const write = ['get-token', '-p', 'browser', '-s', 'api:write'];
    expect(await stage.run([...write, '--silent'])).toMatchObject({ code: 5, out: '' });
    const { code, out } = await stage.signIn(write, async (link) => {
      await person.visit(link);
      await person.consent('accept');
    });
    expect([code, out]).toEqual([0, expect.stringMatching(/^[\w-]{20,}\n$/)]);
    expect(await stage.run([...write, '--silent'])).toMatchObject({ code: 0, out });
  });

  it('is not sent a prompt where nobody wants one', async () => {
    const prompts: (string | null)[] = [];
    const args = ['get-token', '-p', 'browser', '--no-cache', '--prompt', 'default'];
    const { code } = await stage.signIn(args, async (link) => {
      prompts.push(new URL(link).searchParams.get('prompt'));
      await person.visit(link);
      await person.consent('accept');
    });
    expect([code, prompts]).toEqual([0, [null]]);
  });

  it('device: the endpoint of its discovery, the grant type of RFC 8628', async () => {
    const from = idp.tokenRequests().length;
    const terminal = await stage.open(['get-token', '-p', 'device']);
    const { link, code } = await readDeviceCode(terminal);
    await person.leave();
    person = await chromium.person();
    await person.enterDeviceCode(link, code);
    await person.enter(ADA);
    await person.consent('accept');
    const { code: exit, out } = await terminal.ended();
    await terminal.close();
    expect([exit, out]).toEqual([0, expect.stringMatching(/^[\w-]{20,}\n$/)]);
    expect(grants(from).at(-1)).toBe(`200 ${URN}`);
    expect(grants(from).filter((grant) => !grant.endsWith(URN))).toEqual([]);
    expect(await stage.run(['get-token', '-p', 'device', '--silent'])).toMatchObject({ out });
  });

  it.each([
    ['daemon', { TOKENCLI_CLIENT_SECRET: SECRET }],
    ['certified', {}],
  ])('%s: an application, which proves itself anew each time', async (name, env) => {
    const from = idp.tokenRequests().length;
    const args = ['get-token', '-p', name, '--silent', '--force-refresh'];
    const first = await stage.run(args, { env });
    const second = await stage.run(args, { env });
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.out).not.toBe(second.out);
    expect(grants(from)).toEqual(['200 client_credentials', '200 client_credentials']);
  });

  it('is met under its name to the letter', () => {
    const { pathname } = new URL(idp.issuer);
    const others = idp.requests.filter(({ path }) => !path.startsWith(pathname));
    expect(others.filter(({ path }) => path !== '/favicon.ico')).toEqual([]);
  });
});
