import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSealedStore } from '../../src/adapters/sealed-store.ts';
import { appId } from '../support/app-id.ts';
import { findIn, makeCanary } from '../support/canaries.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { type FakeIdp, type Seen, startFakeIdp } from '../support/fake-idp.ts';
import { startKeyringSession } from '../support/keyring-session.ts';
import { type RunOptions, runInTerminal } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createStoreApp } from '../support/store-app.ts';
import { createTestCa, type TestCa } from '../support/tls.ts';

const PARTS = ['store', 'home', 'lock', 'network', 'clock', 'browser', 'terminal', 'node'];
const STORE_KEY = Buffer.alloc(32, 9).toString('base64');

let tls: TestCa;
let idp: FakeIdp;
let stage: Stage;
let serverShift = 0;

beforeAll(async () => {
  tls = createTestCa();
  idp = await startFakeIdp({
    tls,
    handler: (_seen: Seen, response) => {
      response.setHeader('date', new Date(Date.now() + serverShift * 1000).toUTCString());
      return false;
    },
  });
});
afterAll(() => idp.close());

beforeEach(() => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY });
  stage.file('ca.pem', tls.caPem);
  writeProfile();
  idp.seen.length = 0;
  serverShift = 0;
});
afterEach(() => stage.remove());

const own = (name = '') => join(stage.home, '.tokencli', name);

function writeProfile(changes: object = {}): void {
  const app = {
    name: 'app',
    clientId: appId('client'),
    tenantId: 'contoso.example',
    authority: idp.origin,
    caFile: stage.caFile,
    ...changes,
  };
  stage.writeProfiles({ profiles: [app] });
}

async function examine(args: readonly string[] = [], options: RunOptions = {}) {
  const { code, out, err } = await stage.run(['doctor', '--json', ...args], options);
  const report = JSON.parse(out) as Record<string, { ok: boolean; detail: string; cure: unknown }>;
  const ill = PARTS.filter((part) => !report[part]?.ok && part !== 'browser');
  return { code, err, report, ill, of: (part: string) => report[part] ?? { detail: '', cure: '' } };
}

/** As it lies there when its process was killed two hours ago. */
function abandon(path: string): void {
  writeFileSync(path, 'half', { mode: 0o600 });
  const then = Date.now() / 1000 - 7200;
  utimesSync(path, then, then);
}

