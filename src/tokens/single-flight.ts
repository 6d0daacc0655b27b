import type { Release } from '../core/ports.ts';

export interface Flight<T> {
  /** What the cache has, if it will do. @param waitedSince when this process began to wait */
  find(waitedSince?: number): Promise<T | undefined>;
  /** @returns undefined where nothing can be shared: then everybody asks for himself */
  lock(): Promise<Release | undefined>;
  request(): Promise<T>;
  /** Never fails: a token that cannot be kept is a token all the same. */
  save(result: T): Promise<void>;
  /** Seconds since the epoch. */
  now(): number;
}

export interface FlightResult<T> {
  readonly result: T;
  readonly fromCache: boolean;
}

/**
 * Looks, locks, looks again, asks, saves, releases: of N processes that need the same thing one asks
 * and all get it.
 */
export async function singleFlight<T>(flight: Flight<T>): Promise<FlightResult<T>> {
  const start = flight.now();
  const there = await flight.find();
  if (there) return { result: there, fromCache: true };
  const release = await flight.lock();
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
