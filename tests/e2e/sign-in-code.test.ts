import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type Chromium, type Person, startChromium } from '../support/chromium.ts';
import { CHATTER } from '../support/opener.ts';
import { claimsOf, type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { createAssertionIssuer } from '../support/stand-in/federation.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import type { Terminal } from '../support/terminal.ts';
import { createTestCa } from '../support/tls.ts';

const ADA = { username: 'ada@example.test', password: 'ada’s' };
const READ = 'https://graph.microsoft.com/User.Read';
const SECRET = '-a~b+c/d&e=f%g';
/** Nothing on this machine, as for a web application. */
const ELSEWHERE = 'https://app.test/signed-in';
const tls = createTestCa();
const certified = createTestCa(['client']);
const job = createAssertionIssuer('system:serviceaccount:web:web');
let idp: StandIn;
let chromium: Chromium;
let stage: SignInStage;
let person: Person;
let redirectUri: string;

beforeAll(async () => {
  redirectUri = `http://localhost:${await findFreePort()}/signed-in`;
  const redirectUris = [redirectUri];
  idp = await startStandIn({
    tls,
    clients: [
      { id: appId('web'), secret: SECRET, redirectUris },
      { id: appId('web-certified'), certificate: certified.cert, redirectUris },
      { id: appId('web-federated'), federated: job.credential, redirectUris },
      { id: appId('web-public'), redirectUris },
      { id: appId('elsewhere'), redirectUris: [ELSEWHERE] },
    ],
    users: [ADA],
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
  stage.file('client.pem', certified.key + certified.cert);
  const profile = (name: string, more: object = {}) => ({
    name,
    clientId: appId(name),
    tenantId: idp.tenant,
    authority: idp.origin,
    caFile: stage.caFile,
    flow: 'AuthorizationCode',
    redirectUri,
    scopes: [READ],
    ...more,
  });
  const certificatePath = `${stage.folder}/client.pem`;
  // one for the code and one for the refresh token: none is taken twice
  const queue = stage.file('queue', `${job.issue()}\n${job.issue()}\n`);
  const pop = ['sh', '-c', 'head -n 1 "$0"; sed -i 1d "$0"', queue];
  stage.writeProfiles({
    schemaVersion: 1,
    profiles: [
      profile('web'),
      profile('web-certified', { useCertificate: true, certificatePath }),
      profile('web-federated', { assertionFrom: { command: pop } }),
      profile('web-public'),
      profile('unregistered', { clientId: appId('web-public'), redirectUri: `${redirectUri}/not` }),
      profile('elsewhere', { redirectUri: ELSEWHERE }),
    ],
  });
  await person.leave();
  person = await chromium.person();
});

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
}

const portOf = (uri: string) => Number(new URL(uri).port);
const withSecret: Options = { env: { TOKENCLI_CLIENT_SECRET: SECRET } };

describe('a registered redirect URI', () => {
  it.each([
    ['web', withSecret, 'client_secret'],
    ['web-certified', {}, 'client_assertion'],
    ['web-federated', {}, 'client_assertion'],
    ['web-public', {}, undefined],
  ] as [string, Options, string | undefined][])(
    'serves the client %s',
    async (name, options, proof) => {
      const env = { ...options.env, FORCE_COLOR: '3' };
      const { code, out, err } = await stage.signIn(
        ['get-token', '-p', name, '--debug'],
        async (link) => {
          await person.signIn(link, ADA);
          await person.see('You are signed in');
        },
        { env },
      );
      expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
      expect(err).not.toContain(CHATTER);
      expect(claimsOf(out)).toMatchObject({ appid: appId(name), scp: 'User.Read' });
      expect(err).toContain(`Redirect URI: ${redirectUri}`);
      expect(err).toContain('✓ Authorization code received');
      const params = idp.tokenRequests().at(-1)?.params ?? {};
      expect(params).toMatchObject({
        grant_type: 'authorization_code',
        redirect_uri: redirectUri,
        code_verifier: '***',
      });
      expect([params['client_secret'], params['client_assertion']]).toEqual([
        proof === 'client_secret' ? '***' : undefined,
        proof === 'client_assertion' ? '***' : undefined,
      ]);

      const refreshed = await stage.run(['refresh', '-p', name], options);
      expect(refreshed).toMatchObject({ code: 0, out: `${idp.issued.at(-1)}\n` });
      expect(idp.counts).toMatchObject({ reuses: 0, revocations: 0 });
    },
  );

  it('with a wrong secret ends with failure in terminal and browser', async () => {
    const { code, out, err } = await stage.signIn(
      ['get-token', '-p', 'web'],
      async (link) => {
        await person.signIn(link, ADA);
        await person.see('The sign-in did not work');
      },
      { env: { TOKENCLI_CLIENT_SECRET: 'wrong' } },
    );
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('7000215');
  });

  it('that is not the registered one is explained by the provider, and waited for no longer', async () => {
    const args = ['get-token', '-p', 'unregistered', '--timeout', '4s'];
    const { code, out } = await stage.signIn(args, async (link) => {
      await person.visit(link);
      await person.see(/AADSTS50011/);
    });
    expect([code, out]).toEqual([8, '']);
  });

  it('is caught on another port if the person says so', async () => {
    const port = await findFreePort();
    const args = ['get-token', '-p', 'web-public', '--port', String(port)];
    const { code, err } = await stage.signIn(args, (link) => person.signIn(link, ADA));
    expect(code).toBe(0);
    expect(err).toContain(`Redirect URI: http://localhost:${port}/signed-in`);
  });

  it('in use by another program is an error before anything opens', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(portOf(redirectUri), '127.0.0.1', resolve));
    const { code, out, err } = await stage.runAttended(['get-token', '-p', 'web-public']);
    await new Promise((resolve) => blocker.close(resolve));
    expect([code, out]).toEqual([10, '']);
    expect(err).toContain(`${portOf(redirectUri)}`);
    expect(stage.opener.opened()).toEqual([]);
  });
});

