import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { BYTE_FORMS } from '../support/byte-forms.ts';
import type { RunOptions } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const SECRET = 'of the environment';
const KEY = Buffer.alloc(32, 5).toString('base64');
const USER = 4242;
const asRoot = process.getuid?.() === 0;
const asUser = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
const tls = createTestCa();
let idp: StandIn;
let stage: Stage;

beforeAll(async () => {
  idp = await startStandIn({ tls, clients: [{ id: appId('app'), secret: SECRET }] });
});
afterAll(() => idp.close());

beforeEach(() => {
  const env = { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY, SECRET };
  stage = setStage(env, tls);
  for (const path of [join(stage.home, '..'), stage.caFile]) chmodSync(path, 0o755);
});
afterEach(() => stage.remove());

const own = (...path: string[]) => join(stage.home, '.tokencli', ...path);

function create(name: string, options: RunOptions = {}) {
  const ids = ['--client-id', appId('app'), '--tenant-id', idp.tenant, '--authority', idp.origin];
  const more = ['--ca-file', stage.caFile, '--client-secret-env', 'SECRET'];
  const scope = ['--scope', 'https://graph.microsoft.com/.default'];
  return stage.run(['config', 'create', '--name', name, ...ids, ...more, ...scope], options);
}

const getToken = (options: RunOptions = {}) =>
  stage.run(['get-token', '-p', 'app', '--silent'], options);

async function homeOf(args: readonly string[] = [], options: RunOptions = {}) {
  const { out } = await stage.run(['doctor', '--json', ...args], options);
  return JSON.parse(out).home as { ok: boolean; detail: string; cure: string | null };
}

describe('what others can write is not used, and doctor --fix makes it usable again', () => {
  const files = ['', 'profiles.json', 'secrets.sealed', 'cache', 'cache/app.tokens'];

  it.each(files)('the home, or in it: %s', async (name) => {
    expect((await create('app')).code).toBe(0);
    expect((await getToken()).code).toBe(0);
    const asked = idp.issued.length;
    for (const others of [0o020, 0o002]) {
      chmodSync(own(name), statSync(own(name)).mode | others);
      const { code, out, err } = await getToken();
      expect([code, out]).toEqual([10, '']);
      expect(err).toContain('can be changed by others\n  try: tokencli doctor --fix\n');
      expect((await homeOf()).ok).toBe(false);
      expect((await homeOf(['--fix'])).detail).toContain('corrected the modes of 1 ');
      expect(statSync(own(name)).mode & 0o077).toBe(0);
      expect((await getToken()).code).toBe(0);
    }
    expect(idp.issued).toHaveLength(asked);
  });

  it('an absent profiles.json there does not mean that there are no profiles', async () => {
    chmodSync(own(), 0o777);
    for (const args of [['config', 'list'], ['get-token']]) {
      expect(await stage.run(args)).toMatchObject({ code: 10, out: '' });
    }
    expect((await create('app')).code).toBe(10);
    expect(readdirSync(own())).toEqual([]);
  });

  it('a cached token costs no file that is written to find that out', async () => {
    await create('app');
    await getToken();
    const before = ['strace', '-f', '-qq', '-o', join(stage.folder, 'trace')];
    const calls = ['-e', 'trace=openat,open,unlink,rename,chmod,fchmod,mkdir'];
    expect((await getToken({ before: [...before, ...calls] })).code).toBe(0);
    const trace = readFileSync(join(stage.folder, 'trace'), 'utf8').split('\n');
    const ours = trace.filter((line) => line.includes(own()));
    expect(ours.length).toBeGreaterThan(2);
    expect(
      ours.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|unlink|rename|mkdir|chmod/.test(line)),
    ).toEqual([]);
  });
});

