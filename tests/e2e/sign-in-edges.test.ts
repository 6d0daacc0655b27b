import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { findBelow, findIn } from '../support/canaries.ts';
import { createOpener } from '../support/opener.ts';
import { claimsOf, readDeviceCode } from '../support/sign-in-stage.ts';
import { ADA, createSignInWorld, GET } from '../support/sign-in-world.ts';
import { startStandIn } from '../support/stand-in/stand-in.ts';

const world = createSignInWorld({ deviceInterval: 1 });

const enter = (link: string) => world.person.signIn(link, ADA);

it('what passes in a sign-in is in no file and on no screen', async () => {
  const debug = [...GET, '--debug'];
  const { out: first, err } = await world.stage.signIn(debug, enter);
  const refreshed = await world.stage.run(['refresh', '-p', 'me', '--debug']);
  const terminal = await world.stage.open([
    ...debug,
    '-f',
    'DeviceCode',
    '--force-refresh',
    '--prompt',
    'login',
  ]);
  const { link, code } = await readDeviceCode(terminal);
  await world.person.enterDeviceCode(link, code);
  const { out: second } = await terminal.ended();
  await terminal.close();
  const said = err + refreshed.err + terminal.screen();

  // what is long enough to be told from chance: all but a few
  const secrets = world.idp.secrets().filter((secret) => /[A-Za-z0-9]{12}/.test(secret));
  for (const out of [first, refreshed.out, second]) expect(secrets).toContain(out.trimEnd());
  expect(secrets.length).toBeGreaterThan(8);
  expect(findIn('stderr', said, secrets)).toEqual([]);
  expect(findBelow(world.stage.home, secrets)).toEqual([]);
});

it('two terminals at once open one browser and get the same token', async () => {
  const [first, second] = [world.stage.runAttended(GET), world.stage.runAttended(GET)];
  await enter(await world.stage.opener.next());
  const [one, other] = await Promise.all([first, second]);
  expect([one.code, other.code]).toEqual([0, 0]);
  expect(other.out).toBe(one.out);
  expect(world.stage.opener.opened()).toHaveLength(1);
});

it('a person signs in before exec starts the program, which then has the terminal', async () => {
  const script = 'stty -a >&2; echo here >&2; read line; echo "$line $TOKENCLI_EXEC"';
  const terminal = await world.stage.open(['exec', '-p', 'me', '--', 'sh', '-c', script]);
  await enter(await world.stage.opener.next());
  await terminal.waitFor(' icanon ');
  await terminal.waitFor('here');
  terminal.type('typed\r');
  expect(await terminal.ended()).toEqual({ code: 0, out: 'typed me\n' });
  await terminal.close();
});

it("the profile's own browser comes before BROWSER", async () => {
  const own = createOpener(world.stage.home);
  world.writeProfile({ browserCommand: [own.program, '--new-window'] });
  const running = world.stage.runAttended(GET);
  await enter(await own.next());
  expect((await running).code).toBe(0);
  expect(world.stage.opener.opened()).toEqual([]);
});

it('without a browser that starts the link is enough', async () => {
  const env = { BROWSER: '/nowhere/browser' };
  const terminal = await world.stage.open(GET, env);
  await terminal.waitFor('open the link above yourself');
  await enter(/https:\/\/\S+/.exec(terminal.screen())?.[0] ?? '');
  expect(await terminal.ended()).toEqual({ code: 0, out: world.latest() });
  await terminal.close();
});

it('a claims challenge is met by signing in, and the token that was refused is not served again', async () => {
  const plain = await world.stage.signIn(GET, enter);
  const challenge = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const claims = ['--claims', Buffer.from(challenge).toString('base64')];
  const silent = await world.stage.run([...GET, ...claims, '--silent']);
  expect([silent.code, silent.out]).toEqual([5, '']);
  expect(silent.err).toContain('--claims');

  const stepped = await world.stage.signIn([...GET, ...claims], (link) => world.person.visit(link));
  expect([stepped.code, claimsOf(stepped.out)['acrs']]).toEqual([0, ['c1']]);
  expect((await world.stage.run([...GET, ...claims, '--silent'])).out).toBe(stepped.out);
  const later = await world.stage.run([...GET, '--silent']);
  expect([later.code, later.out]).toEqual([0, world.latest()]);
  expect(later.out).not.toBe(plain.out);
});

