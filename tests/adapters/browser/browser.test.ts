import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createBrowser } from '../../../src/adapters/browser/browser.ts';
import { type Machine, THIS_MACHINE } from '../../../src/adapters/browser/environment.ts';
import { findOpeners, safeLink } from '../../../src/adapters/browser/opener.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { Env, Log } from '../../../src/core/ports.ts';
import { redact } from '../../../src/output/redact.ts';
import { bundleForNode } from '../../support/bun.ts';
import { createOpeners, type OpenerFolder } from '../../support/fake-opener.ts';
import { filesOf } from '../../support/listeners.ts';
import { createRandom, type Random } from '../../support/random.ts';

const LINK =
  'https://login.example/t/authorize?scope=openid+https%3A%2F%2Fgraph%2F.default&state=a-b_c.d~e';
const SECRET = 'Xy8~the secret of this run';

let openers: OpenerFolder;
beforeEach(() => {
  openers = createOpeners();
});
afterEach(() => openers.remove());

const never = new AbortController().signal;

function browser(env: Env = {}, interrupted = never) {
  return browserOn(
    THIS_MACHINE,
    { PATH: openers.path, DISPLAY: ':7', ...env },
    'linux',
    interrupted,
  );
}

function browserOn(machine: Machine, env: Env, platform: NodeJS.Platform, interrupted = never) {
  const log = { debug: () => {}, redact: (text: string) => redact(text, [SECRET]) };
  return createBrowser({ env, platform, log: log as unknown as Log, interrupted }, machine);
}