describe('a symbolic link of the user', () => {
  const linked = ['profiles.json', 'secrets.sealed', 'cache/app.tokens', 'cache/key.json'];
  let volume: string;

  beforeEach(async () => {
    volume = join(stage.folder, 'volume');
    mkdirSync(volume);
    await create('app');
    await getToken();
    for (const name of linked) {
      const target = join(volume, name.replace('/', '-'));
      renameSync(own(name), target);
      symlinkSync(target, own(name));
    }
  });

  const areLinks = () => linked.map((name) => lstatSync(own(name)).isSymbolicLink());
  const ALL = linked.map(() => true);

  it('stays: what it leads to is read and replaced', async () => {
    const old = readdirSync(volume).map((name) => readFileSync(join(volume, name), 'utf8'));
    expect((await homeOf()).ok).toBe(true);
    expect((await create('other')).code).toBe(0);
    const renewed = await stage.run(['get-token', '-p', 'app', '--silent', '--force-refresh']);
    expect(renewed.code).toBe(0);
    expect(areLinks()).toEqual(ALL);
    const now = readdirSync(volume).map((name) => readFileSync(join(volume, name), 'utf8'));
    // key.json names the same key as before
    expect(now.filter((text, index) => text !== old[index])).toHaveLength(3);
    const { out } = await stage.run(['config', 'list', '--json']);
    expect(out).toContain('"other"');
  });

  it.each(linked.slice(0, 3))('that leads nowhere is away, and stays: %s', async (name) => {
    const target = join(volume, name.replace('/', '-'));
    renameSync(target, `${target}.away`);
    const { code, out, err } = await getToken();
    expect([code, out]).toEqual([10, '']);
    expect(err).toContain(`${own(name)} is a link that leads nowhere just now\n  try: `);
    if (name !== 'cache/app.tokens') expect((await create('other')).code).toBe(10);
    await stage.run(['doctor']);
    await stage.run(['doctor', '--fix']);
    expect(areLinks()).toEqual(ALL);
    renameSync(`${target}.away`, target);
    expect((await getToken()).code).toBe(0);
  });

  const forgetting: [string, string[]][] = [
    ['logout', ['logout', '-p', 'app']],
    ['config rename', ['config', 'rename', 'app', 'new']],
    ['config delete', ['config', 'delete', '-p', 'app', '--force']],
  ];

  it.each(forgetting)('to tokens ends together with them: %s', async (_name, args) => {
    expect((await stage.run(args)).code).toBe(0);
    expect(readdirSync(volume)).not.toContain('cache-app.tokens');
    expect(readdirSync(own('cache'))).not.toContain('app.tokens');
    if (args[0] === 'logout') expect((await getToken()).code).toBe(0);
  });

  it.each(forgetting.slice(0, 2))(
    'to tokens that are away cannot forget them: %s',
    async (_name, args) => {
      const target = join(volume, 'cache-app.tokens');
      renameSync(target, `${target}.away`);
      const { code, out, err } = await stage.run(args);
      expect([code, out]).toEqual([10, '']);
      expect(err).toContain('is a link that leads nowhere just now');
      expect(areLinks()).toEqual(ALL);
      renameSync(`${target}.away`, target);
      expect((await getToken()).code).toBe(0);
    },
  );

  it('to tokens that are away is told after its profile was deleted', async () => {
    rmSync(join(volume, 'cache-app.tokens'));
    const { code, out, err } = await stage.run(['config', 'delete', '-p', 'app', '--force']);
    expect([code, out]).toEqual([10, '']);
    expect(err).toContain(
      `profile 'app' is deleted, its tokens are not: ${own('cache/app.tokens')} is a link that leads nowhere`,
    );
  });

  it('in the place of a folder is followed, and not used when others can write there', async () => {
    const target = join(volume, 'cache');
    renameSync(own('cache'), target);
    symlinkSync(target, own('cache'));
    expect((await getToken()).code).toBe(0);
    chmodSync(target, 0o770);
    expect((await getToken()).err).toContain(`  try: chmod go-w ${target}\n`);
    expect(await homeOf(['--fix'])).toMatchObject({ ok: false, cure: `chmod go-w ${target}` });
    chmodSync(target, 0o750);
    expect((await getToken()).code).toBe(0);
  });

  it('in the place of the home is followed, and away when it leads nowhere', async () => {
    renameSync(own(), join(volume, 'home'));
    symlinkSync(join(volume, 'home'), own());
    expect((await create('other')).code).toBe(0);
    renameSync(volume, `${volume}.away`);
    for (const { code, out, err } of [await create('third'), await getToken()]) {
      expect([code, out]).toEqual([10, '']);
      expect(err).toContain(`${own()} is a link that leads nowhere just now`);
    }
    expect((await homeOf()).ok).toBe(false);
    expect(existsSync(volume)).toBe(false);
  });

  it.each(['profiles.json', 'cache/app.tokens'])(
    'to what others can write is not used; the cure is for its target: %s',
    async (name) => {
      const target = join(volume, name.replace('/', '-'));
      chmodSync(target, 0o664);
      const { code, err } = await getToken();
      expect(code).toBe(10);
      expect(err).toContain(`  try: chmod go-w ${target}\n`);
      expect(await homeOf()).toMatchObject({ ok: false, cure: `chmod go-w ${target}` });
      chmodSync(target, 0o644);
      expect((await getToken()).code).toBe(0);
    },
  );
});

