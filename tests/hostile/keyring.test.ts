import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { makePlan } from '../support/hostile.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import { type Stage, setStage } from '../support/stage.ts';

const plan = makePlan('keyring', 50);
const ROUNDS = plan.long ? 5 : 1;
const CALL = ['get-token', '-p', 'app', '--silent'];

let stage: Stage;
let idp: FakeIdp;
let session: KeyringSession;

beforeAll(async () => {
  stage = setStage();
  idp = await startFakeIdp({ tls: stage.tls });
  session = await startKeyringSession('unlocked');
});
afterAll(async () => {
  await session?.stop();
  await idp?.close();
  stage?.remove();
});

it('cached calls that all ask one keyring get the truth', async () => {
  const { env } = session;
  const authority = ['--authority', idp.origin, '--ca-file', stage.caFile];
  const app = ['--name', 'app', '--client-id', appId('client'), '--tenant-id', 'contoso.example'];
  const create = ['config', 'create', ...app, ...authority, '--client-secret-stdin'];
  const made = await stage.run(create, { env, input: 'a secret for the tests' });
  expect(made.code).toBe(0);
  const { out: token } = await stage.run(CALL, { env });
  expect(token).toMatch(/^\S+\n$/);
  const wrong: unknown[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const calls = Array.from({ length: plan.runs }, () =>
      stage.run(CALL, { env, timeout: 300_000 }),
    );
    for (const { code, out, err } of await Promise.all(calls)) {
      if (code !== 0 || out !== token || err !== '') wrong.push({ code, err });
    }
  }
  plan.tell({ rounds: ROUNDS, 'calls at once': plan.runs, wrong: wrong.length });
  expect(wrong).toEqual([]);
  expect(idp.tokenRequests()).toHaveLength(1);
}, 3_600_000);
