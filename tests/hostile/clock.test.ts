import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';

const MINUTE = 60;
const DAY = 24 * 3600;
const SECRET = { TOKENCLI_CLIENT_SECRET: 'a secret for the tests' };

let stage: Stage;
let idp: FakeIdp;
let preload: string;

beforeAll(async () => {
  stage = setStage({
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  idp = await startFakeIdp({ tls: stage.tls });
  // the wall clock alone is moved, as when somebody sets it: the monotonic clock goes on
  preload = stage.file(
    'shift.cjs',
    `const shift = Number(process.env.SHIFT) * 1000;
     const { now } = Date;
     Date.now = () => now() + shift;`,
  );
  const app = {
    name: 'app',
    clientId: appId('client'),
    tenantId: 'contoso.example',
    authority: idp.origin,
    caFile: stage.caFile,
    scopes: ['https://graph.microsoft.com/.default'],
  };
  stage.writeProfiles({ profiles: [app] });
});
afterAll(async () => {
  await idp?.close();
  stage?.remove();
});
beforeEach(() => {
  rmSync(join(stage.home, '.tokencli', 'cache'), { recursive: true, force: true });
  idp.seen.length = 0;
  idp.script.length = 0;
});

const run = (args: readonly string[] = [], shift = 0) =>
  stage.run(['get-token', '-p', 'app', ...args], {
    env: {
      ...SECRET,
      ...{ NODE_OPTIONS: `--require ${preload}`, BUN_OPTIONS: `--preload ${preload}` },
      SHIFT: String(shift),
    },
  });
const serverTime = (seconds: number) => ({
  date: new Date(Date.now() + seconds * 1000).toUTCString(),
});
const refusal = (number: number, text: string, seconds: number) => ({
  status: 401,
  headers: serverTime(seconds),
  body: {
    error: 'invalid_client',
    error_description: `AADSTS${number}: ${text}`,
    error_codes: [number],
  },
});

describe('a clock that differs from the server by more than five minutes', () => {
  it('is named in a warning, and the token is had', async () => {
    const { code, out, err } = await run(['--no-cache'], 20 * MINUTE);
    expect([code, out.trim().split('.').length]).toEqual([0, 3]);
    expect(err).toMatch(/warning: this machine's clock is (19|20)m ahead of the server's\n/);
  });

  it('is what a refusal of the assertion is blamed on, also with --silent and --json', async () => {
    const text = 'Client assertion is not within its valid time range.';
    idp.script.push(refusal(700024, text, 12 * MINUTE), refusal(700024, text, 12 * MINUTE));
    const silent = await run(['--silent', '--no-cache']);
    expect([silent.code, silent.out]).toEqual([4, '']);
    const blamed = /set the clock first: this machine's clock is 1[12]m behind the server's/;
    expect(silent.err).toMatch(blamed);
    const json = await run(['--json', '--no-cache']);
    expect(JSON.parse(json.err).hint).toMatch(blamed);
  });

  it('is not blamed for what has nothing to do with time', async () => {
    idp.script.push(refusal(7000215, 'Invalid client secret provided.', 12 * MINUTE));
    const { code, err } = await run(['--silent', '--no-cache']);
    expect(code).toBe(4);
    expect(err).not.toContain('clock');
  });

  it('nor is one that differs by less', async () => {
    idp.script.push(refusal(700024, 'Client assertion is not within its valid time range.', 200));
    expect((await run(['--no-cache'])).err).not.toContain("this machine's clock");
  });
});

describe('a clock that is moved', () => {
  it.each([
    ['a second', 1, 1],
    ['a minute', MINUTE, 1],
    ['an hour', 61 * MINUTE, 2],
    ['a day', DAY, 2],
    ['ten years', 3650 * DAY, 2],
  ])('by %s, ahead and back: at most one request a call', async (_what, shift, ahead) => {
    const first = await run(['--silent']);
    const later = await run(['--silent'], shift);
    expect([first.code, later.code]).toEqual([0, 0]);
    expect(idp.tokenRequests()).toHaveLength(ahead);
    // back again: what seems to come from the future is not trusted, a little is tolerated
    const back = await run(['--silent'], -1);
    expect(back.code).toBe(0);
    expect(idp.tokenRequests()).toHaveLength(shift > 5 * MINUTE ? ahead + 1 : ahead);
  });
});

it('counts the life of a token from when it was asked for', async () => {
  idp.script.push({ delay: 2500 });
  const before = Date.now() / 1000;
  const { expiresOnEpoch } = JSON.parse((await run(['--json', '--no-cache'])).out);
  const took = Date.now() / 1000 - before;
  expect(took).toBeGreaterThan(2.5);
  // 3,600 seconds after the request was sent, which was at least 2.5 seconds before the end
  expect(expiresOnEpoch).toBeLessThanOrEqual(before + took - 2.5 + 3600);
  expect(expiresOnEpoch).toBeGreaterThanOrEqual(Math.floor(before) + 3600);
});
