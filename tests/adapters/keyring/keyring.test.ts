import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createKeyring } from '../../../src/adapters/keyring/keyring.ts';
import { CliError } from '../../../src/core/errors.ts';
import { bundle, scriptAgent } from '../../support/keyring-agent.ts';
import {
  type KeyringSession,
  type KeyringState,
  LOCKED_ACCOUNT,
  startKeyringSession,
} from '../../support/keyring-session.ts';
import {
  createStoreApp,
  createTemporaryFolder,
  endStoreApps,
  type StoreAppOptions,
} from '../../support/store-app.ts';

const ACCOUNT = `clientSecret:${'a'.repeat(32)}`;
const VALUE = 'grüße\0 "quoted"\n😀';
const UNAVAILABLE = 'no Secret Service answers on the session bus';

const folder = createTemporaryFolder();
let agent: string[];
let session: KeyringSession | undefined;

beforeAll(() => {
  agent = bundle('src/keyring-agent.ts', folder.path);
});
afterEach(async () => {
  await endStoreApps();
  await session?.stop();
  session = undefined;
});
afterAll(() => folder.remove());

async function start(state: KeyringState): Promise<KeyringSession> {
  session = await startKeyringSession(state);
  return session;
}

/** A keyring as a new process would have it. */
function open(env: KeyringSession['env'], options: Partial<StoreAppOptions> = {}) {
  const told = createStoreApp({ home: folder.path, env: { ...process.env, ...env }, ...options });
  return { ...told, keyring: createKeyring(told.app, agent) };
}

describe('an unlocked keyring', () => {
  it('keeps, gives back after a restart of the service, and forgets', async () => {
    const { env } = await start('unlocked');
    await open(env).keyring.set(ACCOUNT, VALUE);
    session = await session?.restart('unlocked');
    const { keyring } = open(session?.env ?? {});
    expect(await keyring.get(ACCOUNT)).toBe(VALUE);
    expect(await keyring.list()).toEqual([ACCOUNT]);
    await keyring.set(ACCOUNT, 'changed');
    expect(await open(session?.env ?? {}).keyring.get(ACCOUNT)).toBe('changed');
    await keyring.delete(ACCOUNT);
    await keyring.delete(ACCOUNT);
    session = await session?.restart('unlocked');
    expect(await open(session?.env ?? {}).keyring.get(ACCOUNT)).toBeUndefined();
  });

  it('writes what other programs of the desktop can find', async () => {
    const { env } = await start('unlocked');
    await open(env).keyring.set(ACCOUNT, 'value');
    const found = execFileSync(
      'secret-tool',
      ['lookup', 'service', 'tokencli', 'username', ACCOUNT],
      { env: { ...process.env, ...env } },
    );
    expect(found.toString()).toBe('value');
  });

  it('answers calls of one process that are made at once', async () => {
    const { env } = await start('unlocked');
    const { keyring } = open(env);
    const accounts = Array.from({ length: 20 }, (_, index) => `cacheKey:${index}`);
    await Promise.all(accounts.map((account) => keyring.set(account, `of ${account}`)));
    const values = await Promise.all(accounts.map((account) => keyring.get(account)));
    expect(values).toEqual(accounts.map((account) => `of ${account}`));
  });

  it('outlasts more calls than one agent may make', async () => {
    const { env } = await start('unlocked');
    const { keyring } = open(env);
    await keyring.set(ACCOUNT, 'value');
    for (let count = 0; count < 700; count += 1) expect(await keyring.get(ACCOUNT)).toBe('value');
  });

  it('says so when an entry is there twice, and does not choose one', async () => {
    const { env } = await start('unlocked');
    const { keyring } = open(env);
    await keyring.set(ACCOUNT, 'ours');
    const words = ['service', 'tokencli', 'username', ACCOUNT, 'extra', 'attribute'];
    execFileSync('secret-tool', ['store', '--label=other', ...words], {
      env: { ...process.env, ...env },
      input: 'theirs',
    });
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: 'the entry in the OS keyring cannot be used: it is not text, or it is there twice',
    });
  });

  it('lists what is there while entries that another program made come and go', async () => {
    const { env } = await start('unlocked');
    const { keyring } = open(env);
    const accounts = Array.from({ length: 10 }, (_, index) => `cacheKey:${index}`);
    for (const account of accounts) await keyring.set(account, 'value');
    const store = 'printf x | secret-tool store --label=x service tokencli username passing';
    const clear = 'secret-tool clear service tokencli username passing';
    const other = spawn('sh', ['-c', `while ${store}; do ${clear}; done`], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
      detached: true,
    });
    try {
      for (let count = 0; count < 150; count += 1) {
        expect(await keyring.list()).toEqual(expect.arrayContaining(accounts));
      }
      expect(other.exitCode).toBeNull();
    } finally {
      process.kill(-(other.pid ?? 0), 'SIGKILL');
    }
  });

  it('gives 50 processes that read at once 50 right answers', async () => {
    const { env } = await start('unlocked');
    await open(env).keyring.set(ACCOUNT, VALUE);
    const [program = '', script = ''] = bundle('tests/support/keyring-reader.ts', folder.path);
    const read = () =>
      new Promise<string>((resolve) => {
        let text = '';
        const child = spawn(program, [script, folder.path, ACCOUNT, ...agent], {
          env: { ...process.env, ...env },
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        child.stdout.on('data', (part) => {
          text += part;
        });
        child.on('close', () => resolve(text));
      });
    const answers = await Promise.all(Array.from({ length: 50 }, read));
    expect(answers).toEqual(Array(50).fill(JSON.stringify({ value: VALUE })));
  });
});

