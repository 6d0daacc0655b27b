import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { runInTerminal } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const SECRET = 'of the environment';
const KEY = Buffer.alloc(32, 5).toString('base64');
const asRoot = process.getuid?.() === 0;
const tls = createTestCa();
let idp: StandIn;
let stage: Stage;

beforeAll(async () => {
  idp = await startStandIn({ tls, clients: [{ id: appId('app'), secret: SECRET }] });
});
afterAll(() => idp.close());

beforeEach(() => {
  stage = setStage({
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: KEY,
    TOKENCLI_CLIENT_SECRET: SECRET,
  });
  stage.file('ca.pem', tls.caPem);
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile('app')] });
});
afterEach(() => stage.remove());

function profile(name: string): object {
  return {
    name,
    clientId: appId('app'),
    tenantId: idp.tenant,
    authority: idp.origin,
    caFile: stage.caFile,
    scopes: ['https://graph.microsoft.com/.default'],
  };
}

describe('a home that cannot be used', () => {
  it('a file in the place of the folder', async () => {
    const home = join(stage.folder, 'plain');
    mkdirSync(home);
    writeFileSync(join(home, '.tokencli'), 'not a folder');
    const args = [
      'config',
      'create',
      '--name',
      'x',
      '--client-id',
      appId('app'),
      '--tenant-id',
      idp.tenant,
    ];
    const { code, out, err } = await stage.run(args, { home });
    expect([code, out]).toEqual([10, '']);
    expect(err).toContain(join(home, '.tokencli'));
    for (const reading of [
      ['config', 'list'],
      ['get-token', '-p', 'x'],
      ['get-token', '--silent'],
    ])
      expect(await stage.run(reading, { home })).toMatchObject({ code: 10, out: '' });
  });

  // root may write everywhere, so root plays nobody
  it('no right to write: the token still arrives, a profile does not', async () => {
    const before = asRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const root = mkdtempSync(join(tmpdir(), 'tokencli-readonly-'));
    const home = join(root, 'home');
    try {
      mkdirSync(join(home, '.tokencli'), { recursive: true });
      const ca = join(root, 'ca.pem');
      writeFileSync(ca, tls.caPem, { mode: 0o644 });
      const profiles = JSON.stringify({ profiles: [{ ...profile('app'), caFile: ca }] });
      writeFileSync(join(home, '.tokencli', 'profiles.json'), profiles, { mode: 0o644 });
      for (const path of [root, home, join(home, '.tokencli')]) chmodSync(path, 0o555);
      const options = { home, before, cwd: root };
      const got = await stage.run(['get-token', '--silent'], options);
      expect([got.code, got.out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
      const create = [
        'config',
        'create',
        '--name',
        'y',
        '--client-id',
        appId('a'),
        '--tenant-id',
        'b.example',
      ];
      const made = await stage.run(create, options);
      expect([made.code, made.out]).toEqual([10, '']);
      expect(readdirSync(join(home, '.tokencli'))).toEqual(['profiles.json']);
    } finally {
      for (const path of [join(home, '.tokencli'), home, root]) chmodSync(path, 0o755);
      rmSync(root, { recursive: true });
    }
  });

  it('profiles.json that is broken is never written to', async () => {
    stage.writeProfiles('{"profiles": [');
    const args = [
      'config',
      'create',
      '--name',
      'x',
      '--client-id',
      appId('app'),
      '--tenant-id',
      idp.tenant,
    ];
    for (const command of [args, ['get-token'], ['config', 'list']]) {
      const { code, out } = await stage.run(command);
      expect([command[0], code, out]).toEqual([command[0], 9, '']);
    }
    expect(statSync(join(stage.home, '.tokencli', 'profiles.json')).size).toBe(14);
  });

  it('profiles.json that is newer is never written to', async () => {
    stage.writeProfiles({ schemaVersion: 2, profiles: [profile('app')] });
    const args = [
      'config',
      'create',
      '--name',
      'x',
      '--client-id',
      appId('app'),
      '--tenant-id',
      idp.tenant,
    ];
    for (const command of [args, ['get-token']]) {
      const { code, out, err } = await stage.run(command);
      expect([code, out]).toEqual([9, '']);
      expect(err).toContain('newer');
    }
  });
});

/** A file system of 64 KiB, filled to the last block. */
const onFullDisk = [
  ...['unshare', ...(asRoot ? ['-m'] : ['-r', '-m']), 'sh', '-c'],
  `mount -t tmpfs -o size=64k none "$SMALL" && cp -r "$HOME/.tokencli" "$SMALL/home" &&
   { dd if=/dev/zero of="$SMALL/filler" bs=1k 2>/dev/null; true; } &&
   export TOKENCLI_HOME="$SMALL/home" && exec "$0" "$@"`,
];
/** Where nothing may be mounted: the kernel answers that the disk is full when data are to be kept. */
const onFailingDisk = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=fsync:error=ENOSPC'];

function isMountAllowed(): boolean {
  const [program = '', ...args] = onFullDisk.slice(0, -2);
  const probe = spawnSync(program, [...args, '-c', 'mount -t tmpfs none /mnt']);
  return probe.status === 0;
}

describe('a disk that is full', () => {
  it('behind stdout', async () => {
    const before = ['sh', '-c', 'exec "$0" "$@" >/dev/full'];
    const { code, err } = await stage.run(['get-token', '-p', 'app'], { before });
    expect(code).toBe(10);
    expect(err).toContain('stdout');
  });

  it('behind -o and behind the home', async () => {
    const small = join(stage.folder, 'small');
    mkdirSync(small);
    const full = isMountAllowed() ? onFullDisk : onFailingDisk;
    const options = { before: full, env: { SMALL: small } };
    const saved = await stage.run(['get-token', '--no-cache', '-o', join(small, 'token')], options);
    expect([saved.code, saved.out]).toEqual([10, '']);
    expect(saved.err).toContain('no space left');
    const got = await stage.run(['get-token', '--silent'], options);
    expect([got.code, got.out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    const args = [
      'config',
      'create',
      '--name',
      'x',
      '--client-id',
      appId('app'),
      '--tenant-id',
      idp.tenant,
    ];
    const made = await stage.run(
      [...args, '--client-secret-env', 'TOKENCLI_CLIENT_SECRET'],
      options,
    );
    expect([made.code, made.out]).toEqual([10, '']);
  });
});

describe('streams', () => {
  it('a reader of stdout that left', async () => {
    const slow = ['bash', '-c', '{ sleep 0.2; "$0" "$@"; echo "$?" >&2; } | true'];
    const late = await stage.run(['help', 'exit-codes'], { before: slow });
    expect(late.err).toBe('141\n');
  });

  it('a reader of stderr that is slow gets all of it', async () => {
    const broken = Array.from({ length: 3000 }, (_, index) => ({ name: `broken-${index}` }));
    stage.writeProfiles({ profiles: broken });
    const slow = ['bash', '-c', '{ "$0" "$@" 2>&1 >/dev/null; } | { sleep 1; cat; }'];
    const { out } = await stage.run(['config', 'list'], { before: slow });
    expect(out.length).toBeGreaterThan(2 ** 17);
    expect(out).toContain('profiles[2999].clientId');
    expect(out.endsWith('\n')).toBe(true);
  });

  it('a reader of stdout that is slow gets all of it', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => profile(`many-${index}`));
    stage.writeProfiles({ profiles: many });
    const slow = ['bash', '-c', '"$0" "$@" | { sleep 1; cat; }'];
    const { out } = await stage.run(['config', 'list', '--json'], { before: slow });
    expect(out.length).toBeGreaterThan(2 ** 17);
    expect(JSON.parse(out).profiles).toHaveLength(many.length);
  });

  it.each([
    ['stdin', '<&-'],
    ['stderr', '2>&-'],
    ['stdin and stderr', '<&- 2>&-'],
  ])('%s closed', async (_what, closed) => {
    const before = ['sh', '-c', `exec "$0" "$@" ${closed}`];
    const { code, out } = await stage.run(['get-token', '-p', 'app'], { before });
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  });

  it.each(['executable', 'npm package'] as const)(
    'a folder as stdin of the %s',
    async (program) => {
      const before = ['sh', '-c', 'exec "$0" "$@" </'];
      const create = ['config', 'create', '--name', 'x', '--client-id', appId('app')];
      for (const args of [
        ['inspect'],
        ['discover'],
        ['git-credential', '-p', 'app', 'get'],
        ['config', 'import', '-f', '-'],
        [...create, '--tenant-id', idp.tenant, '--client-secret-stdin'],
      ]) {
        const { code, out, err } = await stage.run(args, { before, program });
        expect([code, out, err]).toEqual([9, '', 'tokencli: cannot read stdin: it is a folder\n']);
      }
    },
  );

  it('an empty stdin where a secret is expected', async () => {
    const args = [
      'config',
      'create',
      '--name',
      'x',
      '--client-id',
      appId('app'),
      '--tenant-id',
      idp.tenant,
    ];
    for (const input of ['', '\n', '\ufeff']) {
      const { code, out } = await stage.run([...args, '--client-secret-stdin'], { input });
      expect([code, out]).toEqual([2, '']);
    }
  });
});

describe('surroundings', () => {
  it('an empty HOME does not make the current folder the home', async () => {
    const { code, out } = await stage.run(['config', 'path'], { env: { HOME: '' } });
    expect(code).toBe(0);
    expect(out).toBe(`${join(userInfo().homedir, '.tokencli', 'profiles.json')}\n`);
  });

  // Bun itself ends there: see standalone.test.ts
  it('works in a folder that was deleted under its feet', async () => {
    const before = ['sh', '-c', 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', 'sh'];
    const { code, out, err } = await stage.run(['--version'], { before, program: 'npm package' });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('a folder for everything that TOKENCLI_HOME names', async () => {
    const env = { TOKENCLI_HOME: join(stage.home, '.tokencli') };
    const home = join(stage.folder, 'other');
    mkdirSync(home);
    const { code, out } = await stage.run(['get-token', '--silent'], { env, home });
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    expect(readdirSync(home)).toEqual([]);
  });

  it.each(['\n', '\r\n', '\r'])(
    'a line end of a variable, %j, is no part of its value',
    async (end) => {
      const key = stage.file('store.key', KEY);
      const values = {
        TOKENCLI_HOME: join(stage.home, '.tokencli'),
        TOKENCLI_PROFILE: 'app',
        TOKENCLI_STORE: 'file',
        TOKENCLI_STORE_KEY_FILE: key,
        TOKENCLI_CLIENT_ID: appId('app'),
        TOKENCLI_TENANT_ID: idp.tenant,
        TOKENCLI_CLIENT_SECRET: SECRET,
      };
      const env = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, value + end]),
      );
      const options = { env: { ...env, TOKENCLI_STORE_KEY: undefined, MINE: SECRET + end } };
      expect(await stage.run(['get-token', '--silent'], options)).toMatchObject({
        code: 0,
        err: '',
      });
      const edit = ['config', 'edit', '--client-secret-env', 'MINE', '--verify'];
      expect(await stage.run([...edit, '-p', 'app'], options)).toMatchObject({ code: 0 });
      expect(readdirSync(stage.home)).toEqual(['.tokencli']);
    },
  );

  it('a variable with nothing but a line end is as good as none', async () => {
    const names = ['HTTPS_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'BROWSER', 'TOKENCLI_PROFILE'];
    const env = Object.fromEntries(names.map((name) => [name, '\r']));
    const { code, err } = await stage.run(['get-token', '-p', 'app'], { env });
    expect([code, err]).toEqual([0, expect.not.stringContaining('warning')]);
    const shown = await stage.run(['config', 'show', '--effective', '--json'], { env });
    expect(JSON.parse(shown.out).profile).toEqual({ value: 'app', source: 'the only one' });
  });

  it('no HOME, no PATH, a foreign language', async () => {
    const env = { PATH: undefined, LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
    const { code, out, err } = await stage.run(['get-token', '-p', 'APP'], { env });
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    expect(err).toBe("Authenticating with profile 'app'...\n✓ Token acquired successfully\n");
  });

  it('folders 0700 and files 0600, whatever the umask', async () => {
    const before = ['sh', '-c', 'umask 0; exec "$0" "$@"'];
    await stage.run(['get-token', '-p', 'app'], { before });
    const root = join(stage.home, '.tokencli');
    const open = readdirSync(root, { recursive: true, withFileTypes: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => (statSync(path).mode & 0o077) !== 0);
    expect(open).toEqual([]);
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  it('a terminal: colour on it, none in the token', async () => {
    const env = { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY, TOKENCLI_CLIENT_SECRET: SECRET };
    const options = { home: stage.home, cwd: stage.folder };
    const args = ['get-token', '-p', 'app', '--no-cache'];
    const { code, out, err } = await runInTerminal(args, { ...options, env });
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    expect(err).toContain('\u001b[32m✓ Token acquired successfully');
    const plain = await runInTerminal(args, { ...options, env: { ...env, NO_COLOR: '1' } });
    expect(plain.err).toBe(
      "Authenticating with profile 'app'...\r\n✓ Token acquired successfully\r\n",
    );
  });
});
