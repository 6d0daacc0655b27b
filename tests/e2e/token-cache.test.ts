import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const OTHER_TENANT = '1f0e0d0c-0b0a-4908-8706-050403020100';
const STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const SECRET = { TOKENCLI_CLIENT_SECRET: 'a secret for the tests' };

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
  rmSync(join(stage.home, '.tokencli', 'cache'), { recursive: true, force: true });
  idp.seen.length = 0;
  idp.script.length = 0;
  writeProfile();
});

function writeProfile(changes: object = {}): void {
  const app = {
    name: 'app',
    clientId: appId('client'),
    tenantId: TENANT,
    authority: idp.origin,
    caFile: stage.caFile,
    scopes: ['https://graph.microsoft.com/.default'],
    ...changes,
  };
  stage.writeProfiles({ profiles: [app] });
}

const run = (args: string[] = [], env: Record<string, string | undefined> = {}) =>
  stage.run(['get-token', '-p', 'app', ...args], { env: { ...STORE, ...SECRET, ...env } });
const cacheFile = () => join(stage.home, '.tokencli', 'cache', 'app.tokens');
const requests = () => idp.tokenRequests().length;

/** A body with a token that lives for so many seconds. */
const living = (seconds: number) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: { token_type: 'Bearer', expires_in: seconds, access_token: `lives-for-${seconds}` },
});