describe('an answer that a person pastes', () => {
  /** Signs in at the printed link. @returns the address that nobody answers */
  async function land(terminal: Terminal): Promise<string> {
    await terminal.waitFor('Sign in there, then paste');
    const link = /https:\/\/\S+/.exec(terminal.screen())?.[0] ?? '';
    await person.visit(link);
    const landed = person.page().waitForRequest((request) => request.url().startsWith(ELSEWHERE));
    await person.enter(ADA);
    return (await landed).url();
  }

  it.each(['the address', 'the bare code'])('is taken: %s', async (what) => {
    const terminal = await stage.open(['get-token', '-p', 'elsewhere', '--no-browser']);
    const address = await land(terminal);
    const code = new URL(address).searchParams.get('code');
    terminal.type(`${what === 'the address' ? address : code}\r`);
    expect(await terminal.ended()).toEqual({ code: 0, out: `${idp.issued.at(-1)}\n` });
    expect(stage.opener.opened()).toEqual([]);
    await terminal.close();
  });

  it('is not taken with another state, which costs nothing', async () => {
    const count = idp.tokenRequests().length;
    const terminal = await stage.open(['get-token', '-p', 'elsewhere', '--no-browser']);
    const address = await land(terminal);
    terminal.type(`${address.replace(/state=[^&]+/, 'state=another')}\r`);
    await terminal.waitFor('this address belongs to another sign-in');
    expect(idp.tokenRequests()).toHaveLength(count);
    terminal.type('\u0015');
    terminal.type(`${address}\r`);
    expect(await terminal.ended()).toMatchObject({ code: 0 });
    await terminal.close();
  });

  it('is still heard when the browser is on this machine after all', async () => {
    const terminal = await stage.open(['get-token', '-p', 'web-public', '--no-browser']);
    await terminal.waitFor('Sign in there, then paste');
    const link = /https:\/\/\S+/.exec(terminal.screen())?.[0] ?? '';
    await person.signIn(link, ADA);
    await person.see('You are signed in');
    expect(await terminal.ended()).toEqual({ code: 0, out: `${idp.issued.at(-1)}\n` });
    expect(stage.opener.opened()).toEqual([]);
    await terminal.close();
  });
});
