import type { Release } from '../core/ports.ts';

/** The steps of `singleFlight`. */
export interface Flight<T> {
  /**
   * Looks in the cache.
   * @param waitedSince when this process began to wait for the lock, in seconds since the epoch
   * @returns undefined if there is nothing usable
   */
  find(waitedSince?: number): Promise<T | undefined>;
  /** @returns undefined if no lock is available: then the request is made without deduplication */
  lock(): Promise<Release | undefined>;
  request(): Promise<T>;
  /** Must not fail: a result that cannot be saved is still returned. */
  save(result: T): Promise<void>;
  /** Seconds since the epoch. */
  now(): number;
}

export interface FlightResult<T> {
  readonly result: T;
  readonly fromCache: boolean;
}

/**
 * Deduplicates a request across processes. A process that finds nothing in the cache takes the lock
 * and looks again, because the process that held the lock before may have saved the result
 * meanwhile. Only if there still is nothing does it send the request and save the result.
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
