import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createKeyring } from '../../../src/adapters/keyring/keyring.ts';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import { nodeRuntime } from '../../../src/runtime/node.ts';
import { type Scripted, scriptKeyring } from '../../support/scripted-keyring.ts';
import {
  createStoreApp,
  createTemporaryFolder,
  type StoreAppOptions,
} from '../../support/store-app.ts';

const ACCOUNT = `clientSecret:${'a'.repeat(32)}`;
const INTERRUPTED = new CliError('interrupted', 'interrupted');
const UNAVAILABLE = { code: 'store_unavailable' };

const TRANSIENT_TEXT = 'Platform failure: DBus error: Did not receive a reply.';
const TRANSIENT: Scripted = { error: TRANSIENT_TEXT };
const REFUSED = 'the OS keyring may not be asked from here: access to it is denied';
const ABSENT = 'no Secret Service answers on the session bus';
const CHANGING: Scripted = {
  error: 'zbus error: No such interface on object at /org/freedesktop/secrets/collection/login/7',
};
const UNUSABLE: Scripted = { error: 'Entry is matched by 2 credentials' };
const DISMISSED: Scripted = { error: 'Secret Service: unlock prompt was dismissed' };
const NO_BUS: Scripted = { error: 'Platform failure: DBus error: connection refused' };

const nothing: Scripted = { value: null };
const found: Scripted = { value: 'v' };
const done: Scripted = { value: undefined };
const deleted: Scripted = { value: true };
const lists = (...accounts: string[]): Scripted => ({
  value: accounts.map((account) => ({ account, password: 'x' })),
});

const folder = createTemporaryFolder();
afterAll(() => folder.remove());

function open(script: readonly Scripted[], options: Partial<StoreAppOptions> = {}) {
  const scripted = scriptKeyring(script);
  const runtime = { ...nodeRuntime, loadKeyring: () => scripted.module };
  const { app, lines } = createStoreApp({ home: folder.path, runtime, ...options });
  return { app, lines, keyring: createKeyring(app), ...scripted };
}

