import { writeSync } from 'node:fs';
import type { Runtime } from '../../src/core/runtime.ts';

/** What the driver is told, as JSON. */
export interface LockScript {
  readonly path: string;
  /** Keeps the lock until the driver is killed. */
  readonly hold?: boolean;
}

/** Tries a lock, and prints `locked`, `refused`, or the code of the error. */
export function driveLock(runtime: Runtime): void {
  const { path, hold }: LockScript = JSON.parse(process.argv[2] ?? '');
  writeSync(1, attempt(runtime, path));
  // a handle that is given up too early would free the lock
  if (hold) setInterval(() => {}, 60_000);
}

function attempt(runtime: Runtime, path: string): string {
  try {
    const lock = runtime.openLock(path);
    if (!lock.tryLock()) return 'refused';
    const second = runtime.openLock(path);
    const excluded = !second.tryLock();
    second.close();
    return excluded ? 'locked' : 'locked twice';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
