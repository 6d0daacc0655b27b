import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * unlocked: works · locked: holds a collection, nobody there to unlock it · absent: a bus without a
 * Secret Service · no-bus: not even a bus · hung: the service has the name and never answers ·
 * passwordless: works, and keeps its entries in a text file · locked-beside: the same, beside another
 * collection that is locked and holds an entry of ours · no-collection: works, and holds nothing where
 * an entry could go · confined: works, but the bus lets nobody ask it, as AppArmor does · prompting:
 * locked, and a desktop asks to unlock it, where nobody answers · prompt-started: the same,
 * but who asks is started by the bus
 */
export type KeyringState =
  | 'unlocked'
  | 'locked'
  | 'absent'
  | 'no-bus'
  | 'hung'
  | 'passwordless'
  | 'locked-beside'
  | 'no-collection'
  | 'confined'
  | 'prompting'
  | 'prompt-started';

export interface KeyringSession {
  /** To be laid over the environment of the process under test; `undefined` unsets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of gnome-keyring-daemon, if one runs. */
  readonly daemonPid: number | undefined;
  /** Ends the daemon and starts another one on the same stored collection. */
  restart(state: KeyringState): Promise<KeyringSession>;
  stop(): Promise<void>;
}

const LOCKED: readonly KeyringState[] = ['locked', 'prompting', 'prompt-started'];
const WITHOUT_PASSWORD: readonly KeyringState[] = ['passwordless', 'locked-beside'];
const NOT_UNLOCKED: readonly KeyringState[] = [...LOCKED, ...WITHOUT_PASSWORD, 'no-collection'];
const PASSWORD = 'test';
/** A new collection as a desktop with automatic login makes it. */
const PLAIN_COLLECTION = `[keyring]
display-name=Default keyring
ctime=0
mtime=0
lock-on-idle=false
lock-after=false
`;
const SECRETS = 'org.freedesktop.secrets';
const PROMPTER = 'org.gnome.keyring.SystemPrompter';
// it ends by itself, long after every limit of ours
const PROMPTER_SERVICE = `[D-BUS Service]\nName=${PROMPTER}\nExec=/bin/sleep 20\n`;
const SERVICES = 'services';
// a service folder of its own: nothing is started by the bus behind the test's back
const BUS_CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<servicedir>SERVICES</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/>DENIED</policy></busconfig>`;
const DENIED = '<deny send_interface="org.freedesktop.Secret.Service"/>';

/** A D-Bus session and a gnome-keyring of its own, in a fresh folder. */
export async function startKeyringSession(state: KeyringState): Promise<KeyringSession> {
  const home = mkdtempSync(join(tmpdir(), 'tokencli-keyring-'));
  mkdirSync(join(home, 'run'), { mode: 0o700 });
  if (LOCKED.includes(state) || state === 'locked-beside') {
    // a daemon without any collection is not locked, it is empty
    const first = await startIn(home, 'unlocked');
    store(first.env);
    await first.end();
  }
  return toSession(home, await startIn(home, state));
}

interface Running {
  readonly env: Record<string, string | undefined>;
  readonly daemonPid: number | undefined;
  end(): Promise<void>;
}

function toSession(home: string, running: Running): KeyringSession {
  return {
    env: running.env,
    daemonPid: running.daemonPid,
    restart: async (state) => {
      await running.end();
      return toSession(home, await startIn(home, state));
    },
    stop: async () => {
      await running.end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function startIn(home: string, state: KeyringState): Promise<Running> {
  const env: Record<string, string | undefined> = {
    XDG_RUNTIME_DIR: join(home, 'run'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    DISPLAY: undefined,
    WAYLAND_DISPLAY: undefined,
    GNOME_KEYRING_CONTROL: undefined,
    DBUS_SESSION_BUS_ADDRESS: undefined,
  };
  if (state === 'no-bus') return { env, daemonPid: undefined, end: async () => {} };
  if (WITHOUT_PASSWORD.includes(state)) makePlainCollection(join(home, 'data', 'keyrings'));
  const services = join(home, SERVICES);
  rmSync(services, { recursive: true, force: true });
  mkdirSync(services);
  if (state === 'prompt-started') {
    writeFileSync(join(services, `${PROMPTER}.service`), PROMPTER_SERVICE);
  }
  const bus = await startBus(home, env, state === 'confined' ? DENIED : '');
  env['DBUS_SESSION_BUS_ADDRESS'] = bus.address;
  const daemon =
    state === 'absent' ? undefined : await startDaemon(env, !NOT_UNLOCKED.includes(state));
  if (state === 'hung') daemon?.kill('SIGSTOP');
  const prompter = state === 'prompting' ? await startPrompter(env) : undefined;
  return {
    env,
    daemonPid: daemon?.pid,
    end: async () => {
      for (const child of [daemon, prompter]) if (child) await endChild(child, 'SIGKILL');
      await endChild(bus.child, 'SIGTERM');
    },
  };
}

function makePlainCollection(folder: string): void {
  if (existsSync(join(folder, 'default'))) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'Default_keyring.keyring'), PLAIN_COLLECTION);
  writeFileSync(join(folder, 'default'), 'Default_keyring');
}

async function startBus(home: string, env: Record<string, string | undefined>, denied: string) {
  const config = join(home, 'bus.conf');
  const text = BUS_CONFIG.replace('SERVICES', join(home, SERVICES)).replace('DENIED', denied);
  writeFileSync(config, text);
  const child = spawn(
    'dbus-daemon',
    [`--config-file=${config}`, '--nofork', '--nosyslog', '--print-address=1'],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const address = await firstLine(child);
  // what the bus starts has this pipe as well, and may outlive the bus
  child.stdout?.destroy();
  return { child, address };
}

async function startDaemon(env: Record<string, string | undefined>, unlock: boolean) {
  const child = spawn(
    'gnome-keyring-daemon',
    ['--foreground', '--components=secrets', ...(unlock ? ['--unlock'] : [])],
    { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  child.stdin?.end(unlock ? PASSWORD : '');
  await waitForOwner(SECRETS, env);
  return child;
}

/** Takes every question, and answers none. */
async function startPrompter(env: Record<string, string | undefined>) {
  const child = spawn('dbus-test-tool', ['black-hole', '--session', `--name=${PROMPTER}`], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  await waitForOwner(PROMPTER, env);
  return child;
}

async function waitForOwner(name: string, env: Record<string, string | undefined>) {
  for (let tries = 0; !isOwned(name, env); tries += 1) {
    if (tries > 100) throw new Error(`nobody has taken the name ${name}`);
    await wait(30);
  }
}

function isOwned(name: string, env: Record<string, string | undefined>): boolean {
  const { stdout } = spawnSync(
    'dbus-send',
    [
      '--session',
      '--print-reply',
      '--dest=org.freedesktop.DBus',
      '/org/freedesktop/DBus',
      'org.freedesktop.DBus.NameHasOwner',
      `string:${name}`,
    ],
    { env: { ...process.env, ...env }, encoding: 'utf8' },
  );
  return stdout?.includes('boolean true') ?? false;
}

/** One entry as tokencli would have written it, so that there is something to be locked. */
function store(env: Record<string, string | undefined>): void {
  const { status } = spawnSync(
    'secret-tool',
    ['store', '--label=tokencli', 'service', 'tokencli', 'username', LOCKED_ACCOUNT],
    { env: { ...process.env, ...env }, input: 'behind the lock' },
  );
  if (status !== 0) throw new Error('secret-tool could not store');
}

/** The account that a `locked` session holds. */
export const LOCKED_ACCOUNT = `clientSecret:${'0'.repeat(32)}`;

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', () => reject(new Error('dbus-daemon did not start')));
    child.stdout?.on('data', (part) => {
      text += part;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}

function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
