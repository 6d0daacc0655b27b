import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { driverCommand, ENGINES, type Engine } from '../../support/drivers.ts';
import { answersOf, beginAsking } from '../../support/keyring-client.ts';
import type { KeyringScript, Step } from '../../support/keyring-driver.ts';
import {
  type KeyringSession,
  type KeyringState,
  LOCKED_ACCOUNT,
  startKeyringSession,
} from '../../support/keyring-session.ts';
import { createTemporaryFolder } from '../../support/store-app.ts';

const ACCOUNT = `clientSecret:${'a'.repeat(32)}`;
const VALUE = 'grüße\0 "quoted"\n😀';
const UNAVAILABLE = 'no Secret Service answers on the session bus';
const REFUSED = 'the OS keyring may not be asked from here: access to it is denied';
const SILENT = 'the OS keyring did not answer within 3s';
const LOCKED = 'the OS keyring is locked';
const CODE = 7;

const get = (account: string): Step => ({ op: 'get', account });
const set = (account: string, value: string): Step => ({ op: 'set', account, value });
const remove = (account: string): Step => ({ op: 'delete', account });
const LIST: Step = { op: 'list' };
/** What may be asked of one entry; each by a process of its own, all at once. */
const CALLS = {
  save: set(LOCKED_ACCOUNT, 'other'),
  read: get(LOCKED_ACCOUNT),
  delete: remove(LOCKED_ACCOUNT),
};
const CALL_NAMES = ['save', 'read', 'delete'] as const;

/** How a process that still waits for the keyring ends. Node 20 has nothing but a signal. */
const endWhileWaiting = (engine: Engine) =>
  engine === 'Bun' || 'execve' in process
    ? { code: CODE, signal: null }
    : { code: null, signal: 'SIGKILL' };

const folder = createTemporaryFolder();
let session: KeyringSession | undefined;

afterEach(async () => {
  await session?.stop();
  session = undefined;
});
afterAll(() => folder.remove());

async function start(state: KeyringState): Promise<void> {
  session = await startKeyringSession(state);
}

async function restart(state: KeyringState): Promise<void> {
  session = await session?.restart(state);
}

/** A program of the desktop. */
function secretTool(args: readonly string[], input = ''): string {
  const env = { ...process.env, ...session?.env };
  return execFileSync('secret-tool', args, { env, input, encoding: 'utf8' });
}

const refusal = (message: string) => ({ code: 'store_unavailable', message });

