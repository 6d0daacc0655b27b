import { CliError } from '../core/errors.ts';
import type { Release } from '../core/ports.ts';

export interface Flight<T> {
  /** What the cache has, if it will do. @param since waiting began then, or not yet */
  find(waitedSince?: number): Promise<T | undefined>;
  /** @throws CliError io where no lock file can be made */
  lock(): Promise<Release>;
  request(): Promise<T>;
  /** Never fails: a token that cannot be kept is a token all the same. */
  save(result: T): Promise<void>;
  /** The lock could not be made; whatever comes is neither shared nor kept. */
  goAlone(error: CliError): void;
  /** Seconds since the epoch. */
  now(): number;
}

export interface Landing<T> {
  readonly result: T;
  readonly fromCache: boolean;
}

/**
 * Looks, locks, looks again, asks, saves, releases: of N processes that need the same thing one asks
 * and all get it.
 */
export async function singleFlight<T>(flight: Flight<T>): Promise<Landing<T>> {
  const start = flight.now();
  const there = await flight.find();
  if (there) return { result: there, fromCache: true };
  const release = await lockOrGoAlone(flight);
  if (!release) return { result: await flight.request(), fromCache: false };
  try {
    const meanwhile = await flight.find(start);
    if (meanwhile) return { result: meanwhile, fromCache: true };
    const result = await flight.request();
    await flight.save(result);
    return { result, fromCache: false };
  } finally {
    release();
  }
}

async function lockOrGoAlone<T>(flight: Flight<T>): Promise<Release | undefined> {
  try {
    return await flight.lock();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'io') throw error;
    flight.goAlone(error);
    return undefined;
  }
}
