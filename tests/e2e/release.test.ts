import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../../src/commands/index.ts';
import { checkOut } from '../support/checkout.ts';
import { openProgram } from '../support/terminal.ts';

const { version, man } = JSON.parse(readFileSync('package.json', 'utf8'));
const LIST = '.local/share/tokencli/installed';
/** A user's own, which no installation may touch. */
const OWN = {
  '.tokencli/profiles.json': '{"schemaVersion":1,"profiles":[]}',
  '.local/bin/own': 'x',
};

let root: string;
let source: string;
let release: string;
/** The Debian package and the tarball, extracted. */
let debian: string;
let tarball: string;
let home: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tokencli-release-'));
  source = join(root, 'a clone');
  release = join(source, 'build', 'release');
  debian = join(root, 'debian');
  tarball = join(root, 'tarball');
  home = join(root, "somebody's home");
  checkOut(source);
  // whatever mask the machine has that makes a release, in a folder that hands its group down
  chmodSync(source, 0o2755);
  run('sh', '-c', 'umask 077; exec "$0" scripts/package.mjs --quick', process.execPath);
  run('dpkg-deb', '-x', only('.deb'), debian);
  mkdirSync(tarball);
  run('tar', '-xzf', only('.tar.gz'), '-C', tarball, '--strip-components=1');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(program: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: root };
  return execFileSync(program, args, { cwd: source, env, encoding: 'utf8', stdio: 'pipe' });
}

function only(ending: string): string {
  const [name, ...others] = readdirSync(release).filter((each) => each.endsWith(ending));
  expect(others).toEqual([]);
  return join(release, name ?? '');
}

/** The files below a folder with a digest of each. */
function files(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
  return Object.fromEntries(
    paths
      .sort()
      .map((path) => [
        path.slice(folder.length + 1),
        createHash('sha256').update(readFileSync(path)).digest('hex'),
      ]),
  );
}

describe('npm run package', () => {
  it('lists the sum of each file that it makes', () => {
    const sums = readFileSync(join(release, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    expect(sums.map((line) => line.split('  ')[1])).toEqual(
      readdirSync(release)
        .filter((name) => name !== 'SHA256SUMS')
        .sort(),
    );
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: release });
    expect(readdirSync(release).map((name) => name.replace(version, 'V'))).toEqual(
      expect.arrayContaining([
        'tokencli-V.tgz',
        'tokencli-V.cdx.json',
        expect.stringMatching(/^tokencli-V-linux-\w+\.tar\.gz$/),
        expect.stringMatching(/^tokencli_V_\w+\.deb$/),
      ]),
    );
  });

  it('makes a Debian package of files that belong to root, with the date of the release', () => {
    const [, day] = /^## \[\d.*\] - (\S+)$/m.exec(readFileSync('CHANGELOG.md', 'utf8')) ?? [];
    const rows = run('dpkg-deb', '-c', only('.deb')).trimEnd().split('\n');
    const odd = rows.filter(
      (row) =>
        !new RegExp(`^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--) root/root +\\d+ ${day} 00:00 `).test(row),
    );
    expect(odd).toEqual([]);
    expect(run('dpkg-deb', '-f', only('.deb'), 'Version')).toBe(`${version}\n`);
  });

  it('puts the same files into the tarball', () => {
    const asDebian = Object.entries(files(tarball)).map(([path, sum]) => [
      `usr/${path.replace('zsh/site-functions', 'zsh/vendor-completions')}`,
      sum,
    ]);
    expect(Object.fromEntries(asDebian)).toEqual(files(debian));
  });

  it('makes a program that runs where there is no Node.js', () => {
    const cli = join(debian, 'usr/bin/tokencli');
    const { stdout, status } = spawnSync(cli, ['--version'], {
      env: { HOME: root },
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, `${version}\n`]);
  });

  it('names in the bill of materials all that is inside, with version and licence', () => {
    const bill = JSON.parse(readFileSync(only('.cdx.json'), 'utf8'));
    const named = new Map<string, { licenses: unknown[] }>();
    for (const each of bill.components) named.set(`${each.name} ${each.version}`, each);
    const copyright = readFileSync(join(debian, 'usr/share/doc/tokencli/copyright'), 'utf8');
    const inside = [...copyright.matchAll(/^-{78}\n\n(\S+ \d\S+)$/gm)].map(
      ([, name]) => name ?? '',
    );
    expect(inside).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^@azure\/msal-node /),
        expect.stringMatching(/^bun /),
        expect.stringMatching(/^@oven\/bun-linux-/),
        expect.stringMatching(/^@napi-rs\/keyring-linux-/),
      ]),
    );
    expect(inside.filter((name) => !named.get(name)?.licenses.length)).toEqual([]);
    expect(
      packagesOfMaps().filter(
        (name) => ![...named.keys()].some((key) => key.startsWith(`${name} `)),
      ),
    ).toEqual([]);
    expect([...named.keys()].filter((name) => /^(jest|typescript|esbuild) /.test(name))).toEqual(
      [],
    );
  });
});