describe.each(ENGINES)('the Secret Service, asked by %s', (engine) => {
  let command: readonly string[];
  beforeAll(() => {
    command = driverCommand('keyring', engine, folder.path);
  });

  const begin = (steps: readonly Step[], options: Partial<KeyringScript> = {}) =>
    beginAsking(command, { home: folder.path, steps, code: CODE, ...options }, session?.env);
  /** Asks as one new process. */
  const ask = (steps: readonly Step[], options?: Partial<KeyringScript>) =>
    answersOf(begin(steps, options));
  const makeCall = async (call: (typeof CALL_NAMES)[number], times: number) => ({
    call,
    // with a home each, since calls of one home wait for each other
    ...(await ask(Array(times).fill(CALLS[call]), { home: join(folder.path, call) })),
  });
  const callAllAtOnce = (times: number) =>
    Promise.all(CALL_NAMES.map((call) => makeCall(call, times)));
  const callInTurn = async (times: number) => {
    const ended = [];
    for (const call of CALL_NAMES) ended.push(await makeCall(call, times));
    return ended;
  };

  it('keeps, gives back after a restart of the service, and forgets', async () => {
    await start('unlocked');
    expect(await ask([set(ACCOUNT, VALUE)])).toMatchObject({ values: [undefined], code: CODE });
    await restart('unlocked');
    const steps = [get(ACCOUNT), LIST, set(ACCOUNT, 'changed')];
    expect((await ask(steps)).values).toEqual([VALUE, [ACCOUNT], undefined]);
    const gone = await ask([get(ACCOUNT), remove(ACCOUNT), remove(ACCOUNT)]);
    expect(gone.values).toEqual(['changed', undefined, undefined]);
    await restart('unlocked');
    expect((await ask([get(ACCOUNT)])).values).toEqual([undefined]);
  });

  it('holds what other programs of the desktop can find', async () => {
    await start('unlocked');
    await ask([set(ACCOUNT, 'value')]);
    expect(secretTool(['lookup', 'service', 'tokencli', 'username', ACCOUNT])).toBe('value');
  });

  it('answers calls of one process that are made at once', async () => {
    await start('unlocked');
    const accounts = Array.from({ length: 20 }, (_, index) => `cacheKey:${index}`);
    const kept = accounts.map((account) => set(account, `of ${account}`));
    const { values } = await ask([...kept, ...accounts.map(get)], { atOnce: true });
    expect(values.slice(20)).toEqual(accounts.map((account) => `of ${account}`));
  });

  it('answers more calls of one process than a bus lets it have connections', async () => {
    await start('unlocked');
    await ask([set(ACCOUNT, 'value')]);
    const { values } = await ask(Array(300).fill(get(ACCOUNT)));
    expect(values).toEqual(Array(300).fill('value'));
  });

  it('says so when an entry is there twice, and does not choose one', async () => {
    await start('unlocked');
    await ask([set(ACCOUNT, 'ours')]);
    const words = ['service', 'tokencli', 'username', ACCOUNT, 'extra', 'attribute'];
    secretTool(['store', '--label=other', ...words], 'theirs');
    const message =
      'the entry in the OS keyring cannot be used: it is not text, or it is there twice';
    const steps = [get(ACCOUNT), set('another', 'value'), get('another')];
    expect((await ask(steps)).values).toEqual([refusal(message), undefined, 'value']);
  });

  it('lists what is there while entries that another program made come and go', async () => {
    await start('unlocked');
    const accounts = Array.from({ length: 10 }, (_, index) => `cacheKey:${index}`);
    await ask(accounts.map((account) => set(account, 'value')));
    const store = 'printf x | secret-tool store --label=x service tokencli username passing';
    const clear = 'secret-tool clear service tokencli username passing';
    const other = spawn('sh', ['-c', `while ${store}; do ${clear}; done`], {
      env: { ...process.env, ...session?.env },
      stdio: 'ignore',
      detached: true,
    });
    try {
      const { values } = await ask(Array(60).fill(LIST));
      for (const value of values) expect(value).toEqual(expect.arrayContaining(accounts));
      expect(other.exitCode).toBeNull();
    } finally {
      process.kill(-(other.pid ?? 0), 'SIGKILL');
    }
  });

  it('gives 50 processes that read at once 50 right answers', async () => {
    await start('unlocked');
    await ask([set(ACCOUNT, VALUE)]);
    const reports = await Promise.all(Array.from({ length: 50 }, () => ask([get(ACCOUNT)])));
    expect(reports.map(({ values }) => values)).toEqual(Array(50).fill([VALUE]));
    expect(reports.map(({ code }) => code)).toEqual(Array(50).fill(CODE));
  });

  describe.each<[KeyringState, string, number]>([
    ['locked', LOCKED, 0],
    ['absent', UNAVAILABLE, 0],
    ['no-bus', UNAVAILABLE, 0],
    ['confined', REFUSED, 0],
    ['hung', SILENT, 1900],
  ])('when it is %s', (state, message, atLeast) => {
    it('refuses to save, to read and to delete, and ends', async () => {
      await start(state);
      // what hangs is asked at once, because each takes its time
      const calls = atLeast > 0 ? await callAllAtOnce(1) : await callInTurn(1);
      for (const { call, values, answers, code } of calls) {
        expect({ call, values, code }).toEqual({ call, values: [refusal(message)], code: CODE });
        const [{ milliseconds } = { milliseconds: 0 }] = answers;
        expect(milliseconds).toBeGreaterThanOrEqual(atLeast);
        expect(milliseconds).toBeLessThan(6000);
      }
    });
  });

  it('says that it has no collection for a new entry, which is then absent', async () => {
    await start('no-collection');
    const message = 'the OS keyring has no default collection to put secrets into';
    const steps = [get(ACCOUNT), remove(ACCOUNT), LIST, set(ACCOUNT, 'value')];
    expect((await ask(steps)).values).toEqual([undefined, undefined, [], refusal(message)]);
  });

  describe.each<KeyringState>(['prompting', 'prompt-started'])('when it is %s', (state) => {
    it('gives up to save, to read and to delete after three seconds, and ends', async () => {
      await start(state);
      for (const { call, values, answers, code, signal, afterLastText } of await callAllAtOnce(2)) {
        expect({ call, values }).toEqual({ call, values: [refusal(SILENT), refusal(SILENT)] });
        const [first, second] = answers.map(({ milliseconds }) => milliseconds);
        expect(first).toBeGreaterThanOrEqual(2900);
        expect(first).toBeLessThan(4000);
        // it is not asked again by a process that it has left waiting
        expect(second).toBeLessThan(500);
        expect(afterLastText).toBeLessThan(1000);
        expect({ code, signal }).toEqual(endWhileWaiting(engine));
      }
    });

    it('opens no prompt for a listing, nor for an entry that is not there', async () => {
      await start(state);
      expect((await ask([LIST, get('other')])).values).toEqual([refusal(LOCKED), refusal(LOCKED)]);
    });
  });

  it('ends although a listing has no answer', async () => {
    await start('hung');
    const { values, code, signal, afterLastText } = await ask([LIST]);
    expect(values).toEqual([refusal(SILENT)]);
    expect(afterLastText).toBeLessThan(1000);
    expect({ code, signal }).toEqual(endWhileWaiting(engine));
  });

  it('holds what it held, after it was locked', async () => {
    await start('locked');
    const steps = [set(LOCKED_ACCOUNT, 'other'), set(ACCOUNT, 'new'), remove(LOCKED_ACCOUNT)];
    // an entry that a locked store does not show is not proven absent
    const { values } = await ask([...steps, get(ACCOUNT)]);
    expect(values).toEqual(Array(4).fill(refusal(LOCKED)));
    await restart('unlocked');
    const after = await ask([LIST, get(LOCKED_ACCOUNT)]);
    expect(after.values).toEqual([[LOCKED_ACCOUNT], 'behind the lock']);
  });

  it('holds what it held, after it hung', async () => {
    await start('unlocked');
    await ask([set(ACCOUNT, 'old')]);
    process.kill(Number(session?.daemonPid), 'SIGSTOP');
    for (const step of [set(ACCOUNT, 'new'), remove(ACCOUNT)]) {
      expect((await ask([step])).values).toEqual([refusal(SILENT)]);
    }
    process.kill(Number(session?.daemonPid), 'SIGCONT');
    expect((await ask([LIST, get(ACCOUNT)])).values).toEqual([[ACCOUNT], 'old']);
  });

  // a service that hangs blocks the thread that a signal needs, for two seconds
  it.each<[KeyringState, number]>([
    ['prompting', 1000],
    ['hung', 3000],
  ])('stops waiting when the person interrupts: %s', async (state, limit) => {
    await start(state);
    const driver = begin([get(LOCKED_ACCOUNT), LIST], { interactive: true });
    await driver.waitFor('begun');
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(driver.pid, 'SIGINT');
    const signalled = performance.now();
    const interrupted = { code: 'interrupted', message: 'interrupted' };
    const { values, code, signal } = await answersOf(driver);
    expect(values).toEqual([interrupted, interrupted]);
    expect(performance.now() - signalled).toBeLessThan(limit);
    const waiting = state === 'prompting';
    expect({ code, signal }).toEqual(waiting ? endWhileWaiting(engine) : { code: 7, signal: null });
  });
});