it.each(['0177', '0777'])('any umask gives a home that works (%s)', async (mask) => {
  rmSync(own(), { recursive: true });
  if (asRoot) chownSync(stage.home, USER, USER);
  const before = ['sh', '-c', `umask ${mask}; exec "$0" "$@"`];
  const user = asRoot ? asUser : [];
  expect((await create('app', { before: [...user, ...before], cwd: '/' })).code).toBe(0);
  expect((await getToken({ before: user, cwd: '/' })).code).toBe(0);
  expect((await create('other', { before: user, cwd: '/' })).code).toBe(0);
  expect(statSync(own()).mode & 0o777).toBe(0o700);
});

describe('a file that is a mount of its own', () => {
  const mounts = ['unshare', ...(asRoot ? ['-m'] : ['-r', '-m']), 'sh', '-c'];
  const [program = '', ...args] = mounts;
  const mayMount = spawnSync(program, [...args, 'mount -t tmpfs none /mnt']).status === 0;
  const mount = 'mount --bind "$MOUNTED" "$MOUNTED" && exec "$0" "$@"';
  const failing = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=rename:error=EBUSY'];
  const before = mayMount ? [...mounts, mount] : failing;
  const run = (words: readonly string[]) =>
    stage.run(words, { before, env: { MOUNTED: own('profiles.json'), NEW: 'the new one' } });

  it('is not replaced, and the cure is named', async () => {
    await create('app');
    const text = readFileSync(own('profiles.json'), 'utf8');
    const { code, out, err } = await run(['config', 'default', 'app']);
    expect([code, out]).toEqual([10, '']);
    expect(err).toContain(`  try: mount its folder ${own()} instead of the file\n`);
    expect(readFileSync(own('profiles.json'), 'utf8')).toBe(text);
  });

  it.each(Object.entries(BYTE_FORMS))(
    'in %s: a change that fails keeps the secret that works',
    async (_, bytesOf) => {
      await create('app');
      const bytes = bytesOf(readFileSync(own('profiles.json'), 'utf8'));
      writeFileSync(own('profiles.json'), bytes);
      for (const words of [
        ['config', 'delete', '-p', 'app', '--force'],
        ['config', 'edit', '-p', 'app', '--client-secret-env', 'NEW'],
      ]) {
        expect(await run(words)).toMatchObject({ code: 10, out: '' });
        expect(readFileSync(own('profiles.json'))).toEqual(bytes);
        expect((await stage.run(['get-token', '-p', 'app', '--no-cache'])).code).toBe(0);
      }
    },
  );
});

describe('~ in a path variable means the home', () => {
  it('TOKENCLI_HOME, TOKENCLI_STORE_KEY_FILE', async () => {
    writeFileSync(join(stage.home, 'key'), KEY, { mode: 0o600 });
    const env = {
      TOKENCLI_HOME: '~/.elsewhere',
      TOKENCLI_STORE_KEY: undefined,
      TOKENCLI_STORE_KEY_FILE: '~/key',
    };
    expect((await create('app', { env })).code).toBe(0);
    expect((await getToken({ env })).code).toBe(0);
    expect(readdirSync(join(stage.home, '.elsewhere'))).toContain('secrets.sealed');
    expect(readdirSync(stage.folder)).not.toContain('~');
  });

  it.each(['TOKENCLI', 'AZURE'])('%s_CLIENT_CERTIFICATE_PATH', async (family) => {
    await create('app');
    const env = {
      [`${family}_CLIENT_CERTIFICATE_PATH`]: '~/no.pem',
      // what AZURE_ variables hold is for this host alone
      ...(family === 'AZURE' && { AZURE_AUTHORITY_HOST: idp.origin }),
    };
    const { code, err } = await getToken({ env });
    expect(code).toBe(9);
    expect(err).toContain(join(stage.home, 'no.pem'));
  });
});