describe.each<[KeyringState, string, number]>([
  ['locked', 'the OS keyring is locked', 0],
  ['absent', UNAVAILABLE, 0],
  ['no-bus', UNAVAILABLE, 0],
  ['hung', 'the OS keyring did not answer within 3s', 2500],
])('a keyring that is %s', (state, message, atLeast) => {
  const calls = {
    save: (env: KeyringSession['env']) => open(env).keyring.set(LOCKED_ACCOUNT, 'other'),
    read: (env: KeyringSession['env']) => open(env).keyring.get(LOCKED_ACCOUNT),
    delete: (env: KeyringSession['env']) => open(env).keyring.delete(LOCKED_ACCOUNT),
  };

  it.each(['save', 'read', 'delete'] as const)('refuses to %s', async (call) => {
    const { env } = await start(state);
    const started = performance.now();
    await expect(calls[call](env)).rejects.toMatchObject({ code: 'store_unavailable', message });
    const took = performance.now() - started;
    expect(took).toBeGreaterThanOrEqual(atLeast);
    expect(took).toBeLessThan(10_000);
  });
});

it('does not wait for a prompt that nobody answers', async () => {
  const { env } = await start('prompting');
  const started = performance.now();
  await expect(open(env).keyring.get(LOCKED_ACCOUNT)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: 'the OS keyring did not answer within 3s',
  });
  expect(performance.now() - started).toBeGreaterThanOrEqual(2500);
  // what would open the prompt is not even tried where nothing was answered before
  for (const call of [() => open(env).keyring.list(), () => open(env).keyring.delete('other')]) {
    await expect(call()).rejects.toMatchObject({ message: 'the OS keyring is locked' });
  }
});

