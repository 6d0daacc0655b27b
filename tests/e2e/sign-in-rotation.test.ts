import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
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

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [{ id: 'desktop', redirectUris: ['http://localhost'] }],
    users: [ADA],
    tokenLifetime: LIFETIME,
  });
  chromium = await startChromium();
  stage = setSignInStage(tls);
  const profile = {
    name: 'me',
    clientId: 'desktop',
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
    const runs = await Promise.all(
      Array.from({ length: PROCESSES }, () => stage.run(args, { timeout: 90_000 })),
    );
    const fresh = idp.issued.slice(known);
    expect(runs.map(({ code, err }) => `${code} ${err}`)).toEqual(Array(PROCESSES).fill('0 '));
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThan(PROCESSES / 2);
    const printed = new Set(runs.map(({ out }) => out));
    expect([...printed].filter((out) => !fresh.includes(out.trimEnd()))).toEqual([]);
  }
  expect(idp.counts).toMatchObject({ reuses: 0, revocations: 0 });
}, 240_000);

it('a process that is killed with the answer in its hand leaves at worst the end of the sign-in', async () => {
  const codes = new Set<number | null>();
  for (let delay = 0; delay < 40; delay += 8) {
    const known = idp.issued.length;
    const killWithAnswer = async (child: ChildProcess) => {
      while (idp.issued.length === known) await pause(1);
      await pause(delay);
      child.kill('SIGKILL');
    };
    let killed: Promise<void> | undefined;
    const watch = (child: ChildProcess) => {
      killed = killWithAnswer(child);
    };
    await stage.run(['refresh', '-p', 'me'], { watch });
    await killed;
    const { code, out, err } = await stage.run(['refresh', '-p', 'me']);
    codes.add(code);
    if (code === 0) expect(out).toBe(`${idp.issued.at(-1)}\n`);
    else {
      expect([code, out]).toEqual([6, '']);
      expect(err).toContain('tokencli get-token -p me --force-refresh');
      await signIn();
    }
  }
  expect(codes).toContain(6);
}, 120_000);