describe('open', () => {
  it('hands over one argument, and nothing of ours', async () => {
    openers.add('xdg-open');
    const env = {
      LANG: 'C.UTF-8',
      XDG_ACTIVATION_TOKEN: 'kept',
      TOKENCLI_STORE_KEY: 'mine',
      TOKENCLI_CLIENT_SECRET: 'mine',
      AZURE_CLIENT_ID: 'mine',
      AZURE_CLIENT_CERTIFICATE_PASSWORD: 'mine',
      MY_APP_SECRET_VALUE: 'mine',
      db_password: 'mine',
      INNOCENT: SECRET,
      FROM_A_FILE: `${SECRET}\r\n`,
      OF_THE_PROFILE: 'mine, in another spelling\n\n',
    };
    expect(await browser(env).open(LINK, undefined, ['OF_THE_PROFILE'])).toBe(true);
    const { args, env: given, files, folder, pid, session } = await called('xdg-open');
    expect(args).toEqual([LINK]);
    expect(Object.keys(given).sort()).toEqual(['DISPLAY', 'LANG', 'PATH', 'XDG_ACTIVATION_TOKEN']);
    expect(files.slice(0, 3)).toEqual(['/dev/null', '/dev/null', '/dev/null']);
    expect(folder).toBe('/');
    expect(session).toBe(pid);
  });

  it('tries the next when one is missing or fails, and tells when none works', async () => {
    openers.add('xdg-open', 'exit 3');
    openers.add('sensible-browser', 'kill -9 $$');
    expect(await browser().open(LINK)).toBe(false);
    expect(openers.opened('sensible-browser')?.args).toEqual([LINK]);
    openers.add('chromium');
    expect(await browser().open(LINK)).toBe(true);
    expect(openers.opened('chromium')?.args).toEqual([LINK]);
  });

  it('has nothing to open with on an empty path, or without a display', async () => {
    expect(await browser().open(LINK)).toBe(false);
    openers.add('xdg-open');
    expect(await browser({ DISPLAY: '' }).open(LINK)).toBe(false);
    expect(await browser({ PATH: undefined }).open(LINK)).toBe(false);
    expect(openers.opened('xdg-open')).toBeUndefined();
    expect(await browser({ DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' }).open(LINK)).toBe(true);
  });

  it('never takes a program from the current folder', async () => {
    openers.add('xdg-open');
    const here = relative(process.cwd(), openers.path);
    for (const path of [here, `.:${here}:`, '']) {
      expect(await browser({ PATH: path }).open(LINK)).toBe(false);
    }
    for (const name of [`${here}/xdg-open`, `./${here}/xdg-open`]) {
      expect(await browser().open(LINK, [name])).toBe(false);
      expect(await browser({ BROWSER: name }).open(LINK)).toBe(false);
    }
    expect(openers.opened('xdg-open')).toBeUndefined();
  });

  it('does not take a folder or a text file for a program', async () => {
    writeFileSync(join(openers.path, 'xdg-open'), 'text', { mode: 0o644 });
    expect(await browser().open(LINK)).toBe(false);
    expect(await browser().open(LINK, [openers.path])).toBe(false);
    expect(await browser().open(LINK, [])).toBe(false);
    const own = openers.add('own');
    expect(await browser().open(LINK, [own, 'a\0b'])).toBe(false);
  });

  it('obeys BROWSER, and nothing else then', async () => {
    openers.add('xdg-open');
    openers.add('broken', 'exit 1');
    openers.add('my browser');
    const list = (text: string) => browser({ BROWSER: text, DISPLAY: '' }).open(LINK);
    expect(await list('missing:broken')).toBe(false);
    expect(await list(`missing::broken:"${openers.path}/my browser" --to='%s' "a b" %s`)).toBe(
      true,
    );
    expect(openers.opened('my browser')?.args).toEqual([`--to=${LINK}`, 'a b', LINK]);
    expect(await list("'my browser' --new")).toBe(true);
    expect(openers.opened('my browser')?.args).toEqual(['--new', LINK]);
    expect(openers.opened('xdg-open')).toBeUndefined();
  });

  it('prefers the command of the profile', async () => {
    openers.add('other');
    const own = openers.add('own');
    const here = browser({ BROWSER: 'other' });
    expect(await here.open(LINK, ['own', '--profile', '$HOME; echo %s'])).toBe(true);
    expect(openers.opened('own')?.args).toEqual(['--profile', '$HOME; echo %s', LINK]);
    expect(await here.open(LINK, [own])).toBe(true);
    expect(await here.open(LINK, ['missing'])).toBe(false);
    expect(openers.opened('other')).toBeUndefined();
  });

  it('does not wait for a browser that stays, nor after an interrupt', async () => {
    openers.add('xdg-open', 'exec sleep 20');
    expect(await browser().open(LINK)).toBe(true);
    const { pid } = await called('xdg-open');
    process.kill(pid);

    const interrupt = new AbortController();
    openers.add('another', 'exec sleep 20');
    const opening = browser({ BROWSER: 'another' }, interrupt.signal).open(LINK);
    interrupt.abort(new CliError('interrupted', 'interrupted'));
    await expect(opening).rejects.toMatchObject({ code: 'interrupted' });
    process.kill((await called('another')).pid);
  });

  it('lets the process end while the browser runs, with none of its sockets', async () => {
    openers.add('xdg-open', 'exec sleep 20');
    const [source, program] = [join(openers.path, 'open.ts'), join(openers.path, 'open.mjs')];
    writeFileSync(source, OPENS_AND_ENDS);
    bundleForNode([source, `--outfile=${program}`]);
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, LINK], {
      env: { PATH: openers.path, DISPLAY: ':7' },
      timeout: 15_000,
    });
    expect([status, String(stdout), String(stderr)]).toEqual([0, '', '']);
    expect(performance.now() - started).toBeLessThan(10_000);
    const { pid, files } = await called('xdg-open');
    process.kill(pid);
    const sockets = files.filter((file) => file.startsWith('socket:'));
    // who runs the tests may hand down sockets of his own
    expect(sockets.filter((file) => !filesOf('self').includes(file))).toEqual([]);
  });
});

const OPENS_AND_ENDS = `
import { createBrowser } from '${process.cwd()}/src/adapters/browser/browser.ts';
import { createLoopback } from '${process.cwd()}/src/adapters/loopback/loopback.ts';
const world = {
  ...{ env: process.env, platform: 'linux', interrupted: new AbortController().signal },
  ...{ atEnd() {}, log: { debug() {}, redact: (text: string) => text } },
} as never;
async function main() {
  const wish = { redirectUri: 'http://localhost', state: 's', responseMode: 'query' } as const;
  const listener = await createLoopback(world).listen(wish);
  const opened = await createBrowser(world).open(process.argv[2] ?? '');
  await listener.close();
  process.exitCode = opened ? 0 : 1;
}
void main();
`;

/** A program that goes on after the link was handed over notes its call a little later. */
async function called(name: string) {
  for (;;) {
    const opened = openers.opened(name);
    if (opened) return opened;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the link', () => {
  it('stays as it is when there is nothing to fear', () => {
    expect(safeLink(LINK)).toBe(LINK);
    expect(safeLink('https://[::1]:8443/a?b=%27%20c#d')).toBe('https://[::1]:8443/a?b=%27%20c#d');
  });

  it.each([
    'http://login.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'ms-settings:',
    '\\\\server\\share',
    '//login.example/',
    '--help',
    '-a Calculator',
    'https:',
    'https://user:pass@login.example/',
    'https://login.example@evil.example/',
    '',
  ])('is refused: %j', async (url) => {
    openers.add('xdg-open');
    await expect(browser().open(url)).rejects.toMatchObject({ code: 'invalid_data' });
    expect(openers.opened('xdg-open')).toBeUndefined();
  });

  it('is refused or inert, whatever an issuer calls its endpoint', () => {
    const seed = randomBytes(4).readUInt32LE();
    const random = createRandom(seed);
    const machine = { exists: () => true, read: () => 'microsoft', isProgram: () => true };
    let inert = 0;
    for (let count = 0; count < 2000; count += 1) {
      const url = hostileUrl(random);
      const link = orRefused(() => safeLink(url));
      if (link === undefined) continue;
      inert += 1;
      expect({ seed, url, link }).toMatchObject({ link: expect.stringMatching(INERT) });
      expect(new URL(link).host).toBe(new URL(url).host);
      for (const platform of ['win32', 'linux', 'darwin'] as const) {
        const world = { env: { PATH: '/bin', DISPLAY: ':0' }, platform };
        for (const [program, ...args] of findOpeners(world, machine, link)) {
          expect(program).toMatch(/^(\/|[A-Z]:\\)/);
          expect(args.map(decodeScript).filter((word) => word.includes('https:'))).toHaveLength(1);
        }
      }
    }
    expect({ seed, enough: inert > 500 && inert < 1900 }).toEqual({ seed, enough: true });
  });

  it('arrives in one piece at a real program', async () => {
    openers.add('xdg-open');
    const random = createRandom(20_241_124);
    for (let count = 0; count < 60; count += 1) {
      const url = hostileUrl(random);
      const link = orRefused(() => safeLink(url));
      if (link === undefined) continue;
      expect(await browser().open(url)).toBe(true);
      expect(openers.opened('xdg-open')?.args).toEqual([link]);
    }
  });
});

const INERT = /^https:\/\/[A-Za-z0-9_\-.~:/?#[\]@!&*+,;=%]+$/;
const DANGERS = [
  ...['$(touch x)', '`touch x`', '"', "'", '&', '&&calc', '|', ';', '<', '>', '^', '%PATH%', '%s'],
  ...['\\', '\n', '\r\n', '\0', '\t', ' ', ' --help', '’; calc; ‘', '{}', '()', '!', '*', '~'],
  ...['\u202e', '\ud800', 'ü', '%00', '%0a', '#', '?', '@', '..', '//', "');calc;('", '$IFS'],
];
const SCHEMES = [
  ...['https://', 'https://', 'https://', 'HTTPS://', ' https://', 'https:', 'https:\\\\'],
  ...['http://', 'file://', 'javascript:', '-', '--', '\\\\', 'ftp://', 'ms-msdt:', 'https;//'],
];

function hostileUrl(random: Random): string {
  const pick = (list: readonly string[]) => list[random(list.length)] ?? '';
  const danger = () => (random(10) < 6 ? pick(DANGERS) : '');
  const host = random(10) < 2 ? `login${danger()}.example` : 'login.example';
  return `${pick(SCHEMES)}${host}/${danger()}a${danger()}?b=${danger()}${danger()}&c=${danger()}`;
}

function orRefused(make: () => string): string | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_data' });
    return undefined;
  }
}