describe('reading', () => {
  it('is one call when the entry is there, and waits for no lock', async () => {
    const { app, keyring, asked } = open([found]);
    const locks = await app.locks();
    const release = await locks.acquire('keyring', startDeadline(5, app.interrupted));
    expect(await keyring.get(ACCOUNT)).toBe('v');
    expect(asked).toEqual(['read']);
    release();
  });

  it('believes an absence when a listing agrees, and asks for both under the lock', async () => {
    const { app, keyring, asked } = open([nothing, nothing, lists('other')]);
    const locks = await app.locks();
    const release = await locks.acquire('keyring', startDeadline(5, app.interrupted));
    const reading = keyring.get(ACCOUNT);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toEqual(['read']);
    release();
    expect(await reading).toBeUndefined();
    expect(asked).toEqual(['read', 'read', 'list']);
  });

  it('reads again when a listing contradicts an absence', async () => {
    const { keyring, asked } = open([nothing, nothing, lists(ACCOUNT), found]);
    expect(await keyring.get(ACCOUNT)).toBe('v');
    expect(asked).toEqual(['read', 'read', 'list', 'read']);
  });

  it('does not believe an absence that is contradicted three times', async () => {
    const contradiction = [nothing, lists(ACCOUNT)];
    const { keyring } = open([nothing, ...contradiction, ...contradiction, ...contradiction]);
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('does not believe an absence that cannot be confirmed', async () => {
    const { keyring } = open([nothing, nothing, NO_BUS]);
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('survives two passing failures, then waits for the lock, and survives two more', async () => {
    const two = [TRANSIENT, TRANSIENT];
    const patient = open([...two, found]);
    expect(await patient.keyring.get(ACCOUNT)).toBe('v');
    const { app, keyring, asked } = open([...two, TRANSIENT, ...two, found]);
    const locks = await app.locks();
    const release = await locks.acquire('keyring', startDeadline(5, app.interrupted));
    const reading = keyring.get(ACCOUNT);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(asked).toEqual(Array(3).fill('read'));
    release();
    expect(await reading).toBe('v');
    expect(asked).toEqual(Array(6).fill('read'));
  });

  it('does not survive six passing failures', async () => {
    const { keyring, asked } = open([...Array(6).fill(TRANSIENT), found]);
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject(UNAVAILABLE);
    expect(asked).toEqual(Array(6).fill('read'));
  });

  it('is tried again after a silence only if a listing has an answer', async () => {
    const after = new Promise(() => {});
    const { keyring, asked } = open([{ after }, lists(ACCOUNT), found]);
    expect(await keyring.get(ACCOUNT)).toBe('v');
    expect(asked).toEqual(['read', 'list', 'read']);
  });

  it('goes on while another program deletes entries, and not for ever', async () => {
    const answers = [...Array(10).fill(CHANGING), found, ...Array(20).fill(CHANGING), found];
    const { keyring } = open(answers);
    expect(await keyring.get(ACCOUNT)).toBe('v');
    await expect(keyring.get('other')).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'another program kept deleting entries of the OS keyring while they were read',
      details: { retryable: true },
    });
    expect(await keyring.get('third')).toBe('v');
  });
});

describe('writing', () => {
  it('is proven by reading back', async () => {
    const { keyring, asked } = open([done, found]);
    await keyring.set(ACCOUNT, 'v');
    expect(asked).toEqual(['write', 'read']);
  });

  it.each([
    ['not found again', nothing],
    ['another value', { value: 'other' }],
    ['not readable', NO_BUS],
  ])('does not report as kept what is %s', async (_what, after) => {
    const { keyring } = open([done, after]);
    await expect(keyring.set(ACCOUNT, 'v')).rejects.toMatchObject(UNAVAILABLE);
  });

  it('waits for the lock', async () => {
    const { app, keyring, asked } = open([done, found]);
    const locks = await app.locks();
    const release = await locks.acquire('keyring', startDeadline(5, app.interrupted));
    const writing = keyring.set(ACCOUNT, 'v');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toEqual([]);
    release();
    await writing;
  });

  it('goes on without a lock where none can be had', async () => {
    const home = `${folder.path}/file`;
    writeFileSync(home, 'no folder');
    const { keyring, lines } = open([done, found], { home });
    await keyring.set(ACCOUNT, 'v');
    expect(lines).toEqual([expect.stringMatching(/^debug: no lock for the keyring: /)]);
    rmSync(home);
  });
});

describe('deleting', () => {
  it('is proven by the answer', async () => {
    const { keyring, asked } = open([deleted]);
    await keyring.delete(ACCOUNT);
    expect(asked).toEqual(['delete']);
  });

  it('of what is not there is proven by a listing', async () => {
    const { keyring, asked } = open([{ value: false }, lists('other')]);
    await keyring.delete(ACCOUNT);
    expect(asked).toEqual(['delete', 'list']);
  });

  it('is not reported while the entry is listed', async () => {
    const { keyring } = open([{ value: false }, lists(ACCOUNT)]);
    await expect(keyring.delete(ACCOUNT)).rejects.toMatchObject(UNAVAILABLE);
  });
});

describe('a failure', () => {
  it.each([
    ['lasting', NO_BUS, false],
    ['of the moment', DISMISSED, true],
    ['of one entry', UNUSABLE, true],
  ])('that is %s decides whether the keyring is asked again', async (_what, failure, again) => {
    const { keyring, asked } = open([failure, found]);
    const error = await keyring.get(ACCOUNT).catch((reason: unknown) => reason);
    expect(error).toMatchObject(UNAVAILABLE);
    const second = await keyring.get('other').catch((reason: unknown) => reason);
    expect(second).toBe(again ? 'v' : error);
    expect(asked).toHaveLength(again ? 2 : 1);
  });

  it.each([
    ['locked', DISMISSED, 'the OS keyring is locked', true],
    [
      'unusable',
      UNUSABLE,
      'the entry in the OS keyring cannot be used: it is not text, or it is there twice',
      false,
    ],
  ])('says that it is %s', async (_what, failure, message, retryable) => {
    const details = { retryable };
    await expect(open([failure]).keyring.get(ACCOUNT)).rejects.toMatchObject({ message, details });
  });

  // measured: a socket that is another user's, and a bus of another user that lets nobody else in
  it.each([
    ['DBus error: Failed to connect to socket /run/user/1/bus: Permission denied', 1, REFUSED],
    ['DBus error: An AppArmor policy prevents this sender from sending this message', 1, REFUSED],
    ['D-Bus error: SELinux policy prevents this (access denied)', 1, REFUSED],
    [TRANSIENT_TEXT, 6, 'the session bus breaks off before the OS keyring has answered'],
    ['DBus error: Failed to connect to socket /run/user/1/bus: No such file', 1, ABSENT],
    ['The name org.freedesktop.secrets was not provided by any .service files', 1, ABSENT],
    [
      'Secret Service: no result found',
      1,
      'the OS keyring has no default collection to put secrets into',
    ],
    ['something new', 1, 'the OS keyring cannot be used'],
  ])('that says "%s" has its own name', async (error, times, message) => {
    const { keyring } = open(Array(times).fill({ error }));
    const failed = await keyring.set(ACCOUNT, 'v').catch((reason: unknown) => reason);
    expect(failed).toMatchObject({ ...UNAVAILABLE, message });
    expect(failed).not.toMatchObject({ details: { hint: expect.stringContaining('unlock') } });
  });

  it.each<[string, Scripted[], boolean]>([
    ['before writing', [DISMISSED], true],
    ['while writing, perhaps after it', [{ error: 'something new' }], false],
    ['after writing', [done, DISMISSED], false],
  ])('says whether the value can be there: %s', async (_when, script, unsent) => {
    const failure = open(script).keyring.set(ACCOUNT, 'v');
    await expect(failure).rejects.toMatchObject({ ...UNAVAILABLE, details: { unsent } });
  });

  it('shows the foreign message to --debug only', async () => {
    const loadKeyring = () => {
      throw new Error('Cannot find native binding');
    };
    const { app, lines } = createStoreApp({
      home: folder.path,
      runtime: { ...nodeRuntime, loadKeyring },
    });
    await expect(createKeyring(app).get(ACCOUNT)).rejects.toMatchObject({
      message: 'the module for the OS keyring cannot be loaded here',
      details: { hint: expect.not.stringContaining('native binding') },
    });
    const why = `${process.platform}-${process.arch}: Cannot find native binding`;
    expect(lines).toEqual([`debug: keyring: absent_module: ${why}`]);
  });
});

it('is asked one thing at a time by one process', async () => {
  const { keyring, most, asked } = open(Array(20).fill(found));
  await Promise.all(Array.from({ length: 20 }, (_, index) => keyring.get(`account ${index}`)));
  expect({ most: most(), asked: asked.length }).toEqual({ most: 1, asked: 20 });
});

describe('waiting', () => {
  it('ends after three seconds where nobody is there, and the call counts as open', async () => {
    let late = (_value: unknown) => {};
    const after = new Promise((resolve) => {
      late = resolve;
    });
    const { app, keyring, lines, asked } = open([{ after }, DISMISSED]);
    const start = performance.now();
    await expect(keyring.get(ACCOUNT)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'the OS keyring did not answer within 3s',
      details: { retryable: true },
    });
    expect(performance.now() - start).toBeGreaterThanOrEqual(2900);
    expect(performance.now() - start).toBeLessThan(4000);
    expect(lines).toEqual(['debug: keyring: silent: no answer']);
    expect(asked).toEqual(['read', 'list']);
    expect(app.nativeCalls.running).toBe(1);
    late('too late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(app.nativeCalls.running).toBe(0);
  });

  it('is limited over all attempts together', async () => {
    const late = new Promise((_, reject) =>
      setTimeout(() => reject(new Error('Did not receive a reply')), 1500),
    );
    const { keyring, asked } = open([done, { after: late }, done, found]);
    const start = performance.now();
    await expect(keyring.set(ACCOUNT, 'v')).rejects.toMatchObject(UNAVAILABLE);
    // less time is left than a service that hangs would take
    expect(performance.now() - start).toBeLessThan(2000);
    expect(asked).toEqual(['write', 'read']);
  });

  it('is explained to a person after two seconds, who has more time', async () => {
    const controller = new AbortController();
    const { keyring, lines } = open([], { interactive: true, interrupted: controller.signal });
    const reading = keyring.get(ACCOUNT);
    setTimeout(() => controller.abort(INTERRUPTED), 3500);
    await expect(reading).rejects.toBe(INTERRUPTED);
    expect(lines).toEqual(['say: waiting for the keyring; an unlock prompt may be open']);
  });

  it('is not explained to a person when it is over sooner', async () => {
    const { keyring, lines } = open([found], { interactive: true });
    await keyring.get(ACCOUNT);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(lines).toEqual([]);
  });

  it('ends at once when the person interrupts, and nothing is asked any more', async () => {
    const controller = new AbortController();
    const { keyring, asked } = open([], { interactive: true, interrupted: controller.signal });
    const reading = keyring.get(ACCOUNT);
    setTimeout(() => controller.abort(INTERRUPTED), 200);
    const start = performance.now();
    await expect(reading).rejects.toBe(INTERRUPTED);
    expect(performance.now() - start).toBeLessThan(700);
    for (const call of [() => keyring.get(ACCOUNT), () => keyring.set(ACCOUNT, 'v')]) {
      await expect(call()).rejects.toBe(INTERRUPTED);
    }
    expect(asked).toEqual(['read']);
  });

  it('ends when the person interrupts while it is tried again', async () => {
    const controller = new AbortController();
    const after = new Promise(() => {});
    const { keyring, asked } = open([{ after }], { interrupted: controller.signal });
    setTimeout(() => controller.abort(INTERRUPTED), 3500);
    await expect(keyring.get(ACCOUNT)).rejects.toBe(INTERRUPTED);
    expect(asked).toEqual(['read', 'list']);
  });

  it('is over when the person interrupts between two attempts', async () => {
    const controller = new AbortController();
    const { keyring, asked } = open([TRANSIENT, found], { interrupted: controller.signal });
    const reading = keyring.get(ACCOUNT);
    setTimeout(() => controller.abort(INTERRUPTED), 60);
    await expect(reading).rejects.toBe(INTERRUPTED);
    expect(asked).toEqual(['read']);
  });
});
