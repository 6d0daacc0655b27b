import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { makePlan } from '../support/hostile.ts';
import { type Rotation, signIn, startRotation } from '../support/signed-in.ts';
import { type Stage, setStage } from '../support/stage.ts';

const STORE_KEY = Buffer.alloc(32, 7).toString('base64');
const plan = makePlan('parallel', 50);
const ROUNDS = plan.long ? 5 : 1;

let stage: Stage;
let idp: FakeIdp;
let rotation: Rotation;

beforeEach(async () => {
  rotation = startRotation(true);
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY });
  idp = await startFakeIdp({ tls: stage.tls, handler: rotation.handle });
});
afterEach(async () => {
  await idp.close();
  stage.remove();
});

const common = () => ({
  clientId: appId('client'),
  tenantId: 'contoso.example',
  authority: idp.origin,
  caFile: stage.caFile,
});

async function writePerson(): Promise<void> {
  const scopes = ['api://orders/read'];
  const profile = { name: 'person', ...common(), flow: 'InteractiveBrowser', scopes };
  stage.writeProfiles({ profiles: [profile] });
  await signIn({
    home: stage.home,
    storeKey: STORE_KEY,
    profile,
    origin: idp.origin,
    refreshToken: rotation.current,
  });
}

const all = (args: readonly string[], env: Record<string, string> = {}) =>
  Promise.all(Array.from({ length: plan.runs }, () => stage.run(args, { env, timeout: 300_000 })));

describe(`${plan.runs} processes on a token that has expired`, () => {
  it('of an application: one request each time, and all have its token', async () => {
    stage.writeProfiles({ profiles: [{ name: 'app', ...common() }] });
    for (let round = 1; round <= ROUNDS; round += 1) {
      rmSync(join(stage.home, '.tokencli', 'cache'), { recursive: true, force: true });
      const env = { TOKENCLI_CLIENT_SECRET: 'a secret for the tests' };
      const results = await all(['get-token', '-p', 'app', '--silent', '--timeout', '5m'], env);
      expect(results.filter(({ code, err }) => code !== 0 || err !== '')).toEqual([]);
      expect(new Set(results.map(({ out }) => out)).size).toBe(1);
      expect(idp.tokenRequests()).toHaveLength(round);
    }
    plan.tell({ rounds: ROUNDS, 'processes at once': plan.runs, requests: ROUNDS });
  }, 3_600_000);

  it('of a person: the refresh token is redeemed once each time, and never a spent one', async () => {
    await writePerson();
    for (let round = 1; round <= ROUNDS; round += 1) {
      // what the round before obtained is too old for this one
      const minTtl = `${3600 - 2}s`;
      if (round > 1) await pause(3000);
      const before = rotation.requests;
      const args = ['get-token', '-p', 'person', '--silent', '--timeout', '5m'];
      const results = await all([...args, '--min-ttl', minTtl]);
      expect(results.filter(({ code }) => code !== 0)).toEqual([]);
      const tokens = new Set(results.map(({ out }) => out));
      // those that begin more than two seconds later have every right to one of their own
      expect(tokens.size).toBe(rotation.requests - before);
      expect(tokens.size).toBeLessThan(plan.runs / 4);
    }
    plan.tell({ rounds: ROUNDS, 'processes at once': plan.runs, reuses: rotation.reuses });
    expect(rotation.reuses).toBe(0);
  }, 3_600_000);

  it('of a person whose sign-in has ended: one request is refused, and all say so', async () => {
    await writePerson();
    rotation.revoke();
    const results = await all(['get-token', '-p', 'person', '--silent', '--timeout', '5m']);
    expect(results.filter(({ code, out }) => code !== 5 || out !== '')).toEqual([]);
    expect(rotation.requests).toBe(1);
    plan.tell({ 'processes at once': plan.runs, requests: rotation.requests });
  }, 3_600_000);
});

describe('a process that is suspended while it has the lock', () => {
  it('keeps it: others are busy, nothing is overwritten, and it ends well when it goes on', async () => {
    await writePerson();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let child: { kill(signal: NodeJS.Signals): boolean } | undefined;
    const first = stage.run(['refresh', '-p', 'person', '--timeout', '2m'], {
      timeout: 200_000,
      watch: (started) => {
        child = started;
        const timer = setInterval(() => {
          if (rotation.requests === 0) return;
          clearInterval(timer);
          started.kill('SIGSTOP');
          release();
        }, 1);
      },
    });
    await held;
    const busy = await stage.run(['refresh', '-p', 'person', '--timeout', '1s']);
    // stopped before its answer was saved it has the lock, stopped afterwards it is no hindrance
    expect([0, 11]).toContain(busy.code);
    child?.kill('SIGCONT');
    expect((await first).code).toBe(0);
    const after = await stage.run(['refresh', '-p', 'person']);
    expect([after.code, rotation.reuses]).toEqual([0, 0]);
  }, 240_000);
});