/** What PowerShell gets in base64: one command with one quoted word. */
function decodeScript(word: string): string {
  if (!/^[A-Za-z0-9+/]{60,}=*$/.test(word)) return word;
  const text = Buffer.from(word, 'base64').toString('utf16le');
  expect(text).toMatch(/^Start-Process '[^'‘’‚‛]+'$/);
  return text;
}

describe('what opens, by platform', () => {
  const machine = (installed: RegExp, kernel = ''): Machine => ({
    exists: (path) => kernel === 'microsoft' && path.endsWith('/WSLInterop'),
    read: () => kernel,
    isProgram: (path) => installed.test(path),
  });
  const programs = (
    platform: NodeJS.Platform,
    env: Env,
    installed = /./,
    kernel = '',
  ): (readonly string[])[] =>
    findOpeners({ env, platform }, machine(installed, kernel), LINK).map(([program, ...args]) => [
      program,
      ...args.slice(0, args.includes(LINK) ? -1 : 3),
    ]);

  it('macOS', () => {
    expect(programs('darwin', {})).toEqual([['/usr/bin/open']]);
  });

  it('Windows, without cmd', () => {
    const powershell = [
      'D:\\Win\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
      '-NoProfile',
      '-NonInteractive',
      '-EncodedCommand',
    ];
    expect(programs('win32', { SystemRoot: 'D:\\Win' })).toEqual([
      ['D:\\Win\\System32\\rundll32.exe', 'url.dll,FileProtocolHandler'],
      powershell,
    ]);
    const env = { BROWSER: 'C:\\Apps\\firefox.exe;edge --new', Path: '.;C:\\Edge;;bin' };
    expect(programs('win32', env, /\.exe$/)).toEqual([
      ['C:\\Apps\\firefox.exe'],
      ['C:\\Edge\\edge.exe', '--new'],
    ]);
  });

  it('WSL: the Windows side, also without a display', () => {
    const env = { PATH: '/usr/bin:/c/Windows/System32' };
    expect(programs('linux', env, /wslview|\/mnt\/c\/.*rundll32/, 'microsoft')).toEqual([
      ['/usr/bin/wslview'],
      ['/mnt/c/Windows/System32/rundll32.exe', 'url.dll,FileProtocolHandler'],
    ]);
    expect(programs('linux', env, /^\/c\/.*rundll32/, 'microsoft')).toEqual([
      ['/c/Windows/System32/rundll32.exe', 'url.dll,FileProtocolHandler'],
    ]);
  });
});

