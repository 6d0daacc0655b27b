import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocks } from '../../src/adapters/lock.ts';
import { startDeadline } from '../../src/core/deadline.ts';
import { CliError } from '../../src/core/errors.ts';
import type { Locks } from '../../src/core/ports.ts';
import { nodeRuntime } from '../../src/runtime/node.ts';
import { createStoreApp, createTemporaryFolder } from '../support/store-app.ts';

const HOLDER = fileURLToPath(new URL('../support/lock-holder.mjs', import.meta.url));

let folder: ReturnType<typeof createTemporaryFolder>;
let locks: Locks;
let lines: string[];
let holders: ChildProcess[];

beforeEach(() => {
  folder = createTemporaryFolder();
  const store = createStoreApp({ home: folder.path });
  lines = store.lines;
  locks = createLocks(nodeRuntime, join(folder.path, 'locks'), store.app.log);
  holders = [];
});

afterEach(async () => {
  for (const holder of holders) {
    holder.kill('SIGKILL');
    if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
  }
  folder.remove();
});

function limit(seconds: number, interrupted = new AbortController().signal) {
  return startDeadline(seconds, interrupted);
}

async function startHolder(name: string): Promise<ChildProcess> {
  mkdirSync(join(folder.path, 'locks'), { recursive: true });
  const path = join(folder.path, 'locks', `${name}.lock`);
  const holder = spawn(process.execPath, [HOLDER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  holders.push(holder);
  const [said] = await once(holder.stdout, 'data');
  expect(String(said)).toBe('held');
  return holder;
}

describe('createLocks', () => {
  it('makes one holder wait for the other, within a process too', async () => {
    const order: string[] = [];
    const release = await locks.acquire('token-a', limit(5));
    const second = locks.acquire('token-a', limit(5)).then((free) => {
      order.push('second');
      free();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    order.push('first');
    release();
    release();
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('keeps different names apart and its files private', async () => {
    const one = await locks.acquire('token-a', limit(5));
    const two = await locks.acquire('token-b', limit(5));
    one();
    two();
    const path = join(folder.path, 'locks');
    expect(readdirSync(path)).toEqual(['token-a.lock', 'token-b.lock']);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'token-a.lock')).mode & 0o777).toBe(0o600);
  });

  it('takes over within a second from a holder that was killed', async () => {
    const holder = await startHolder('token-a');
    const waiting = locks.acquire('token-a', limit(10));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const start = performance.now();
    holder.kill('SIGKILL');
    (await waiting)();
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('leaves the lock with a holder that is suspended', async () => {
    const holder = await startHolder('token-a');
    holder.kill('SIGSTOP');
    await expect(locks.acquire('token-a', limit(1))).rejects.toMatchObject({
      code: 'busy',
      message: 'another tokencli process still holds the lock (profile a) after 1s',
      details: { retryable: true },
    });
  });

  it('says once what it waits for, after two seconds', async () => {
    await startHolder('token-a');
    await expect(locks.acquire('token-a', limit(3))).rejects.toMatchObject({ code: 'busy' });
    expect(lines).toEqual(['say: Waiting for another tokencli process (profile a)...']);
  });

  it('ends at once when interrupted', async () => {
    await startHolder('token-a');
    const interrupt = new AbortController();
    const waiting = locks.acquire('token-a', limit(10, interrupt.signal));
    const start = performance.now();
    interrupt.abort(new CliError('interrupted', 'interrupted'));
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('is an io failure where no folder can be made', async () => {
    writeFileSync(join(folder.path, 'file'), '');
    const nowhere = createLocks(
      nodeRuntime,
      join(folder.path, 'file', 'locks'),
      createStoreApp({ home: folder.path }).app.log,
    );
    await expect(nowhere.acquire('token-a', limit(1))).rejects.toMatchObject({ code: 'io' });
  });
});