// only root can become other users
if (asRoot) {
  describe('with several users', () => {
    const user = { before: asUser, cwd: '/' };
    const ownersIn = (folder: string) =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).map(
        (entry) => statSync(join(entry.parentPath, entry.name)).uid,
      );

    beforeEach(() => {
      chownSync(stage.home, USER, USER);
      chownSync(own(), USER, USER);
    });

    it('what root does in the home of a user stays the user’s', async () => {
      rmSync(own(), { recursive: true });
      expect((await create('first')).code).toBe(0);
      expect((await create('app', user)).code).toBe(0);
      expect((await getToken()).code).toBe(0);
      expect((await stage.run(['config', 'edit', '-p', 'app', '--login-hint', 'x'])).code).toBe(0);
      expect((await stage.run(['doctor', '--fix'])).out).toContain('✓ home');
      expect(new Set(ownersIn(stage.home))).toEqual(new Set([USER]));
      expect((await getToken(user)).code).toBe(0);
      expect((await create('third', user)).code).toBe(0);
    });

    it('a cache that its owner cannot read is named, and left as it is', async () => {
      await create('app', user);
      await getToken(user);
      const before = readFileSync(own('cache/app.tokens'));
      chmodSync(own('cache/app.tokens'), 0);
      const { code, err } = await stage.run(['get-token', '-p', 'app'], user);
      expect(code).toBe(0);
      expect(err.match(/warning: .*/g)).toEqual([
        `warning: cannot read ${own('cache/app.tokens')}: permission denied; see tokencli doctor`,
      ]);
      expect(readFileSync(own('cache/app.tokens'))).toEqual(before);
      expect(await homeOf([], user)).toMatchObject({ ok: false, cure: 'tokencli doctor --fix' });
      expect((await homeOf(['--fix'], user)).ok).toBe(true);
      const { out } = await stage.run(['get-token', '-p', 'app', '--json'], user);
      expect(JSON.parse(out)).toMatchObject({ fromCache: true });
    });

    it('a cache folder that is closed to its owner cannot be forgotten', async () => {
      await create('app', user);
      await getToken(user);
      chmodSync(own('cache'), 0);
      const { code, out, err } = await stage.run(['logout', '--all'], user);
      expect([code, out]).toEqual([10, '']);
      expect(err).toContain(`cannot read ${own('cache')}: permission denied`);
      expect(err).toContain('try: tokencli doctor --fix');
      expect((await homeOf(['--fix'], user)).ok).toBe(true);
      expect((await stage.run(['logout', '--all'], user)).err).toContain('Forgot');
    });

    it('a home that root has taken over names chown', async () => {
      await create('app', user);
      const cure = `sudo chown -R ${USER} ${own()}`;
      chownSync(own('profiles.json'), 0, 0);
      expect((await getToken(user)).err).toContain(cure);
      chownSync(own(), 0, 0);
      const { code, out, err } = await getToken(user);
      expect([code, out]).toEqual([10, '']);
      expect(err).toContain(cure);
      expect((await homeOf([], user)).cure).toContain(cure);
    });

    it('what belongs to a stranger is used by nobody, root included', async () => {
      await create('app', user);
      chownSync(own('profiles.json'), 4343, 4343);
      chmodSync(own('profiles.json'), 0o644);
      for (const { code, out, err } of [await getToken(user), await getToken()]) {
        expect([code, out]).toEqual([10, '']);
        expect(err).toMatch(/belongs to another user\n {2}try: if it is yours: sudo chown/);
      }
    });

    it('in the home of root, a folder of somebody else is not used by root', async () => {
      await create('app', user);
      chownSync(stage.home, 0, 0);
      const { code, out, err } = await getToken();
      expect([code, out]).toEqual([10, '']);
      expect(err).toMatch(/belongs to another user\n {2}try: if it is yours: sudo chown/);
    });

    it.each([0o777, 0o2775, 0o1777])(
      'the root of a volume (mode %o) names a folder in it',
      async (mode) => {
        const volume = join(stage.folder, 'volume');
        mkdirSync(volume);
        chownSync(volume, 0, USER);
        chmodSync(volume, mode);
        const inside = join(volume, 'tokencli');
        const refused = await create('app', { ...user, env: { TOKENCLI_HOME: volume } });
        expect(refused.code).toBe(10);
        expect(refused.err).toContain(`TOKENCLI_HOME=${inside}\n`);
        const env = { TOKENCLI_HOME: inside };
        expect((await create('app', { ...user, env })).code).toBe(0);
        expect((await getToken({ ...user, env })).code).toBe(0);
      },
    );

    it('a user without a name and without HOME works with TOKENCLI_HOME, which the error names', async () => {
      const env = { HOME: undefined, TOKENCLI_HOME: own() };
      expect((await create('app', { ...user, env })).code).toBe(0);
      expect((await getToken({ ...user, env })).code).toBe(0);
      const lost = await create('app', { ...user, env: { HOME: undefined } });
      expect([lost.code, lost.out]).toEqual([10, '']);
      expect(lost.err).toContain('cannot use the folder /.tokencli');
      expect(lost.err).toContain('TOKENCLI_HOME');
    });
  });
}
