import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const PROCESSES = 20;
const ROUNDS = 5;
/** A token that is older counts as expired: seconds, and the same as life that must be left. */
const FRESH = 2;
const LIFETIME = 3600;
const ADA = { username: 'ada@example.test', password: 'ada’s' };
const GET = ['get-token', '-p', 'me'];
const tls = createTestCa();
let idp: StandIn;
let chromium: Chromium;
let stage: SignInStage;
/** Called when a token was given and the client does not have it yet. */
let onIssued = () => {};

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [{ id: appId('desktop'), redirectUris: ['http://localhost'] }],
    users: [ADA],
    tokenLifetime: LIFETIME,
    onIssued: () => onIssued(),
  });
  chromium = await startChromium();
  stage = setSignInStage(tls);
  const profile = {
    name: 'me',
    clientId: appId('desktop'),
    tenantId: idp.tenant,
    authority: idp.origin,
    caFile: stage.caFile,
    flow: 'InteractiveBrowser',
    scopes: ['https://graph.microsoft.com/User.Read'],
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
  await signIn();
});
afterAll(async () => {
  await chromium.close();
  stage.remove();
  await idp.close();
});

async function signIn(): Promise<void> {
  const ada = await chromium.person();
  const args = [...GET, '--force-refresh'];
  const { code } = await stage.signIn(args, (link) => ada.signIn(link, ADA));
  await ada.leave();
  expect(code).toBe(0);
}

it('no process ever sends a refresh token that another has redeemed', async () => {
  const args = [...GET, '--silent', '--min-ttl', `${LIFETIME - FRESH}s`, '--timeout', '60s'];
  for (let round = 0; round < ROUNDS; round++) {
    await pause(FRESH * 1000);
    const known = idp.issued.length;
    const start = performance.now();
    const runs = await Promise.all(
      Array.from({ length: PROCESSES }, () => stage.run(args, { timeout: 90_000 })),
    );
    const fresh = idp.issued.slice(known);
    expect(runs.map(({ code, err }) => `${code} ${err}`)).toEqual(Array(PROCESSES).fill('0 '));
    // one, and as many more as became too old while the slowest were still starting
    const seconds = (performance.now() - start) / 1000;
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThanOrEqual(2 + seconds / (FRESH - 1));
    const printed = new Set(runs.map(({ out }) => out));
    expect([...printed].filter((out) => !fresh.includes(out.trimEnd()))).toEqual([]);
  }
  expect(idp.counts).toMatchObject({ reuses: 0, revocations: 0 });
}, 240_000);

it('a process that is killed with the answer on its way leaves at worst the end of the sign-in', async () => {
  for (const delay of [undefined, 0, 5, 10, 20]) {
    const kill = async (child: ChildProcess) => {
      if (delay !== undefined) await pause(delay);
      child.kill('SIGKILL');
    };
    let killed: Promise<void> | undefined;
    const watch = (child: ChildProcess) => {
      onIssued = () => {
        killed = kill(child);
      };
    };
    await stage.run(['refresh', '-p', 'me'], { watch });
    onIssued = () => {};
    await killed;
    const { code, out, err } = await stage.run(['refresh', '-p', 'me']);
    if (code === 0) expect(out).toBe(`${idp.issued.at(-1)}\n`);
    else {
      expect([code, out]).toEqual([6, '']);
      expect(err).toContain('tokencli get-token -p me --force-refresh');
      await signIn();
    }
    // killed before the answer was sent, it can have saved nothing
    if (delay === undefined) expect(code).toBe(6);
  }
});
