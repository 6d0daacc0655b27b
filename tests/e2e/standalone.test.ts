import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { program } from '../support/built-cli.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import type { RunOptions } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';

const SECRET = 'a secret for the executable';
const KEY = Buffer.alloc(32, 6).toString('base64');
const asRoot = process.getuid?.() === 0;
/** Somebody whom the machine does not know. */
const STRANGER = ['setpriv', '--reuid=4242', '--regid=4242', '--clear-groups'];

let root: string;
/** A copy of the executable, with nothing beside it. */
let copy: string;
let stage: Stage;
let idp: StandIn;
let keyring: KeyringSession;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tokencli-standalone-'));
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'alone'));
  copy = join(root, 'alone', 'tokencli');
  const [built = ''] = await program('executable');
  copyFileSync(built, copy);
  stage = setStage();
  idp = await startStandIn({ tls: stage.tls, clients: [{ id: appId('app'), secret: SECRET }] });
  keyring = await startKeyringSession('unlocked');
  for (const [name, env] of [
    ['filed', inFile()],
    ['kept', inKeyring()],
  ] as const) {
    const made = await run(create(name), { env, input: SECRET });
    expect(made).toMatchObject({ code: 0, out: '' });
  }
});
afterAll(async () => {
  await keyring?.stop();
  await idp?.close();
  stage?.remove();
  if (root) rmSync(root, { recursive: true, force: true });
});

const inFile = () => ({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY });
const inKeyring = () => ({ TOKENCLI_STORE: 'keyring', ...keyring.env });
const create = (name: string) => [
  ...['config', 'create', '--name', name, '--client-id', appId('app'), '--tenant-id', idp.tenant],
  ...['--authority', idp.origin, '--ca-file', stage.caFile, '--client-secret-stdin'],
];
const get = (name: string, ...more: string[]) => ['get-token', '-p', name, '--silent', ...more];
const latest = () => ({ code: 0, signal: null, out: `${idp.issued.at(-1)}\n`, err: '' });

/** Runs the copy with HOME and what is given as its whole environment: no PATH, so no `node`. */
function run(args: readonly string[], options: RunOptions = {}) {
  const env = { PATH: undefined, LANG: undefined, ...options.env };
  return stage.run(args, { program: [copy], ...options, env });
}

/** Gets a fresh token with the secret from the file and from the keyring. */
async function worksWith(env: RunOptions['env'], options: RunOptions = {}): Promise<void> {
  const file = { ...options, env: { ...inFile(), ...env } };
  expect(await run(get('filed', '--no-cache'), file)).toEqual(latest());
  const ring = { ...options, env: { ...inKeyring(), ...env } };
  expect(await run(get('kept', '--no-cache'), ring)).toEqual(latest());
}

describe('the executable alone, without Node.js', () => {
  it.each([
    ['the sealed file', 'filed', inFile],
    ['a real keyring', 'kept', inKeyring],
  ] as const)('gets a token with %s, and has it cached', async (_what, name, store) => {
    const env = store();
    const before = idp.tokenRequests().length;
    expect(await run(get(name), { env })).toEqual(latest());
    expect(await run(get(name), { env })).toEqual(latest());
    expect(idp.tokenRequests()).toHaveLength(before + 1);
  });

  it('needs nothing beside it, and leaves nothing there', () => {
    expect(readdirSync(join(root, 'alone'))).toEqual(['tokencli']);
  });
});

/** Notes that it ran. */
const EVIL = (mark: string) => `require('node:fs').writeFileSync(${JSON.stringify(mark)}, 'ran');`;