describe('the cache', () => {
  it('keeps apart what differs in scope, tenant, client, claims or credential', async () => {
    const ways: [string[], Record<string, string>?][] = [
      // the first, since it displaces what is there
      [['--claims', '{"access_token":{"nbf":{"essential":true}}}']],
      [[]],
      [['--resource', 'https://vault.azure.net']],
      [['--tenant', OTHER_TENANT]],
      [[], { TOKENCLI_CLIENT_ID: appId('another') }],
      [[], { TOKENCLI_CLIENT_SECRET: 'another secret' }],
    ];
    const tokens: string[] = [];
    for (const [args, env] of ways) tokens.push((await run(['--silent', ...args], env)).out);
    expect(new Set(tokens).size).toBe(ways.length);
    for (const [index, [args, env]] of ways.entries()) {
      expect((await run(['--silent', ...args], env)).out).toBe(tokens[index]);
    }
    expect(requests()).toBe(ways.length);
  });

  it('serves no token that a claims challenge has refused, in no resource of the tenant', async () => {
    const [plain, vault] = [[], ['--resource', 'https://vault.azure.net']];
    const elsewhere = ['--tenant', OTHER_TENANT];
    const before = [await run(plain), await run(vault), await run(elsewhere)];
    const claims = ['--claims', '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'];
    const bought = await run(claims);
    const after = [await run(plain), await run(vault), await run(elsewhere)];
    const isSame = after.map(({ out }, index) => out === before[index]?.out);
    expect(isSame).toEqual([false, false, true]);
    expect((await run(claims)).out).toBe(bought.out);
  });

  it('gives the same token for scopes in another case', async () => {
    const { out } = await run(['--silent']);
    expect((await run(['--silent', '-s', 'HTTPS://Graph.Microsoft.com/.default'])).out).toBe(out);
    expect(requests()).toBe(1);
  });

  it('forgets what the profile said before', async () => {
    const { out } = await run(['--silent']);
    writeProfile({ clientId: appId('renamed') });
    expect((await run(['--silent'])).out).not.toBe(out);
    writeProfile();
    expect((await run(['--silent'])).out).not.toBe(out);
    expect(requests()).toBe(3);
  });

  it('says in JSON whether the token comes from it', async () => {
    expect(JSON.parse((await run(['--json'])).out)).toMatchObject({ fromCache: false });
    expect(JSON.parse((await run(['--json'])).out)).toMatchObject({ fromCache: true });
  });

  it('is neither read nor written with --no-cache', async () => {
    await run(['--no-cache']);
    expect(existsSync(join(stage.home, '.tokencli', 'cache'))).toBe(false);
    const { out } = await run();
    expect((await run(['--no-cache'])).out).not.toBe(out);
    expect((await run()).out).toBe(out);
    expect(requests()).toBe(3);
  });

  it('is replaced with --force-refresh', async () => {
    const { out } = await run();
    const forced = await run(['--force-refresh']);
    expect(forced.out).not.toBe(out);
    expect((await run()).out).toBe(forced.out);
  });

  it('honours --min-ttl, and warns when even a new token lives shorter', async () => {
    await run();
    expect((await run(['--min-ttl', '50m'])).err).not.toContain('warning');
    expect(requests()).toBe(1);
    const { code, err } = await run(['--min-ttl', '2h']);
    expect([code, requests()]).toEqual([0, 2]);
    expect(err).toContain('warning: the new token lives for 59m only; asking again cannot help\n');
  });

  it("honours the profile's minTtl, which --min-ttl overrides", async () => {
    writeProfile({ minTtl: '2h' });
    const { out } = await run();
    expect((await run(['--min-ttl', '10m'])).out).toBe(out);
    expect(requests()).toBe(1);
    const { code, err } = await run();
    expect([code, requests()]).toEqual([0, 2]);
    expect(err).toContain('warning: the new token lives for 59m only');
    writeProfile({ minTtl: '50m' });
    const asked = await run();
    expect((await run()).out).toBe(asked.out);
    writeProfile({ minTtl: 'soon' });
    expect(await run()).toMatchObject({ code: 9, out: '' });
  });

  it('renews below five minutes, and makes do with the old token when the network is down', async () => {
    idp.script.push(living(200));
    expect((await run()).out).toBe('lives-for-200\n');
    idp.script.push('reset', 'reset', 'reset');
    const offline = await run();
    expect([offline.code, offline.out]).toEqual([0, 'lives-for-200\n']);
    expect(offline.err).toContain('using the cached token, which ends soon');
    idp.script.length = 0;
    idp.script.push('reset', 'reset', 'reset');
    expect((await run(['--min-ttl', '10m'])).code).toBe(8);
    idp.script.length = 0;
    expect((await run()).out).not.toBe('lives-for-200\n');
  });

  it('heals after damage, with one warning', async () => {
    const { out } = await run();
    const bytes = readFileSync(cacheFile());
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    writeFileSync(cacheFile(), bytes);
    const healed = await run();
    expect([healed.code, requests()]).toEqual([0, 2]);
    expect(healed.out).not.toBe(out);
    expect(healed.err.match(/damaged/g)).toHaveLength(1);
    const after = await run();
    expect([after.out, requests()]).toEqual([healed.out, 2]);
  });

  it('is not needed: a credential from the environment works without any store', async () => {
    const bare = { TOKENCLI_STORE: undefined, TOKENCLI_STORE_KEY: undefined };
    const { code, out, err } = await run([], {
      ...bare,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/no',
    });
    expect([code, err]).toEqual([
      0,
      "Authenticating with profile 'app'...\n✓ Token acquired successfully\n",
    ]);
    expect(out).toMatch(/^\S+\n$/);
    expect(existsSync(cacheFile())).toBe(false);
  });

  it('costs nobody the token when it cannot be written', async () => {
    writeFileSync(join(stage.home, '.tokencli', 'cache'), 'not a folder');
    const { code, out, err } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^\S+\n$/);
    expect(err).toContain('✓ Token acquired successfully\n');
  });

  it('leaves no temporary file behind, and closes its file to others', async () => {
    await run();
    await run(['--force-refresh']);
    expect(readdirSync(join(stage.home, '.tokencli', 'cache')).sort()).toEqual([
      'app.tokens',
      'key.json',
    ]);
    chmodSync(cacheFile(), 0o644);
    expect((await run()).code).toBe(0);
    expect(statSync(cacheFile()).mode & 0o777).toBe(0o600);
  });
});