describe('what stands in the way of a browser', () => {
  const SSH = { SSH_CONNECTION: '::1 1 ::1 22' };
  const wsl = { '/proc/sys/kernel/osrelease': '5.15.0-microsoft-standard-WSL2' };
  const interop = { '/proc/sys/fs/binfmt_misc/WSLInterop-late': '' };
  const pod = { '/proc/1/cgroup': '0::/kubepods.slice/x' };
  const docker = { '/.dockerenv': '' };
  it.each<[string, Env, Record<string, string>, NodeJS.Platform, string | undefined]>([
    ['a desktop', { DISPLAY: ':0' }, {}, 'linux', undefined],
    ['Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, {}, 'linux', undefined],
    ['a server', {}, {}, 'linux', 'a machine without a display'],
    ['SSH', SSH, {}, 'linux', 'an SSH session'],
    ['SSH with a terminal', { SSH_TTY: '/dev/pts/1' }, {}, 'linux', 'an SSH session'],
    ['ssh -X', { ...SSH, DISPLAY: 'localhost:10.0' }, {}, 'linux', undefined],
    ['SSH to a Mac', { ...SSH, DISPLAY: ':0' }, {}, 'darwin', 'an SSH session'],
    ['SSH to Windows', SSH, {}, 'win32', 'an SSH session'],
    ['a Mac', {}, {}, 'darwin', undefined],
    ['Windows', {}, {}, 'win32', undefined],
    ['docker', {}, docker, 'linux', 'a container'],
    ['podman', {}, { '/run/.containerenv': '' }, 'linux', 'a container'],
    ['Kubernetes', {}, pod, 'linux', 'a container'],
    ['a toolbox', { DISPLAY: ':0' }, { '/run/.containerenv': '' }, 'linux', undefined],
    ['WSL', {}, { ...wsl, ...interop }, 'linux', undefined],
    ['WSL alone', {}, wsl, 'linux', 'WSL without Windows interoperability'],
    ['docker on WSL', {}, { ...wsl, ...interop, ...docker }, 'linux', 'a container'],
    ['an editor on a server', { ...SSH, BROWSER: '/x/browser.sh' }, docker, 'linux', undefined],
  ])('%s', (_name, env, files, platform, reason) => {
    const machine = {
      exists: (path: string) => path in files,
      read: (path: string) => files[path] ?? '',
      isProgram: () => false,
    };
    expect(browserOn(machine, env, platform).reasonNotToOpen()).toBe(reason);
  });

  it.each<[string, Env, Record<string, string>, boolean]>([
    ['a desktop', { DISPLAY: ':0', BROWSER: 'firefox' }, {}, false],
    ['ssh -X', { ...SSH, DISPLAY: 'localhost:10.0', BROWSER: 'firefox' }, {}, false],
    ['WSL', { BROWSER: 'wslview' }, { ...wsl, ...interop }, false],
    ['a codespace', { BROWSER: '/vscode/browser.sh', CODESPACES: 'true' }, docker, true],
    ['an editor over SSH', { ...SSH, BROWSER: '/x/browser.sh' }, {}, true],
    ['SSH', SSH, {}, true],
  ])('%s: the browser may run on another machine: %#', (_name, env, files, elsewhere) => {
    const machine = {
      exists: (path: string) => path in files,
      read: (path: string) => files[path] ?? '',
      isProgram: () => false,
    };
    const here = browserOn(machine, env, 'linux');
    expect(here.isElsewhere()).toBe(elsewhere);
    expect(here.isElsewhere(['firefox'])).toBe(false);
  });

  it('nothing does when the profile has its own command', () => {
    const here = browser({ DISPLAY: '', ...SSH });
    expect(here.reasonNotToOpen()).toBe('an SSH session');
    expect(here.reasonNotToOpen(['firefox'])).toBeUndefined();
  });
});