/** The packages that the npm package's source maps name. */
function packagesOfMaps(): string[] {
  const dist = join(source, 'dist');
  const maps = readdirSync(dist).filter((name) => name.endsWith('.map'));
  const sources = maps.flatMap(
    (name) => JSON.parse(readFileSync(join(dist, name), 'utf8')).sources,
  );
  const names = sources.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  expect(names).toContain('yargs');
  return [...new Set(names.filter((name) => name !== undefined))];
}

describe('the man pages', () => {
  let folder: string;
  let pages: string[];

  beforeAll(() => {
    folder = join(debian, 'usr/share/man/man1');
    pages = readdirSync(folder).map((name) => {
      const path = join(root, basename(name, '.gz'));
      writeFileSync(path, gunzipSync(readFileSync(join(folder, name))));
      return path;
    });
  });

  it('are one for each command, and those that package.json names', () => {
    const expected = ['tokencli', ...namesOf(COMMANDS, 'tokencli')]
      .map((name) => `${name}.1`)
      .sort();
    expect(pages.map((path) => basename(path)).sort()).toEqual(expected);
    expect(man.map((path: string) => basename(path)).sort()).toEqual(expected);
  });

  it('leave nothing to say to mandoc', () => {
    const { stdout, stderr, status } = spawnSync('mandoc', ['-T', 'lint', '-W', 'all', ...pages], {
      encoding: 'utf8',
    });
    expect([stdout, stderr, status]).toEqual(['', '', 0]);
  });

  it('are found and shown, with every option, and examples to paste', () => {
    const show = (name: string) =>
      execFileSync('mman', ['-M', join(debian, 'usr/share/man'), '-c', name], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).replace(/.[\b]/g, '');
    const page = show('tokencli-get-token');
    const command = COMMANDS.find(({ name }) => name === 'get-token');
    for (const option of Object.keys((command as { options: object }).options)) {
      expect(page).toContain(`--${option}`);
    }
    // nothing of it is turned into typographic signs
    expect(page).toContain('TOKEN=$(tokencli get-token -p graph --silent)');
    expect(show('tokencli')).toContain('TOKENCLI_STORE_KEY_FILE');
  });
});

function namesOf(commands: typeof COMMANDS, above: string): string[] {
  return commands.flatMap((entry) => {
    const name = `${above}-${entry.name}`;
    return [name, ...('children' in entry ? namesOf(entry.children, name) : [])];
  });
}