it('-o takes the token, --no-cache keeps nothing of it', async () => {
  const { code, out } = await world.stage.signIn([...GET, '--no-cache', '-o', 'token.txt'], enter);
  expect([code, out]).toEqual([0, '']);
  const saved = readFileSync(join(world.stage.folder, 'token.txt'), 'utf8');
  expect(saved).toBe(world.latest());
  expect(await world.stage.run([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });
});

it('another client id, however it comes, is never served with the tokens of the first', async () => {
  const { out } = await world.stage.signIn(GET, enter);
  const count = world.idp.tokenRequests().length;
  const flag = await world.stage.run([...GET, '--silent', '--client-id', appId('other')]);
  const env = await world.stage.run([...GET, '--silent'], {
    env: { TOKENCLI_CLIENT_ID: appId('other') },
  });
  const ofAzure = { AZURE_CLIENT_ID: appId('other'), AZURE_AUTHORITY_HOST: world.idp.origin };
  const azure = await world.stage.run([...GET, '--silent'], { env: ofAzure });
  for (const { code, out, err } of [flag, env, azure]) {
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain('needs a sign-in of its own');
  }
  expect(world.idp.tokenRequests()).toHaveLength(count);
  expect((await world.stage.run([...GET, '--silent'])).out).toBe(out);
  const attended = await world.stage.runAttended([
    ...GET,
    '--client-id',
    appId('other'),
    '--timeout',
    '2s',
  ]);
  expect(attended.err).toContain('needs a sign-in of its own');
});

it('a sign-in that has ended is said to have, and is done again where somebody can', async () => {
  await world.stage.signIn(GET, enter);
  await world.idp.revoke(ADA.username);
  const again = [...GET, '--force-refresh'];
  const { code, out, err } = await world.stage.signIn(again, (link) => world.person.visit(link));
  expect([code, out]).toEqual([0, world.latest()]);
  expect(err).toContain('AADSTS50173');
  expect((await world.stage.run(['refresh', '-p', 'me'])).code).toBe(0);
});

it('a refresh token past its own end is sent once, and forgotten', async () => {
  const shortLived = await startStandIn({
    tls: world.tls,
    clients: [{ id: appId('desktop'), redirectUris: ['http://localhost'] }],
    users: [ADA],
    refreshTokenLifetime: 1,
  });
  world.writeProfile({ tenantId: shortLived.tenant, authority: shortLived.origin });
  await world.stage.signIn(GET, enter);
  await pause(1100);
  const { code, out, err } = await world.stage.run(['refresh', '-p', 'me']);
  const again = await world.stage.run(['refresh', '-p', 'me']);
  const grants = shortLived.tokenRequests().map(({ params }) => params['grant_type']);
  await shortLived.close();
  expect([code, out]).toEqual([6, '']);
  expect(err).toContain('AADSTS700082');
  expect(again.err).toContain('tokencli get-token -p me --force-refresh');
  expect(grants).toEqual(['authorization_code', 'refresh_token']);
});

it('while one terminal waits for its browser, others go on as they can', async () => {
  await world.stage.signIn(GET, enter);
  const again = [...GET, '--prompt', 'login'];
  const { code } = await world.stage.signIn(again, async (link) => {
    const silent = await world.stage.run([...GET, '--silent', '-s', 'api://orders/Orders.Read']);
    expect([silent.code, silent.err]).toEqual([0, '']);
    expect((await world.stage.run(['refresh', '-p', 'me', '--silent'])).code).toBe(0);
    const second = await world.stage.runAttended([...again, '--timeout', '1s']);
    expect([second.code, second.out]).toEqual([11, '']);
    await enter(link);
  });
  expect(code).toBe(0);
  expect(world.stage.opener.opened()).toHaveLength(2);
  expect(world.idp.counts).toMatchObject({ reuses: 0, revocations: 0 });
});