describe('a folder of somebody else', () => {
  let hostile: string;
  let mark: string;

  beforeAll(() => {
    hostile = join(root, 'hostile');
    mark = join(root, 'ran');
    mkdirSync(hostile);
    const file = (path: string, text: string) => {
      mkdirSync(join(hostile, path, '..'), { recursive: true });
      writeFileSync(join(hostile, path), text);
    };
    const variables = `TOKENCLI_HOME=${hostile}\nTOKENCLI_PROFILE=evil\nHTTPS_PROXY=http://127.0.0.1:1\nNODE_TLS_REJECT_UNAUTHORIZED=0\n`;
    for (const name of ['.env', '.env.local', '.env.production', '.env.development']) {
      file(name, variables);
    }
    file('evil.js', EVIL(mark));
    file('bunfig.toml', 'preload = ["./evil.js"]\n[define]\n"process.env.HOME" = "\'/nowhere\'"\n');
    file('.npmrc', 'node-options=--require ./evil.js\n');
    file('tsconfig.json', '{"compilerOptions":{"paths":{"*":["./evil.js"]},"baseUrl":"."}}');
    file(
      'package.json',
      '{"type":"commonjs","imports":{"#*":"./evil.js"},"main":"./evil.js","bun":{"preload":["./evil.js"]}}',
    );
    for (const name of ['zod', '@azure/msal-node', '@napi-rs/keyring', 'bun:ffi', 'undici']) {
      file(`node_modules/${name}/package.json`, `{"name":"${name}","main":"index.js"}`);
      file(`node_modules/${name}/index.js`, EVIL(mark));
    }
  });

  it('changes nothing, and nothing of it is run', async () => {
    await worksWith({}, { cwd: hostile });
    // the same with a home that has yet to be made, so that all of it is loaded for the first time
    const home = join(root, 'fresh-home');
    mkdirSync(home);
    const options = { cwd: hostile, home, env: inFile(), input: SECRET };
    expect(await run(create('new'), options)).toMatchObject({ code: 0 });
    expect(await run(['config', 'path'], options)).toMatchObject({
      out: `${join(home, '.tokencli', 'profiles.json')}\n`,
    });
    expect(existsSync(mark)).toBe(false);
  });

  it('is not even read', async () => {
    const log = join(root, 'trace-hostile');
    const before = ['/usr/bin/strace', '-f', '-qq', '-A', '-o', log, '-e', 'trace=file'];
    await worksWith({}, { cwd: hostile, before });
    const opened = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => /^\d+ +open/.test(line) && !line.includes('O_DIRECTORY'));
    expect(opened.length).toBeGreaterThan(10);
    expect(opened.filter((line) => line.includes(hostile) || !line.includes('"/'))).toEqual([]);
  });

  it('would do harm if it could: its script is run by who names it in BUN_OPTIONS', async () => {
    const env = { BUN_OPTIONS: '--preload ./evil.js' };
    await run(['--version'], { cwd: hostile, env });
    expect(existsSync(mark)).toBe(true);
    rmSync(mark);
  });
});

