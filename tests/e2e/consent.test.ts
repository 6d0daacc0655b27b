import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { createOpener, type Opener } from '../support/opener.ts';
import type { RunOptions, RunResult } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { createTestCa } from '../support/tls.ts';

const OTHER = '41463f53-8812-40f4-890f-865bf6e35190';
const ADA = { username: 'ada@example.test', password: 'p&ss "word"' };
const STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
};
const tls = createTestCa();
let idp: StandIn;
let chromium: Chromium;
let stage: Stage;
let opener: Opener;
let terminal: Terminal | undefined;

beforeAll(async () => {
  chromium = await startChromium();
  idp = await startStandIn({
    tls,
    clients: [{ id: appId('app'), redirectUris: ['http://localhost'] }],
    users: [ADA],
  });
});
afterAll(async () => {
  await chromium?.close();
  await idp?.close();
});
beforeEach(() => {
  stage = setStage(STORE);
  stage.file('ca.pem', tls.caPem);
  opener = createOpener(stage.folder);
});
afterEach(async () => {
  await terminal?.close();
  stage.remove();
});

const profiles = () =>
  JSON.parse(readFileSync(join(stage.home, '.tokencli', 'profiles.json'), 'utf8')).profiles;

async function createProfile(origin: string, ...args: string[]) {
  const where = ['--authority', origin, '--ca-file', stage.caFile];
  const scope = ['--scope', 'https://manage.office.com/.default'];
  const ids = ['--name', 'o365', '--client-id', appId('app'), '--tenant-id', 'common'];
  const { code, err } = await stage.run(['config', 'create', ...ids, ...where, ...scope, ...args], {
    input: 'a client secret',
  });
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
}

async function atTerminal(...args: string[]): Promise<Terminal> {
  terminal = await openTerminal(['consent', '-p', 'o365', ...args], {
    ...STORE,
    TOKENCLI_HOME: join(stage.home, '.tokencli'),
    BROWSER: opener.program,
    NODE_EXTRA_CA_CERTS: stage.caFile,
  });
  return terminal;
}

/** Runs without a terminal, and answers the link as soon as it is printed. */
async function answer(
  args: readonly string[],
  reply: (link: URL) => Record<string, string>,
  options: RunOptions = {},
): Promise<RunResult & { link: URL; page: string }> {
  let link = new URL('https://none.example');
  let page = '';
  const result = await stage.run(['consent', '-p', 'o365', '--no-browser', ...args], {
    ...options,
    watch: (child) => {
      let shown = '';
      child.stderr?.on('data', async (part) => {
        shown += part;
        const [found] = /^https:.*(?=\n(?:.*\n)*Redirect URI)/m.exec(shown) ?? [];
        if (found === undefined || page !== '') return;
        page = 'asked';
        link = new URL(found);
        const to = new URL(link.searchParams.get('redirect_uri') ?? '');
        to.search = new URLSearchParams(reply(link)).toString();
        page = await (await fetch(to)).text();
      });
    },
  });
  return { ...result, link, page };
}

const granted = (link: URL, tenant = OTHER) => ({
  admin_consent: 'True',
  tenant,
  state: link.searchParams.get('state') ?? '',
});

describe('with a browser', () => {
  it('an administrator consents; the tenant is printed and kept', async () => {
    await createProfile(idp.origin);
    const screen = await atTerminal('--save');
    await screen.waitFor('No link is needed in the tenant where the app is registered');
    await screen.waitFor('Opening browser for consent...');
    await screen.waitFor('Redirect URI: http://localhost:');
    const link = new URL(await opener.next());
    expect(link.pathname).toBe('/organizations/v2.0/adminconsent');
    const person = await chromium.person();
    await person.signIn(link.href, ADA);
    await person.consent('accept');
    expect(await screen.ended()).toEqual({ code: 0, out: `${idp.tenant}\n` });
    await person.leave();
    expect(profiles()[0].tenantId).toBe(idp.tenant);
  });

  it('an administrator declines: 4, and nothing is kept', async () => {
    await createProfile(idp.origin);
    const screen = await atTerminal('--save');
    const person = await chromium.person();
    await person.signIn(await opener.next(), ADA);
    await person.consent('decline');
    await screen.waitFor('consent was refused: access_denied: AADSTS65004');
    expect(await screen.ended()).toEqual({ code: 4, out: '' });
    await person.leave();
    expect(profiles()[0].tenantId).toBe('common');
  });

  it('Ctrl+C ends the wait at once', async () => {
    await createProfile(idp.origin);
    const screen = await atTerminal();
    await opener.next();
    screen.type('\u0003');
    expect(await screen.ended()).toEqual({ code: 130, out: '' });
  });

  it('the address can be pasted where the answer cannot be caught', async () => {
    await createProfile(idp.origin, '--redirect-uri', 'https://myapp.example/signed-in');
    const screen = await atTerminal('--no-browser');
    await screen.waitFor('Open this link as an administrator:');
    await screen.waitFor('paste the address');
    const plain = screen.screen().replace(/\r?\n/g, '\n');
    const link = new URL(/^https:\S+adminconsent\S+/m.exec(plain)?.[0] ?? '');
    expect(link.searchParams.get('redirect_uri')).toBe('https://myapp.example/signed-in');
    screen.type('https://myapp.example/signed-in?tenant=x&state=wrong\r');
    await screen.waitFor('this address answers another link');
    screen.type('\u0015');
    const query = new URLSearchParams(granted(link));
    screen.type(`https://myapp.example/signed-in?${query}\r`);
    expect(await screen.ended()).toEqual({ code: 0, out: `${OTHER}\n` });
  });
});

