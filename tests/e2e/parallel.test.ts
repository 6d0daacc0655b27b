import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import type { RunOptions } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const CALL = ['get-token', '-p', 'app', '--silent'];
const SECRET = { TOKENCLI_CLIENT_SECRET: 'a secret for the tests' };

let stage: Stage;
let idp: FakeIdp;

beforeAll(async () => {
  stage = setStage({
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  idp = await startFakeIdp({ tls: stage.tls });
  const app = {
    name: 'app',
    clientId: appId('client'),
    tenantId: TENANT,
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

function call(count: number, args: readonly string[] = [], options: RunOptions = {}) {
  const one = () =>
    stage.run([...CALL, ...args], {
      timeout: 100_000,
      ...options,
      env: { ...SECRET, ...options.env },
    });
  return Promise.all(Array.from({ length: count }, one));
}

describe('many processes at once', () => {
  it('share what the first of those that force a refresh obtains', async () => {
    const [before] = await call(1);
    idp.script.push({ delay: 3000 });
    const results = await call(6, ['--force-refresh']);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    const tokens = new Set(results.map(({ out }) => out));
    expect(tokens.size).toBe(1);
    expect(tokens.has(before?.out ?? '')).toBe(false);
    expect(idp.tokenRequests()).toHaveLength(2);
  });

  it('share a token that lives shorter than they asked for', async () => {
    idp.script.push({ delay: 3000 });
    const results = await call(6, ['--min-ttl', '5h']);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(results.map(({ out }) => out)).size).toBe(1);
    expect(idp.tokenRequests()).toHaveLength(1);
  });

  it('take over from one that was killed while it asked', async () => {
    idp.script.push('hang');
    const first = stage.run(CALL, {
      env: SECRET,
      watch: (child) => {
        const timer = setInterval(() => {
          if (idp.tokenRequests().length === 0) return;
          clearInterval(timer);
          setTimeout(() => child.kill('SIGKILL'), 1500);
        }, 20);
      },
    });
    while (idp.tokenRequests().length === 0) await new Promise((r) => setTimeout(r, 20));
    const waiting = call(3);
    expect((await first).signal).toBe('SIGKILL');
    const results = await waiting;
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(results.map(({ out }) => out)).size).toBe(1);
    expect(idp.tokenRequests()).toHaveLength(2);
  });

  it('are busy, exit 11, when the one before them does not come back in time', async () => {
    idp.script.push('hang');
    const first = stage.run([...CALL, '--timeout', '8s'], { env: SECRET });
    while (idp.tokenRequests().length === 0) await new Promise((r) => setTimeout(r, 20));
    const [second] = await call(1, ['--timeout', '1s']);
    expect([second?.code, second?.out]).toEqual([11, '']);
    expect((await first).code).toBe(8);
  });
});

describe('one process after the other', () => {
  it('200 cached calls make one token request and no file grows', async () => {
    const [first] = await call(1);
    const outputs = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      for (const { out } of await call(10)) outputs.add(out);
    }
    expect([...outputs]).toEqual([first?.out]);
    expect(idp.tokenRequests()).toHaveLength(1);
  });
});