describe('the folder for temporary files', () => {
  it('is neither written to nor looked at', async () => {
    const TMPDIR = join(root, 'temporary');
    mkdirSync(TMPDIR);
    const log = join(root, 'trace-temporary');
    const before = ['/usr/bin/strace', '-f', '-qq', '-A', '-o', log, '-e', 'trace=file'];
    const own = { TMPDIR, BUN_TMPDIR: TMPDIR, TMP: TMPDIR, TEMP: TMPDIR };
    await worksWith(own, { before });
    expect(readdirSync(TMPDIR)).toEqual([]);
    const calls = readFileSync(log, 'utf8').split('\n');
    expect(calls.length).toBeGreaterThan(100);
    expect(calls.filter((line) => line.includes(TMPDIR) && !line.includes('execve'))).toEqual([]);
    expect(calls.filter((line) => /\.bun-|\/tmp\/[^"]*\.node/.test(line))).toEqual([]);
  });

  it.each(['', '/nowhere/at/all', '/dev/null'])('may be %j', async (TMPDIR) => {
    await worksWith({ TMPDIR, BUN_TMPDIR: TMPDIR });
  });

  it.each(['ro', 'noexec'])('may be mounted %s', async (how) => {
    const TMPDIR = join(root, `mounted-${how}`);
    mkdirSync(TMPDIR);
    const mount = `mount -t tmpfs -o ${how} none "$TMPDIR" && exec "$0" "$@"`;
    const before = isMountAllowed() ? [...NAMESPACE, 'sh', '-c', mount] : closed(TMPDIR);
    await worksWith({ TMPDIR, BUN_TMPDIR: TMPDIR, PATH: process.env['PATH'] }, { before });
  });
});

const NAMESPACE = ['unshare', ...(asRoot ? ['-m'] : ['-r', '-m'])];

function isMountAllowed(): boolean {
  const [start = '', ...words] = [...NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/mnt'];
  return spawnSync(start, words).status === 0;
}

/** Where nothing may be mounted: whoever opens a file in the folder, or maps it to run it, fails. */
function closed(folder: string): string[] {
  return [
    'strace',
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-P',
    folder,
    '-e',
    'inject=%file:error=EACCES',
  ];
}

describe('a home', () => {
  it('that HOME does not name is that of the user', async () => {
    const { code, out } = await run(['config', 'path'], { env: { HOME: undefined } });
    expect([code, out]).toEqual([0, `${join(userInfo().homedir, '.tokencli', 'profiles.json')}\n`]);
  });

  // only root can play a user whom the system does not know; to others the variable alone is missing
  it.each(['executable', 'npm package'] as const)('of nobody is not needed: %s', async (which) => {
    const env = { HOME: undefined, TOKENCLI_HOME: '/nowhere', PATH: process.env['PATH'] };
    const before = asRoot ? STRANGER : [];
    const words = await program(which);
    const start = which === 'executable' ? [copy] : words;
    const { code, out, err } = await stage.run(['config', 'path'], {
      ...{ env, before, program: start, cwd: '/' },
    });
    expect([code, out, err]).toEqual([0, '/nowhere/profiles.json\n', '']);
  });
});

describe('an executable whose keyring module is damaged', () => {
  it('says that the keyring is out of reach, and works with the sealed file', async () => {
    const bytes = readFileSync(copy);
    const head = readFileSync('build/standalone/keyring-module.bin').subarray(0, 4096);
    const at = bytes.indexOf(head);
    expect(at).toBeGreaterThan(0);
    bytes.fill(0, at, at + 64);
    const damaged = join(root, 'damaged');
    writeFileSync(damaged, bytes, { mode: 0o755 });
    const words = { program: [damaged] };
    const { code, out, err } = await run(get('kept', '--no-cache'), { ...words, env: inKeyring() });
    expect([code, out]).toEqual([7, '']);
    const message = 'tokencli: the module for the OS keyring cannot be loaded here';
    expect(err.split('\n')).toEqual([message, expect.stringMatching(/^ {2}try: /), '']);
    const filed = await run(get('filed', '--no-cache'), { ...words, env: inFile() });
    expect(filed).toEqual(latest());
  });
});

/** What cannot be helped, because Bun does it before the first line of ours. */
describe('Bun itself', () => {
  it.each([
    ['takes options from', 'BUN_OPTIONS', '--smol'],
    ['opens a port for a debugger at', 'BUN_INSPECT', '127.0.0.1:0'],
    ['gives to its engine', 'BUN_JSC_useFTLJIT', 'false'],
  ])('%s %s, which doctor tells', async (_what, name, value) => {
    const { out } = await run(['doctor', '-p', 'filed', '--json'], {
      env: { ...inFile(), [name]: value },
    });
    expect(JSON.parse(out).node.detail).toContain(`; ${name} is set`);
  });

  it.each([
    ['a file that is not there', '/nowhere/ca.pem'],
    ['a key in its place', '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg'],
  ])('prints nothing of NODE_EXTRA_CA_CERTS by itself: %s', async (_name, value) => {
    const env = { ...inFile(), NODE_EXTRA_CA_CERTS: value };
    const fresh = [...get('filed', '--force-refresh'), '--json'];
    expect(await run(fresh, { env })).toMatchObject({ code: 0, err: '' });
    const { code, err } = await run([...fresh, '--client-id', appId('nobody')], { env });
    expect([code, JSON.parse(err).aadsts]).toEqual([4, 700016]);
  });

  it('takes over where BUN_BE_BUN is 1; any other value is told by doctor', async () => {
    const taken = await run(['-e', 'console.log(6 * 7)'], { env: { BUN_BE_BUN: '1' } });
    expect(taken).toMatchObject({ code: 0, out: '42\n' });
    const env = { ...inFile(), BUN_BE_BUN: '0' };
    const { out } = await run(['doctor', '-p', 'filed', '--json'], { env });
    expect(JSON.parse(out).node.detail).toContain('; BUN_BE_BUN is set');
  });

  it('ends where there is no /proc, with nothing on stdout', async () => {
    const hidden = isMountAllowed()
      ? [...NAMESPACE, 'sh', '-c', 'mount -t tmpfs none /proc && exec "$0" "$@"']
      : [
          'strace',
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-P',
          '/proc/self/maps',
          '-e',
          'inject=openat:error=ENOENT',
        ];
    const env = { PATH: process.env['PATH'] };
    const { signal, out } = await run(['--version'], { before: hidden, env });
    expect([signal, out]).toEqual(['SIGABRT', '']);
  });

  it('ends in a folder that was deleted, with one line that says so', async () => {
    const gone = ['sh', '-c', 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', 'sh'];
    const { code, out, err } = await run(['--version'], {
      before: gone,
      env: { PATH: process.env['PATH'] },
    });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^error: The current working directory was deleted[^\n]*\n$/);
  });

  it('tells nobody about the requests, whatever it may be asked for', async () => {
    const env = { ...inFile(), BUN_CONFIG_VERBOSE_FETCH: 'curl' };
    expect(await run(get('filed', '--no-cache'), { env })).toEqual(latest());
  });
});