describe('a printed link', () => {
  it('of the form v2 names the scopes', async () => {
    await createProfile(idp.origin);
    const { code, out, err, link, page } = await answer(['--tenant', 'fabrikam.com'], granted);
    expect([code, out]).toEqual([0, `${OTHER}\n`]);
    expect(`${link.origin}${link.pathname}`).toBe(`${idp.origin}/fabrikam.com/v2.0/adminconsent`);
    expect(Object.fromEntries(link.searchParams)).toEqual({
      client_id: appId('app'),
      redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      scope: 'https://manage.office.com/.default',
    });
    expect(err).toContain(`Keep it: tokencli config edit -p o365 --tenant-id ${OTHER}`);
    expect(page).toContain('close');
    expect(profiles()[0].tenantId).toBe('common');
  });

  it('tells that the own tenant needs none', async () => {
    await createProfile(idp.origin);
    await stage.run(['config', 'edit', '-p', 'o365', '--tenant-id', OTHER]);
    const { err, link } = await answer([], granted);
    expect(err).toContain(`No link is needed in ${OTHER}, if that is the tenant where the app`);
    expect(link.pathname).toBe(`/${OTHER}/v2.0/adminconsent`);
    expect(err).not.toContain('Keep it');
  });

  it.each<[string, (link: URL) => Record<string, string>, string]>([
    [
      'a refusal',
      (link) => ({
        error: 'permission_denied',
        error_description: 'AADSTS65004: The admin declined.\r\nTrace ID: x',
        state: granted(link).state,
      }),
      'consent was refused: permission_denied: AADSTS65004: The admin declined.\n',
    ],
    ['no tenant', (link) => ({ state: granted(link).state }), 'names no tenant'],
    ['a tenant that is none', (link) => ({ ...granted(link), tenant: '../x' }), 'names no tenant'],
    [
      'another tenant',
      (link) => granted(link, OTHER.replace('4', '5')),
      'was given in tenant 5146',
    ],
  ])('answered with %s is 4', async (_what, reply, reason) => {
    await createProfile(idp.origin);
    const { code, out, err } = await answer(['--tenant', OTHER, '--save'], reply);
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain(reason);
    expect(profiles()[0].tenantId).toBe('common');
  });
});

describe('the form v1', () => {
  let fake: FakeIdp;
  const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  beforeAll(async () => {
    fake = await startFakeIdp({
      tls,
      handler: ({ url, body }, response) => {
        if (url !== '/common/oauth2/token') return false;
        const token = `${segment({ alg: 'RS256' })}.${segment({ tid: OTHER })}.c2ln`;
        const good = body['code'] === 'the-code';
        const text = good
          ? { token_type: 'Bearer', access_token: token }
          : { error: 'invalid_grant', error_description: 'AADSTS70008: expired' };
        response.writeHead(good ? 200 : 400, { 'content-type': 'application/json' });
        response.end(JSON.stringify(text));
        return true;
      },
    });
  });
  afterAll(() => fake.close());
  const withCode = (code: string) => (link: URL) => ({
    code,
    session_state: 'x',
    state: link.searchParams.get('state') ?? '',
  });

  it('answers with a code; the first token names the tenant', async () => {
    await createProfile(fake.origin, '--client-secret-stdin');
    const { code, out, err, link } = await answer(['--form', 'v1', '--save'], withCode('the-code'));
    expect([code, out]).toEqual([0, `${OTHER}\n`]);
    expect(`${link.origin}${link.pathname}`).toBe(`${fake.origin}/common/oauth2/authorize`);
    const redirectUri = link.searchParams.get('redirect_uri');
    expect(Object.fromEntries(link.searchParams)).toEqual({
      response_type: 'code',
      prompt: 'admin_consent',
      resource: 'https://manage.office.com',
      client_id: appId('app'),
      redirect_uri: redirectUri,
      state: expect.any(String),
    });
    expect(fake.tokenRequests().at(-1)?.body).toEqual({
      grant_type: 'authorization_code',
      client_id: appId('app'),
      client_secret: 'a client secret',
      resource: 'https://manage.office.com',
      redirect_uri: redirectUri,
      code: 'the-code',
    });
    expect(err).not.toContain('the-code');
    expect(profiles()[0].tenantId).toBe(OTHER);
  });

  it('a code that is refused is 4', async () => {
    await createProfile(fake.origin);
    const { code, out, err } = await answer(['--form', 'v1'], withCode('old'));
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('AADSTS70008');
  });
});

describe('no answer', () => {
  it('a port in use is 10, a redirect URI elsewhere needs a person, and time ends', async () => {
    await createProfile(idp.origin);
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const port = String((holder.address() as AddressInfo).port);
    const taken = await stage.run(['consent', '-p', 'o365', '--no-browser', '--port', port]);
    holder.close();
    expect([taken.code, taken.out]).toEqual([10, '']);
    expect(taken.err).toContain(port);

    const late = await stage.run(['consent', '-p', 'o365', '--no-browser', '--timeout', '1s']);
    expect([late.code, late.out]).toEqual([8, '']);
    expect(late.err).toContain('nobody has answered the link within 1s');

    await stage.run(['config', 'edit', '-p', 'o365', '--redirect-uri', 'https://a.example/b']);
    const elsewhere = await stage.run(['consent', '-p', 'o365', '--no-browser']);
    expect([elsewhere.code, elsewhere.out]).toEqual([5, '']);
    expect(elsewhere.err).toContain('nothing here can catch https://a.example/b');
  });
});