describe('scripts/install', () => {
  let own: Record<string, string>;

  beforeAll(() => {
    for (const [path, content] of Object.entries(OWN)) {
      mkdirSync(join(home, path, '..'), { recursive: true, mode: 0o700 });
      writeFileSync(join(home, path), content, { mode: 0o600 });
    }
    own = files(home);
    mkdirSync(join(root, 'elsewhere', 'scripts'), { recursive: true });
  });

  const install = (args: string[] = [], env: Record<string, string | undefined> = {}) =>
    spawnSync(join('scripts', 'install'), args, {
      // with a CDPATH, cd goes to `scripts` there rather than here
      env: { PATH: process.env['PATH'], HOME: home, CDPATH: join(root, 'elsewhere'), ...env },
      cwd: source,
      encoding: 'utf8',
    });

  it('says what is in its way, and has taken note of the folders that it has made until then', () => {
    const data = join(home, 'data');
    symlinkSync('nowhere', data);
    const { status, stderr } = install([], { XDG_DATA_HOME: data });
    rmSync(data);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/home\/data'?: File exists/)]);
    const made = readdirSync(home, { recursive: true, withFileTypes: true });
    const folders = made.filter((each) => each.isDirectory());
    const noted = readFileSync(join(home, LIST), 'utf8').split('\n');
    const paths = folders.map(({ parentPath, name }) => `${join(parentPath, name)}/`);
    expect(paths.filter((path) => !noted.includes(path)).sort()).toEqual(
      ['.local/', '.local/bin/', '.tokencli/'].map((path) => join(home, path)),
    );
  });

  it('installs what the packages hold, and says what is left to do', () => {
    const { status, stdout } = install();
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('somebody\\\'s\\ home/.local/bin:"$PATH"'),
    ]);
    const { [LIST]: _list, ...installed } = files(home);
    const packed = Object.entries(files(tarball)).map(([path, sum]) => [`.local/${path}`, sum]);
    expect(installed).toEqual({ ...own, ...Object.fromEntries(packed) });
    expect(statSync(join(home, '.local/bin/tokencli')).mode & 0o111).toBe(0o111);
  });

  it.each([
    [
      'bash',
      ['--norc', '--noprofile', '-i'],
      '. ~/.local/share/bash-completion/completions/tokencli',
    ],
    [
      'zsh',
      ['-f', '-i'],
      'fpath=(~/.local/share/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D',
    ],
    ['fish', ['-i'], ''],
  ])('has %s complete', async (shell, how, load) => {
    const HOME = join(root, shell);
    cpSync(join(home, '.local/share'), join(HOME, '.local/share'), { recursive: true });
    // fish would fill it in the background
    mkdirSync(join(HOME, '.local/share/fish/generated_completions'));
    const PATH = `${join(home, '.local/bin')}:${process.env['PATH']}`;
    const terminal = openProgram([shell, ...how], { HOME, LANG: 'C.UTF-8', PATH });
    try {
      terminal.type([load, 'tokencli config pa\t', 'exit'].map((line) => `${line}\r`).join(''));
      const { out } = await terminal.ended();
      expect(out).toContain(`${HOME}/.tokencli/profiles.json`);
    } finally {
      await terminal.close();
    }
  });

  it('can be run again, also while the program runs', async () => {
    const before = files(home);
    const running = spawn(join(home, '.local/bin/tokencli'), ['inspect'], { env: { HOME: home } });
    const ended = outputOf(running);
    expect(install().status).toBe(0);
    running.stdin.end('opaque');
    expect(await ended).toMatch(/^tokencli: /);
    expect(files(home)).toEqual(before);
  });

  it('says what it cannot take away, and can be tried again', () => {
    const page = join(home, '.local/share/man/man1/tokencli.1.gz');
    rmSync(page);
    mkdirSync(page);
    expect(install(['--uninstall'])).toMatchObject({
      ...{ status: 1, stdout: '', stderr: expect.stringContaining(page) },
    });
    rmSync(page, { recursive: true });
  });

  it('takes away all of it and nothing else', () => {
    const first = install(['--uninstall']);
    expect([first.status, first.stderr]).toEqual([0, '']);
    expect(readdirSync(home, { recursive: true }).sort()).toEqual([
      ...['.local', '.local/bin', '.local/bin/own', '.tokencli', '.tokencli/profiles.json'],
    ]);
    expect(files(home)).toEqual(own);
    expect(install(['--uninstall'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('says which Node.js it needs where there is an older one, as in Debian 12', () => {
    const older = join(root, 'older');
    mkdirSync(older);
    const asOlder = join(older, 'as-older.cjs');
    writeFileSync(
      asOlder,
      "Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });",
    );
    const start = `#!/bin/sh\nexec '${process.execPath}' -r '${asOlder}' "$@"\n`;
    writeFileSync(join(older, 'node'), start, { mode: 0o755 });
    expect(install([], { PATH: `${older}:${process.env['PATH']}` })).toMatchObject({
      ...{ status: 1, stdout: '' },
      stderr: 'scripts/install: Node.js 20.19 or newer is needed to build it\n',
    });
  });

  it.each([
    ['an empty HOME', [], { HOME: '' }, /HOME names no folder/],
    ['no HOME', [], { HOME: undefined }, /HOME names no folder/],
    ['an unknown word', ['--purge'], {}, /unknown: --purge/],
    ['no folder behind --prefix', ['--prefix'], {}, /--prefix needs a folder/],
  ])('refuses %s', (_what, args, env, message) => {
    const { status, stdout, stderr } = install(args, env);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
    expect(stderr.split('\n')).toHaveLength(2);
  });
});

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stderr?.on('data', (part) => {
    text += part;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return text;
}
