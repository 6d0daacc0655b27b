import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  driverCommand,
  ENGINES,
  type Engine,
  type RunningDriver,
  startDriver,
} from '../support/drivers.ts';
import type { LockScript } from '../support/lock-driver.ts';
import { createTemporaryFolder } from '../support/store-app.ts';

const bundles = createTemporaryFolder();
const commands = new Map<Engine, readonly string[]>();
let folder: ReturnType<typeof createTemporaryFolder>;
let path: string;
let holders: RunningDriver[];

beforeAll(() => {
  for (const engine of ENGINES) commands.set(engine, driverCommand('lock', engine, bundles.path));
});
beforeEach(() => {
  folder = createTemporaryFolder();
  path = join(folder.path, 'a.lock');
  holders = [];
});
afterEach(async () => {
  for (const holder of holders) await kill(holder);
  folder.remove();
});
afterAll(() => bundles.remove());

function begin(engine: Engine, script: LockScript): RunningDriver {
  return startDriver(commands.get(engine) ?? [], script);
}

async function attempt(engine: Engine, at = path): Promise<string> {
  const { out, err, code } = await begin(engine, { path: at }).end;
  expect({ err, code }).toEqual({ err: '', code: 0 });
  return out;
}

async function hold(engine: Engine): Promise<RunningDriver> {
  const holder = begin(engine, { path, hold: true });
  holders.push(holder);
  await holder.waitFor('locked');
  return holder;
}

async function kill(holder: RunningDriver): Promise<void> {
  holders = holders.filter((each) => each !== holder);
  process.kill(holder.pid, 'SIGKILL');
  await holder.end;
}

describe.each(ENGINES)('a lock that %s holds', (holding) => {
  it.each(ENGINES)('excludes %s until its holder is killed', async (asking) => {
    const holder = await hold(holding);
    expect(await attempt(asking)).toBe('refused');
    expect(await attempt(asking)).toBe('refused');
    process.kill(holder.pid, 'SIGSTOP');
    expect(await attempt(asking)).toBe('refused');
    await kill(holder);
    expect(await attempt(asking)).toBe('locked');
  });
});

describe.each(ENGINES)('%s', (engine) => {
  it('excludes itself, and makes a file that only this user can open', async () => {
    expect(await attempt(engine)).toBe('locked');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('has the code of the system where the folder is missing, or is a file', async () => {
    expect(await attempt(engine, join(folder.path, 'missing', 'a.lock'))).toBe('ENOENT');
    await attempt(engine);
    expect(await attempt(engine, join(path, 'a.lock'))).toBe('ENOTDIR');
  });

  it('has the code of the system where the folder is read-only', async () => {
    const closed = join(folder.path, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    // the superuser may write anywhere but below /proc
    const isRoot = process.getuid?.() === 0;
    const [at, code] = isRoot ? ['/proc/a.lock', 'ENOENT'] : [join(closed, 'a.lock'), 'EACCES'];
    expect(await attempt(engine, at)).toBe(code);
  });
});
