import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { findBelow, findIn } from '../support/canaries.ts';
import { type Chromium, type Person, startChromium } from '../support/chromium.ts';
import { createOpener } from '../support/opener.ts';
import {
  claimsOf,
  readDeviceCode,
  type SignInStage,
  setSignInStage,
} from '../support/sign-in-stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const ADA = { username: 'ada@example.test', password: 'lovelace-of-1815' };
const GET = ['get-token', '-p', 'me'];
const tls = createTestCa();
let idp: StandIn;
let chromium: Chromium;
let stage: SignInStage;
let person: Person;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [{ id: 'desktop', redirectUris: ['http://localhost'] }],
    users: [ADA],
    deviceInterval: 1,
  });
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium.close();
  await idp.close();
});

beforeEach(async () => {
  stage = setSignInStage(tls);
  writeProfile();
  person = await chromium.person();
});
afterEach(async () => {
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
    scopes: ['https://graph.microsoft.com/User.Read'],
    ...more,
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
}

const enter = (link: string) => person.signIn(link, ADA);

it('what passes in a sign-in is in no file and on no screen', async () => {
  const debug = [...GET, '--debug'];
  const { out: first, err } = await stage.signIn(debug, enter);
  const refreshed = await stage.run(['refresh', '-p', 'me', '--debug']);
  const terminal = await stage.open([
    ...debug,
    '-f',
    'DeviceCode',
    '--force-refresh',
    '--prompt',
    'login',
  ]);
  const { link, code } = await readDeviceCode(terminal);
  await person.enterDeviceCode(link, code);
  const { out: second } = await terminal.ended();
  terminal.close();
  const said = err + refreshed.err + terminal.screen();

  // what is long enough to be told from chance: all but a few
  const secrets = idp.secrets().filter((secret) => /[A-Za-z0-9]{12}/.test(secret));
  for (const out of [first, refreshed.out, second]) expect(secrets).toContain(out.trimEnd());
  expect(secrets.length).toBeGreaterThan(8);
  expect(findIn('stderr', said, secrets)).toEqual([]);
  expect(findBelow(stage.home, secrets)).toEqual([]);
});

it('two terminals at once open one browser and get the same token', async () => {
  const [first, second] = [stage.runAttended(GET), stage.runAttended(GET)];
  await enter(await stage.opener.next());
  const [one, other] = await Promise.all([first, second]);
  expect([one.code, other.code]).toEqual([0, 0]);
  expect(other.out).toBe(one.out);
  expect(stage.opener.opened()).toHaveLength(1);
});

it("the profile's own browser comes before BROWSER", async () => {
  const own = createOpener(stage.home);
  writeProfile({ browserCommand: [own.program, '--new-window'] });
  const running = stage.runAttended(GET);
  await enter(await own.next());
  expect((await running).code).toBe(0);
  expect(stage.opener.opened()).toEqual([]);
});

it('without a browser that starts the link is enough', async () => {
  const env = { BROWSER: '/nowhere/browser' };
  const terminal = await stage.open(GET, env);
  await terminal.waitFor('open the link above yourself');
  await enter(/https:\/\/\S+/.exec(terminal.screen())?.[0] ?? '');
  expect(await terminal.ended()).toEqual({ code: 0, out: `${idp.issued.at(-1)}\n` });
  terminal.close();
});

it('a claims challenge is met by signing in, and its token is kept apart', async () => {
  const plain = await stage.signIn(GET, enter);
  const challenge = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const claims = ['--claims', Buffer.from(challenge).toString('base64')];
  const silent = await stage.run([...GET, ...claims, '--silent']);
  expect([silent.code, silent.out]).toEqual([5, '']);
  expect(silent.err).toContain('--claims');

  const stepped = await stage.signIn([...GET, ...claims], (link) => person.visit(link));
  expect([stepped.code, claimsOf(stepped.out)['acrs']]).toEqual([0, ['c1']]);
  expect((await stage.run([...GET, ...claims, '--silent'])).out).toBe(stepped.out);
  expect((await stage.run([...GET, '--silent'])).out).toBe(plain.out);
});

it('-o takes the token, --no-cache keeps nothing of it', async () => {
  const { code, out } = await stage.signIn([...GET, '--no-cache', '-o', 'token.txt'], enter);
  expect([code, out]).toEqual([0, '']);
  const saved = readFileSync(join(stage.folder, 'token.txt'), 'utf8');
  expect(saved).toBe(`${idp.issued.at(-1)}\n`);
  expect(await stage.run([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });
});

it('another client id, however it comes, is never served with the tokens of the first', async () => {
  const { out } = await stage.signIn(GET, enter);
  const count = idp.tokenRequests().length;
  const flag = await stage.run([...GET, '--silent', '--client-id', 'other']);
  const env = await stage.run([...GET, '--silent'], { env: { TOKENCLI_CLIENT_ID: 'other' } });
  const azure = await stage.run([...GET, '--silent'], { env: { AZURE_CLIENT_ID: 'other' } });
  for (const { code, out, err } of [flag, env, azure]) {
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain('needs a sign-in of its own');
  }
  expect(idp.tokenRequests()).toHaveLength(count);
  expect((await stage.run([...GET, '--silent'])).out).toBe(out);
  const attended = await stage.runAttended([...GET, '--client-id', 'other', '--timeout', '2s']);
  expect(attended.err).toContain('needs a sign-in of its own');
});

it('a sign-in that has ended is said to have, and is done again where somebody can', async () => {
  await stage.signIn(GET, enter);
  await idp.revoke(ADA.username);
  const again = [...GET, '--force-refresh'];
  const { code, out, err } = await stage.signIn(again, (link) => person.visit(link));
  expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  expect(err).toContain('AADSTS50173');
  expect((await stage.run(['refresh', '-p', 'me'])).code).toBe(0);
});

it('a refresh token past its own end is sent once, and forgotten', async () => {
  const shortLived = await startStandIn({
    tls,
    clients: [{ id: 'desktop', redirectUris: ['http://localhost'] }],
    users: [ADA],
    refreshTokenLifetime: 1,
  });
  writeProfile({ tenantId: shortLived.tenant, authority: shortLived.origin });
  await stage.signIn(GET, enter);
  await pause(1100);
  const { code, out, err } = await stage.run(['refresh', '-p', 'me']);
  const again = await stage.run(['refresh', '-p', 'me']);
  const grants = shortLived.tokenRequests().map(({ params }) => params['grant_type']);
  await shortLived.close();
  expect([code, out]).toEqual([6, '']);
  expect(err).toContain('AADSTS700082');
  expect(again.err).toContain('tokencli get-token -p me --force-refresh');
  expect(grants).toEqual(['authorization_code', 'refresh_token']);
});
