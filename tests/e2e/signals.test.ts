import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { program } from '../support/built-cli.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import { type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { openProgram, type Terminal } from '../support/terminal.ts';

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const CODES: Readonly<Record<Signal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const SIGNALS = Object.keys(CODES) as Signal[];
/** Runs a command, then notes what it left the terminal like; signals do not end it. */
const WRAPPER = 'trap : INT TERM HUP; echo $$ >"$0.pid"; "$@"; code=$?; stty -a >"$0"; exit $code';
/** A second on an idle machine; this one runs other tests. */
const PATIENCE = 4000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys
const CURSOR = /\u001b\[\?25[hl]/g;
const SHOWN = '\u001b[?25h';
const STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
};
/**
 * Lock files stay, that is what makes them safe; the key of the cache is made before a request. From
 * version 22 on Node keeps what it has compiled.
 */
const EXPECTED =
  /^(profiles\.(json|valid)|(locks|compile-cache)\b.*|cache|cache\/key\.json|secrets\.sealed)$/;
let stage: SignInStage;
let idp: StandIn;
let mute: FakeIdp;
let keyring: KeyringSession;
let holder: ChildProcess | undefined;
let terminal: Terminal | undefined;

beforeAll(async () => {
  stage = setSignInStage();
  const { tls } = stage;
  mute = await startFakeIdp({ tls, handler: () => true });
  idp = await startStandIn({
    tls,
    clients: [{ id: appId('app'), redirectUris: ['http://localhost'] }],
  });
  keyring = await startKeyringSession('hung');
  const base = { clientId: appId('app'), tenantId: idp.tenant, caFile: stage.caFile };
  const secret = { id: '0'.repeat(32), kind: 'clientSecret', store: 'keyring' };
  stage.writeProfiles({
    profiles: [
      { name: 'person', ...base, authority: idp.origin, scope: 'User.Read' },
      {
        ...{ name: 'web', ...base, authority: idp.origin, scope: 'User.Read' },
        ...{ flow: 'AuthorizationCode', redirectUri: 'http://localhost' },
      },
      { name: 'mute', ...base, authority: mute.origin, flow: 'ClientCredentials' },
      { name: 'kept', ...base, authority: idp.origin, credentials: [secret] },
    ],
  });
  mkdirSync(join(stage.home, '.tokencli', 'locks'), { mode: 0o700 });
});

afterEach(async () => {
  await terminal?.close();
  holder?.kill('SIGKILL');
  holder = undefined;
});

afterAll(async () => {
  await keyring.stop();
  await idp.close();
  await mute.close();
  stage.remove();
});

/** What it waits for, how to get there, and what the terminal shows then. */
const PLACES: readonly (readonly [string, readonly string[], string])[] = [
  ['a prompt', ['config', 'create'], 'Profile name'],
  ['a pasted answer', ['get-token', '-p', 'web', '--no-browser'], 'paste the address'],
  ['the browser', ['get-token', '-p', 'person'], 'waiting for the browser'],
  ['a device', ['get-token', '-p', 'person', '-f', 'DeviceCode'], 'waiting for the sign-in'],
  ['the network', ['get-token', '-p', 'mute'], "profile 'mute'"],
  ['a lock', ['get-token', '-p', 'mute'], 'Waiting for another tokencli'],
  ['the keyring', ['get-token', '-p', 'kept'], "profile 'kept'"],
];

describe.each(SIGNALS)('%s', (signal) => {
  it.each(PLACES)('while it waits for %s', async (place, args, shown) => {
    if (place === 'a lock') holder = await holdLock('token-mute');
    const { pid, left, opened } = await start(args, place, shown);
    const children = childrenOf(pid);
    const begin = performance.now();
    if (signal === 'SIGINT') opened.type('\u0003');
    else process.kill(pid, signal);
    const { code, out } = await opened.ended();
    expect(performance.now() - begin).toBeLessThan(PATIENCE);
    expect([code, out]).toEqual([CODES[signal], '']);

    const modes = readFileSync(left, 'utf8').split(/[\s;]+/);
    expect(modes).toEqual(expect.arrayContaining(['echo', 'icanon', 'isig']));
    const cursor = opened.screen().match(CURSOR) ?? [];
    expect(cursor.at(-1) ?? SHOWN).toBe(SHOWN);
    for (const child of children) expect(existsSync(`/proc/${child}/exe`)).toBe(false);
    const port = /Redirect URI: http:\/\/localhost:(\d+)/.exec(opened.screen())?.[1];
    if (place === 'the browser') expect(await isOpen(Number(port))).toBe(false);
    if (place === 'the network') holder = await holdLock('token-mute');
    expect(filesOf(join(stage.home, '.tokencli'))).toEqual([]);
  });
});

async function start(args: readonly string[], place: string, shown: string) {
  const left = join(stage.folder, `left-${place.replaceAll(' ', '-')}`);
  const command = [...(await program()), ...args];
  const store = place === 'the keyring' ? { ...keyring.env, TOKENCLI_STORE: undefined } : {};
  const opened = openProgram(['sh', '-c', WRAPPER, left, ...command], {
    ...{ HOME: stage.home, BROWSER: stage.opener.program, LANG: 'C.UTF-8' },
    ...(place === 'the keyring' ? {} : STORE),
    ...(place === 'the network' || place === 'a lock' ? { TOKENCLI_CLIENT_SECRET: 'x' } : {}),
    ...(store as Record<string, string>),
  });
  terminal = opened;
  await opened.waitFor(shown);
  if (place === 'the network') await seenAtMute();
  if (place === 'the keyring') await new Promise((resolve) => setTimeout(resolve, 500));
  const shell = Number(readFileSync(`${left}.pid`, 'utf8'));
  const [pid = 0] = childrenOf(shell);
  expect(pid).toBeGreaterThan(1);
  return { pid, left, opened };
}

async function seenAtMute(): Promise<void> {
  while (mute.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  mute.seen.length = 0;
}

async function holdLock(name: string): Promise<ChildProcess> {
  const path = join(stage.home, '.tokencli', 'locks', `${name}.lock`);
  const child = spawn(process.execPath, ['tests/support/lock-holder.mjs', path]);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('close', () => reject(new Error('the lock was not free')));
    setTimeout(() => reject(new Error('the lock is not free')), PATIENCE).unref();
  });
  return child;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** What should not be there: a token, or half a file. */
function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => !EXPECTED.test(name));
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
