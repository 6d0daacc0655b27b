import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listWaits } from '../../src/tokens/throttle.ts';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';

const COUNT = 16;
const SCOPES = ['https://graph.microsoft.com/.default'];

let stage: Stage;
let idp: FakeIdp;

beforeAll(async () => {
  stage = setStage();
  idp = await startFakeIdp({ tls: stage.tls });
});
afterAll(async () => {
  await idp?.close();
  stage?.remove();
});
beforeEach(() => {
  idp.seen.length = 0;
  idp.script.length = 0;
});

const busy = (seconds: number) => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
  body: { error: 'temporarily_unavailable' },
});

/** Every process has a profile of its own, so that no lock but the remembered wait holds it back. */
function writeProfiles(tenant: string): void {
  const profiles = Array.from({ length: COUNT }, (_, index) => ({
    name: `p${index}`,
    clientId: appId(`client-${index}`),
    tenantId: tenant,
    authority: idp.origin,
    caFile: stage.caFile,
    scopes: SCOPES,
  }));
  stage.writeProfiles({ profiles });
}

const call = (index: number, ...args: string[]) =>
  stage.run(['get-token', '-p', `p${index}`, '--silent', '--no-cache', ...args], {
    env: { TOKENCLI_CLIENT_SECRET: 'a secret for the tests' },
  });

describe('a server that answers 429 with Retry-After', () => {
  it(`is left alone by the ${COUNT} processes that come after`, async () => {
    writeProfiles('one.example');
    idp.script.push(busy(120));
    const first = await call(0, '--json');
    expect([first.code, first.out]).toEqual([8, '']);
    expect(JSON.parse(first.err)).toMatchObject({ code: 'network', retryAfter: 120 });
    const before = idp.seen.length;
    const others = await Promise.all(
      Array.from({ length: COUNT }, (_, index) => call(index, '--json')),
    );
    expect(others.map(({ code, out }) => [code, out])).toEqual(Array(COUNT).fill([8, '']));
    for (const { err } of others) {
      const { retryAfter, retryable } = JSON.parse(err);
      expect(retryable).toBe(true);
      expect(retryAfter).toBeGreaterThan(60);
      expect(retryAfter).toBeLessThanOrEqual(120);
    }
    expect(idp.seen).toHaveLength(before);
    expect(readdirSync(join(stage.home, '.tokencli', 'throttle'))).toHaveLength(1);
  });

  it('gets one request when the time has come, and a token is had', async () => {
    writeProfiles('two.example');
    const folder = join(stage.home, '.tokencli', 'throttle');
    const waits = () =>
      listWaits(folder, Date.now() / 1000).filter(({ authority }) =>
        authority.endsWith('/two.example'),
      );
    idp.script.push(busy(4));
    const first = call(0);
    while (waits().length === 0) await new Promise((go) => setTimeout(go, 20));
    const until = waits()[0]?.until ?? 0;
    const second = await call(1);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(until);
    expect([(await first).code, second.code]).toEqual([0, 0]);
    // the one that was refused, and one for each profile
    expect(idp.tokenRequests()).toHaveLength(3);
  });

  it('does not stop the profiles of another tenant', async () => {
    writeProfiles('three.example');
    idp.script.push(busy(120));
    expect((await call(0)).code).toBe(8);
    writeProfiles('four.example');
    expect((await call(0)).code).toBe(0);
  });
});