describe('a keyring that comes back', () => {
  it('holds what it held, after it was locked', async () => {
    const { env } = await start('locked');
    const { keyring } = open(env);
    await expect(keyring.set(LOCKED_ACCOUNT, 'other')).rejects.toThrow(CliError);
    await expect(keyring.set(ACCOUNT, 'new')).rejects.toThrow(CliError);
    await expect(keyring.delete(LOCKED_ACCOUNT)).rejects.toThrow(CliError);
    // an entry that a locked store does not show is not proven absent
    await expect(keyring.get(ACCOUNT)).rejects.toThrow(CliError);
    session = await session?.restart('unlocked');
    const after = open(session?.env ?? {}).keyring;
    expect(await after.list()).toEqual([LOCKED_ACCOUNT]);
    expect(await after.get(LOCKED_ACCOUNT)).toBe('behind the lock');
  });

  it('holds what it held, after it hung', async () => {
    const { env, daemonPid } = await start('unlocked');
    await open(env).keyring.set(ACCOUNT, 'old');
    process.kill(Number(daemonPid), 'SIGSTOP');
    await expect(open(env).keyring.set(ACCOUNT, 'new')).rejects.toThrow(CliError);
    await expect(open(env).keyring.delete(ACCOUNT)).rejects.toThrow(CliError);
    process.kill(Number(daemonPid), 'SIGCONT');
    const { keyring } = open(env);
    expect(await keyring.list()).toEqual([ACCOUNT]);
    expect(await keyring.get(ACCOUNT)).toBe('old');
  });

  it('is not asked again by a process that it left waiting', async () => {
    const { env } = await start('hung');
    const { keyring } = open(env);
    const first = await keyring.get(ACCOUNT).catch((error: unknown) => error);
    const started = performance.now();
    expect(await keyring.get(ACCOUNT).catch((error: unknown) => error)).toBe(first);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('waiting', () => {
  it('ends at once when the person interrupts', async () => {
    const { env } = await start('hung');
    const controller = new AbortController();
    const { keyring } = open(env, { interrupted: controller.signal, interactive: true });
    const reason = new CliError('interrupted', 'interrupted');
    const call = keyring.get(ACCOUNT);
    setTimeout(() => controller.abort(reason), 300);
    const started = performance.now();
    await expect(call).rejects.toBe(reason);
    expect(performance.now() - started).toBeLessThan(1300);
    await expect(keyring.get(ACCOUNT)).rejects.toBe(reason);
  });

  it('is explained to a person after two seconds', async () => {
    const { app, lines } = createStoreApp({ home: folder.path, interactive: true });
    const slow = scriptAgent(folder.path, []);
    const controller = new AbortController();
    const call = createKeyring({ ...app, interrupted: controller.signal }, slow.command);
    setTimeout(() => controller.abort(new CliError('interrupted', 'interrupted')), 3500);
    await expect(call.get(ACCOUNT)).rejects.toMatchObject({ code: 'interrupted' });
    expect(lines).toEqual(['say: waiting for the keyring; an unlock prompt may be open']);
  });
});

describe('the conversation with the agent', () => {
  function script(
    answers: Parameters<typeof scriptAgent>[1],
    env = {},
    early?: Parameters<typeof createKeyring>[2],
  ) {
    const { command, log } = scriptAgent(folder.path, answers);
    const { app } = createStoreApp({ home: folder.path, env: { ...process.env, ...env } });
    const requests = () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).op);
    return { keyring: createKeyring(app, command, early), requests };
  }
  const passing = { error: { state: 'passing', text: 'Did not receive a reply' } } as const;

  it('asks one question when the entry is there', async () => {
    const { keyring, requests } = script([{ value: 'v' }]);
    expect(await keyring.get(ACCOUNT)).toBe('v');
    expect(requests()).toEqual(['read']);
  });

  it('does not ask again what was answered before there was an agent', async () => {
    const early = { account: ACCOUNT, value: 'early', seconds: 0.01 };
    const { keyring, requests } = script([{ value: 'other' }], {}, early);
    expect(await keyring.get(ACCOUNT)).toBe('early');
    expect(await keyring.get('another')).toBe('other');
    expect(requests()).toEqual(['read']);
  });

  it('reads ahead in one question what will be asked for, and asks for no more', async () => {
    const { keyring, requests } = script([{ value: ['one', null] }, { value: 'two' }]);
    keyring.anticipate(['first', 'second']);
    expect(await Promise.all([keyring.get('first'), keyring.get('first')])).toEqual(['one', 'one']);
    expect(await keyring.get('second')).toBe('two');
    keyring.anticipate(['first']);
    expect(requests()).toEqual(['read-each', 'read']);
  });

  it('says of what it read ahead in vain only what is asked for', async () => {
    const unusable = { error: { state: 'unusable', text: 'matched by 2 credentials' } } as const;
    const { keyring, requests } = script([unusable, { value: 'v' }, unusable]);
    keyring.anticipate(['sound', 'doubled']);
    expect(await keyring.get('sound')).toBe('v');
    await expect(keyring.get('doubled')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(requests()).toEqual(['read-each', 'read', 'read']);
  });

  it('asks anew for what was changed after it was read ahead', async () => {
    const there = [{ value: [ACCOUNT] }, { value: true }, { value: 'new' }, { value: [ACCOUNT] }];
    const { keyring } = script([{ value: ['old'] }, ...there, { value: 'new' }]);
    keyring.anticipate([ACCOUNT]);
    await keyring.set(ACCOUNT, 'new');
    expect(await keyring.get(ACCOUNT)).toBe('new');
  });

  it('starts its program before there is a question, once', async () => {
    const { keyring, requests } = script([{ value: 'v' }]);
    keyring.anticipate([]);
    keyring.anticipate([]);
    expect(await keyring.get(ACCOUNT)).toBe('v');
    expect(requests()).toEqual(['read']);
  });

  it('gives a keyring that was silent before what is left of its time', async () => {
    const { keyring } = script([], {}, { account: ACCOUNT, seconds: 2.5 });
    const start = performance.now();
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('reads again when a listing contradicts an absence', async () => {
    const { keyring, requests } = script([{ value: null }, { value: [ACCOUNT] }, { value: 'v' }]);
    expect(await keyring.get(ACCOUNT)).toBe('v');
    expect(requests()).toEqual(['read', 'list', 'read']);
  });

  it('does not believe an absence that is contradicted three times', async () => {
    const contradiction = [{ value: null }, { value: [ACCOUNT] }];
    const { keyring } = script([...contradiction, ...contradiction, ...contradiction]);
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('does not believe an absence that cannot be confirmed', async () => {
    const { keyring } = script([
      { value: null },
      { error: { state: 'unavailable', text: 'DBus error' } },
    ]);
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('survives two passing failures, and not three', async () => {
    expect(await script([passing, passing, { value: 'v' }]).keyring.get(ACCOUNT)).toBe('v');
    const { keyring, requests } = script([passing, passing, passing, { value: 'v' }]);
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(requests()).toEqual(['read', 'read', 'read']);
  });

  it('reads on while another program deletes entries, and not for ever', async () => {
    const changing = { error: { state: 'changing', text: 'No such interface' } } as const;
    const answers = [...Array(10).fill(changing), { value: 'v' }, ...Array(20).fill(changing)];
    const { keyring } = script([...answers, { value: 'v' }]);
    expect(await keyring.get(ACCOUNT)).toBe('v');
    await expect(keyring.get('other')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await keyring.get('third')).toBe('v');
  });

  it('writes nothing when the store does not answer before', async () => {
    const { keyring, requests } = script([{ error: { state: 'unavailable', text: 'no bus' } }]);
    await expect(keyring.set(ACCOUNT, 'v')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(requests()).toEqual(['list']);
  });

  it.each([
    ['not found again', [{ value: null }]],
    ['another', [{ value: 'other' }]],
    ['not listed', [{ value: 'v' }, { value: [] }]],
  ])('does not report as kept what is %s', async (_what, after) => {
    const { keyring } = script([{ value: [] }, { value: null }, ...after]);
    await expect(keyring.set(ACCOUNT, 'v')).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('does not report as deleted what is still listed', async () => {
    const { keyring } = script([{ value: [ACCOUNT] }, { value: true }, { value: [ACCOUNT] }]);
    await expect(keyring.delete(ACCOUNT)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('shows the foreign message to --debug only', async () => {
    const error = { state: 'absent_module', text: 'Cannot find native binding' } as const;
    const { command } = scriptAgent(folder.path, [{ error }]);
    const { app, lines } = createStoreApp({ home: folder.path });
    await expect(createKeyring(app, command).get(ACCOUNT)).rejects.toMatchObject({
      message: 'the OS keyring cannot be reached from this platform',
      details: { hint: expect.not.stringContaining('native binding') },
    });
    expect(lines).toEqual(['debug: keyring: absent_module: Cannot find native binding']);
  });

  it('lets no secret of the environment reach the agent', async () => {
    const { keyring } = script([{ value: '$ENV' }], {
      TOKENCLI_CLIENT_SECRET: 'canary',
      TOKENCLI_STORE_KEY: 'canary',
      AZURE_CLIENT_SECRET: 'canary',
      MY_OWN_SECRET: 'canary',
      HTTPS_PROXY: 'http://user:canary@proxy',
      NODE_OPTIONS: '--no-warnings',
      NODE_EXTRA_CA_CERTS: '/nowhere',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
    });
    const env = await keyring.get(ACCOUNT);
    expect(env).not.toContain('canary');
    expect(env).not.toContain('NODE_');
    expect(JSON.parse(env ?? '')).toMatchObject({
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
    });
  });

  it('answers for an agent that cannot be started', async () => {
    const { app } = createStoreApp({ home: folder.path });
    const keyring = createKeyring(app, ['/nowhere/node', 'agent.cjs']);
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