describe('doctor', () => {
  it('finds everything in order, with one question to the authority', async () => {
    const { code, report, ill, err } = await examine();
    expect([code, ill, err]).toEqual([0, [], '']);
    expect(Object.keys(report)).toEqual(PARTS);
    for (const { ok, detail, cure } of Object.values(report)) {
      expect([typeof ok, typeof detail]).toEqual(['boolean', 'string']);
      expect(cure === null || typeof cure === 'string').toBe(true);
    }
    expect(idp.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /contoso.example/v2.0/.well-known/openid-configuration',
    ]);
  });

  it('says the same to a person, a line for each part and one for each cure', async () => {
    chmodSync(own('profiles.json'), 0o644);
    mkdirSync(own('cache'), { mode: 0o755 });
    const { code, out } = await stage.run(['doctor']);
    expect(code).toBe(10);
    for (const part of PARTS) expect(out).toMatch(new RegExp(`^[✓✗] ${part}`, 'm'));
    expect(out).toMatch(/✗ home .* can be read by others\n {4}try: tokencli doctor --fix\n/);
  });

  it('tries the real keyring, and leaves nothing in it', async () => {
    const session = await startKeyringSession('unlocked');
    try {
      const env = { TOKENCLI_STORE: undefined, ...session.env };
      const { code, of } = await examine([], { env });
      expect([code, of('store').detail]).toEqual([
        0,
        'OS keyring (Secret Service): an entry was written, read and deleted',
      ]);
    } finally {
      await session.stop();
    }
    const without = { TOKENCLI_STORE: undefined, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/no' };
    const { code, ill, of } = await examine([], { env: without });
    expect([code, ill]).toEqual([7, ['store']]);
    expect(of('store').cure).toContain('TOKENCLI_STORE=file');
  });

  it('finds a keyring in order that has a locked entry in another collection', async () => {
    const session = await startKeyringSession('locked-beside');
    try {
      const env = { TOKENCLI_STORE: undefined, ...session.env };
      const { code, of } = await examine([], { env });
      expect([code, of('store').detail]).toEqual([
        0,
        'OS keyring (Secret Service): an entry was written, read and deleted; not all of its entries can be listed now',
      ]);
    } finally {
      await session.stop();
    }
  });

  it('repairs with --fix what it found, and nothing that is not ours', async () => {
    mkdirSync(own('cache'), { mode: 0o700 });
    for (const name of ['.profiles.json.0123456789ab.tmp', 'cache/.app.tokens.0123456789ab.tmp']) {
      abandon(own(name));
    }
    abandon(own('notes.tmp'));
    writeFileSync(own('cache/.app.tokens.ba9876543210.tmp'), 'being written');
    mkdirSync(own('pending'), { mode: 0o700 });
    const id = 'a'.repeat(32);
    writeFileSync(
      own(`pending/${id}.jsonl`),
      `${JSON.stringify({ kind: 'clientSecret', id, store: 'file' })}\n`,
    );
    writeFileSync(own('notes.txt'), 'of somebody else', { mode: 0o644 });
    chmodSync(own('cache'), 0o755);
    const before = await examine();
    expect([before.code, before.ill]).toEqual([10, ['home']]);
    expect(before.of('home').detail).toContain('2 temporary files');
    expect(before.of('home').detail).toContain('1 killed changes');
    const { code, of } = await examine(['--fix']);
    expect(code).toBe(0);
    expect(of('home').detail).toContain('removed 2 temporary files');
    expect((await examine()).code).toBe(0);
    expect(statSync(own('cache')).mode & 0o777).toBe(0o700);
    expect(statSync(own('notes.txt')).mode & 0o777).toBe(0o644);
    expect(existsSync(own('notes.tmp'))).toBe(true);
    expect(existsSync(own('cache/.app.tokens.ba9876543210.tmp'))).toBe(true);
    expect(existsSync(own(`pending/${id}.jsonl`))).toBe(false);
  });

  it('names tokens of profiles that are not there, and removes them with --fix', async () => {
    mkdirSync(own('cache'), { mode: 0o700 });
    for (const name of ['app', 'renamed']) {
      writeFileSync(own(`cache/${name}.tokens`), 'sealed', { mode: 0o600 });
    }
    const before = await examine();
    expect([before.code, before.ill, before.of('home').cure]).toEqual([
      10,
      ['home'],
      'tokencli doctor --fix',
    ]);
    expect(before.of('home').detail).toContain('tokens of 1 profiles that are not there');
    renameSync(own('profiles.json'), own('away.json'));
    await examine(['--fix']);
    expect(readdirSync(own('cache'))).toHaveLength(2);
    renameSync(own('away.json'), own('profiles.json'));
    const { code, of } = await examine(['--fix']);
    expect([code, readdirSync(own('cache'))]).toEqual([0, ['app.tokens']]);
    expect(of('home').detail).toContain('removed the tokens of 1 profiles that are not there');
  });

  it.each([
    { what: 'a pipe', make: (path: string) => execFileSync('mkfifo', [path]) },
    { what: 'a file', make: (path: string) => writeFileSync(path, '') },
  ])('--fix changes nothing of $what that TOKENCLI_HOME names', async ({ make }) => {
    const path = join(stage.folder, 'strange');
    make(path);
    chmodSync(path, 0o666);
    const env = { TOKENCLI_HOME: path };
    const cure = 'correct or unset TOKENCLI_HOME';
    expect((await stage.run(['config', 'list'], { env })).err).toContain(`  try: ${cure}\n`);
    const { code, of } = await examine(['--fix'], { env });
    expect([code, of('home')]).toMatchObject([10, { ok: false, cure }]);
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  it('has no cure that changes the mode of a pipe to which a link leads', async () => {
    const pipe = join(stage.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    chmodSync(pipe, 0o666);
    rmSync(own('secrets.sealed'), { force: true });
    symlinkSync(pipe, own('secrets.sealed'));
    const { code, report, of } = await examine();
    expect([code, of('store').detail]).toEqual([
      10,
      `cannot read ${own('secrets.sealed')}: it is not a regular file`,
    ]);
    expect(JSON.stringify(report)).not.toContain('chmod');
  });

  it.each(['cache', 'pending'])('names what is no folder in the place of %s', async (name) => {
    writeFileSync(own(name), '');
    const { code, of } = await examine();
    const detail = expect.stringMatching(`the folder ${own(name)}.*is not a folder$`);
    expect([code, of('store')]).toMatchObject([10, { ok: false, detail }]);
  });

  it.each(['cache', 'locks', 'secrets.sealed', 'pending', 'throttle'])(
    'names a link that leads nowhere in the place of %s',
    async (name) => {
      symlinkSync('/nonexistent/volume', own(name));
      const { code, of } = await examine();
      expect([code, of('home')]).toMatchObject([
        10,
        {
          ok: false,
          detail: `${own(name)} is a link that leads nowhere just now`,
          cure: `bring its target back, or remove the link: ls -l ${own(name)}`,
        },
      ]);
    },
  );

  it('finds secrets that nothing names, and removes them where they can be nobody else’s', async () => {
    const { app } = createStoreApp({ home: stage.home, env: { TOKENCLI_STORE_KEY: STORE_KEY } });
    const store = createSealedStore(app);
    const create = [
      'config',
      'create',
      ...['--client-id', appId('c'), '--tenant-id', 'contoso.example'],
    ];
    await stage.run([...create, '--name', 'two', '--client-secret-stdin'], { input: 'a secret' });
    const named = await store.list();
    const lost = `clientSecret:${'f'.repeat(32)}`;
    await store.set(lost, 'a key');
    const { code, of } = await examine(['-p', 'app']);
    expect([code, of('store').cure]).toEqual([0, 'tokencli doctor --fix']);
    expect(of('store').detail).toContain(lost);
    const profiles = readFileSync(own('profiles.json'));
    for (const damage of [
      () => truncateSync(own('profiles.json')),
      () => rmSync(own('profiles.json')),
    ]) {
      damage();
      await stage.run(['doctor', '--fix']);
      expect(await store.list()).toEqual([...named, lost]);
    }
    writeFileSync(own('profiles.json'), profiles);
    const fixed = await examine(['-p', 'app', '--fix']);
    expect(fixed.of('store').detail).toContain('removed 1 that nothing names');
    expect(await store.list()).toEqual(named);
  });

  it.each<[string, () => void]>([
    ['away', () => {}],
    ['the empty folder below a mount', () => mkdirSync(own('cache'), { mode: 0o700 })],
    ['a link to a place that is away', () => symlinkSync(own('cache away/now'), own('cache'))],
  ])('never takes a cache for unused that is %s', async (_what, stand) => {
    const { app } = createStoreApp({ home: stage.home, env: { TOKENCLI_STORE_KEY: STORE_KEY } });
    const store = createSealedStore(app);
    const create = [
      'config',
      'create',
      ...['--client-id', appId('c'), '--tenant-id', 'contoso.example'],
    ];
    const server = ['--authority', idp.origin, '--ca-file', stage.caFile];
    await stage.run([...create, ...server, '--name', 'two', '--client-secret-stdin'], {
      input: 'a secret',
    });
    const call = ['get-token', '-p', 'two', '--silent'];
    expect((await stage.run(call)).code).toBe(0);
    const before = await store.list();
    expect(before).toContainEqual(expect.stringMatching(/^cacheKey:/));
    renameSync(own('cache'), own('cache away'));
    stand();
    const { of } = await examine(['-p', 'two', '--fix']);
    expect(of('store').detail).not.toContain('nothing in this home names');
    expect(await store.list()).toEqual(before);
    rmSync(own('cache'), { recursive: true, force: true });
    renameSync(own('cache away'), own('cache'));
    const requests = idp.tokenRequests().length;
    expect((await stage.run(call)).code).toBe(0);
    expect(idp.tokenRequests()).toHaveLength(requests);
  });

  it('removes a cache key that the cache has left behind', async () => {
    const { app } = createStoreApp({ home: stage.home, env: { TOKENCLI_STORE_KEY: STORE_KEY } });
    const store = createSealedStore(app);
    const [used, left] = ['a', 'b'].map((digit) => digit.repeat(32));
    for (const id of [used, left]) await store.set(`cacheKey:${id}`, 'a key');
    mkdirSync(own('cache'), { mode: 0o700 });
    writeFileSync(own('cache/key.json'), JSON.stringify({ version: 1, file: used }), {
      mode: 0o600,
    });
    await examine(['-p', 'app', '--fix']);
    expect(await store.list()).toEqual([`cacheKey:${used}`]);
  });

  it('names a profiles.json that is wrong, and does not touch it', async () => {
    stage.writeProfiles('{"profiles": [');
    const whole = await stage.run(['doctor', '--json', '--fix']);
    expect(whole.code).not.toBe(0);
    expect(JSON.parse(whole.out).home).toMatchObject({ ok: false });
    expect(statSync(own('profiles.json')).size).toBe(14);
    stage.writeProfiles({ profiles: [{ name: 'app', clientId: 7 }] });
    const one = JSON.parse((await stage.run(['doctor', '--json'])).out);
    expect(one.home.detail).toContain('profiles[0].clientId');
  });

  it('names a profile that is not there or not valid, and checks the rest', async () => {
    const byFlag = await examine(['-p', 'other']);
    const byVariable = await examine([], { env: { TOKENCLI_PROFILE: 'other' } });
    for (const { code, report } of [byFlag, byVariable]) {
      expect([code, report['home']?.ok]).toEqual([3, true]);
      expect(Object.keys(report)).toEqual(['profile', ...PARTS]);
    }
    expect(byFlag.report['profile']).toMatchObject({
      detail: "there is no profile 'other'",
      cure: 'tokencli config list',
    });
    expect(byVariable.report['profile']).toMatchObject({
      detail: "there is no profile 'other', which TOKENCLI_PROFILE names",
      cure: 'correct or unset TOKENCLI_PROFILE, or tokencli config list',
    });
    writeProfile({ clientId: 3 });
    const { code, report } = await examine(['-p', 'app']);
    expect([code, report['profile']?.detail]).toEqual([9, expect.stringContaining('clientId')]);
    chmodSync(own(), 0o777);
    const open = await examine(['-p', 'app']);
    expect([open.code, Object.keys(open.report)]).toEqual([10, PARTS]);
  });

  it('names a default that is not there', async () => {
    stage.writeProfiles({ default: 'gone', profiles: [] });
    const { code, report } = await examine();
    expect([code, report['home']?.ok, report['profile']]).toEqual([
      3,
      true,
      {
        ok: false,
        detail: "there is no profile 'gone', which is the default",
        cure: 'tokencli config default NAME, or tokencli config default --unset',
      },
    ]);
  });

  it.each([
    { variable: 'TOKENCLI_CLIENT_ID', detail: 'the client id must be a GUID' },
    { variable: 'TOKENCLI_TENANT_ID', detail: 'the tenant is neither a GUID nor a domain' },
  ])('names $variable where it spoils the only profile', async ({ variable, detail }) => {
    const { code, ill, report } = await examine([], { env: { [variable]: 'a b' } });
    expect([code, ill, report['profile']]).toEqual([
      2,
      [],
      {
        ok: false,
        detail: expect.stringContaining(detail),
        cure: `correct or unset ${variable}`,
      },
    ]);
  });

  it('finds the home in order where TOKENCLI_STORE alone is wrong', async () => {
    const { code, ill } = await examine([], { env: { TOKENCLI_STORE: 'bogus' } });
    expect([code, ill]).toEqual([2, ['store']]);
  });

  it('tells whether the file that a variable names can be read, if the flow needs it', async () => {
    const name = 'TOKENCLI_FEDERATED_TOKEN_FILE';
    const at = (path: string) => examine([], { env: { [name]: path } });
    const lost = await at('/nowhere/token');
    expect([lost.code, lost.of('credential')]).toEqual([
      7,
      {
        ok: false,
        detail: `federated token: file /nowhere/token (${name}): no such file or folder`,
        cure: `correct or unset ${name}`,
      },
    ]);
    const there = await at(stage.file('token', 'ey'));
    expect([there.code, there.of('credential')]).toMatchObject([0, { ok: true }]);
    const content = await at('eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln');
    expect(content.of('credential').detail).toBe(`${name} is no path, but the content of a file`);
    writeProfile({ flow: 'DeviceCode' });
    expect((await at('/nowhere/token')).report['credential']).toBeUndefined();
  });

  it('shows no secret', async () => {
    const canary = makeCanary();
    stage.writeProfiles({ profiles: [], store: 'file', note: canary });
    await stage.run(
      [
        'config',
        'create',
        '--name',
        'app',
        '--client-id',
        appId('c'),
        '--tenant-id',
        'contoso.example',
      ].concat(['--authority', idp.origin, '--ca-file', stage.caFile, '--client-secret-stdin']),
      { input: canary },
    );
    const proxy = `http://somebody:${encodeURIComponent(canary)}@127.0.0.1:1`;
    const env = { TOKENCLI_CLIENT_SECRET: canary, HTTPS_PROXY: proxy };
    for (const args of [['doctor'], ['doctor', '--json'], ['doctor', '--debug']]) {
      const { out, err } = await stage.run(args, { env });
      expect(out).toContain('network');
      expect(findIn('doctor', out + err, [canary, STORE_KEY])).toEqual([]);
    }
  });
});

describe('doctor names what is wrong with the way to the authority', () => {
  it('a port where nobody listens', async () => {
    const closed = createServer();
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
    const { port } = closed.address() as { port: number };
    await new Promise((done) => closed.close(done));
    writeProfile({ authority: `https://localhost:${port}` });
    const { code, of, ill } = await examine();
    expect([code, ill]).toEqual([8, ['network', 'clock']]);
    expect(of('network').detail).toContain('(TCP)');
    expect(of('network').cure).toContain('HTTPS_PROXY');
  });

  it('an authority of TLS that is not known', async () => {
    writeProfile({ caFile: undefined });
    const { code, of } = await examine();
    expect(code).toBe(8);
    expect(of('network').detail).toContain('certificate comes from an unknown authority');
    expect(of('network').cure).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('a proxy, which it also names when all is well', async () => {
    const proxy = await startConnectProxy({ target: idp.port, login: 'user:word' });
    try {
      const through = (login: string) => ({
        env: { HTTPS_PROXY: `http://${login}@127.0.0.1:${proxy.port}` },
      });
      const good = await examine([], through('user:word'));
      expect([good.code, good.of('network').detail]).toEqual([
        0,
        `localhost:${idp.port} (profile app) answers through the proxy ${proxy.url}: DNS, TCP and TLS work`,
      ]);
      const bad = await examine([], through('user:wrong'));
      expect(bad.code).toBe(8);
      expect(bad.of('network').detail).toContain('does not accept the user name and password');
    } finally {
      await proxy.close();
    }
  });

  it('a clock that is wrong', async () => {
    serverShift = -1800;
    const { code, ill, of } = await examine();
    expect([code, ill]).toEqual([8, ['clock']]);
    expect(of('clock').detail).toMatch(/(29|30)m ahead of the server's/);
  });

  it('a server that is no identity provider', async () => {
    writeProfile({ authority: `${idp.origin}/deep`, protocol: 'oidc', tenantId: undefined });
    const { code, ill } = await examine();
    expect([code, ill]).toEqual([8, ['network']]);
  });
});

it('ends at once when it is interrupted, whatever it is looking at', async () => {
  const hung = await startKeyringSession('hung');
  try {
    const start = performance.now();
    const { code, out } = await stage.run(['doctor'], {
      env: { TOKENCLI_STORE: undefined, ...hung.env },
      watch: (child) => setTimeout(() => child.kill('SIGINT'), 1000),
    });
    expect([code, out]).toEqual([130, '']);
    expect(performance.now() - start).toBeLessThan(10_000);
  } finally {
    await hung.stop();
  }
});

it('works on a terminal', async () => {
  const env = { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY };
  const { code, out } = await runInTerminal(['doctor'], { home: stage.home, env });
  expect(code).toBe(0);
  expect(out).toContain('on a terminal: stdin, stderr; questions are asked');
});
