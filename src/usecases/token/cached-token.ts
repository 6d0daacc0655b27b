import { CliError } from '../../core/errors.ts';
import type { App, Release } from '../../core/ports.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import type { TokenLookup } from '../../tokens/lookup-key.ts';
import { lifeLeft, type SessionRecord, type TokenRecord } from '../../tokens/records.ts';
import { ifCacheOpens, saveOrWarn } from './profile-cache.ts';
import type { TokenCall } from './token-call.ts';
import type { TokenOptions } from './token-options.ts';

/** A token, and whether the cache had it. */
export interface TokenResult {
  readonly result: TokenRecord;
  readonly fromCache: boolean;
}

/** What the identity provider gave. */
export interface ObtainedToken {
  readonly token: TokenRecord;
  /** The sign-in with its current refresh token; absent for an application. */
  readonly session?: SessionRecord;
}

/** How to get a token that is not in the cache. */
export interface ObtainSteps {
  /** @returns undefined if no lock is available: then the request is made without deduplication */
  lock(): Promise<Release | undefined>;
  request(): Promise<ObtainedToken>;
}

/** With less life than this a token is not worth handing out even when the network is down. */
const FALLBACK_SECONDS = 60;

/**
 * A token from the cache, else by one request for all processes that want the same (single flight):
 * who finds none takes the lock and looks again, because the process that held it before may have
 * saved one. When the network is down, a cached token that ends soon is the fallback.
 */
export async function cachedOrRequested(
  app: Pick<App, 'clock' | 'log'>,
  cache: TokenCache,
  call: TokenCall,
  lookup: TokenLookup,
  { lock, request }: ObtainSteps,
): Promise<TokenResult> {
  const start = app.clock.now();
  let fallback: TokenRecord | undefined;
  const find = async (waitedSince?: number): Promise<TokenResult | undefined> => {
    const token = await ifCacheOpens(app, call, () => cache.find(lookup));
    if (!token) return undefined;
    const now = app.clock.now();
    if (lifeLeft(token, now) > FALLBACK_SECONDS) fallback = token;
    const isGood = livesLongEnough(token, call, now, waitedSince);
    return isGood ? { result: token, fromCache: true } : undefined;
  };
  const requestOnce = async (): Promise<TokenResult> => {
    const release = await lock();
    if (!release) return { result: (await request()).token, fromCache: false };
    try {
      const meanwhile = await find(start);
      if (meanwhile) return meanwhile;
      const { token: record, session } = await request();
      const displaces = lookup.claims !== undefined;
      await saveOrWarn(app, () => cache.save({ token: { lookup, record }, session, displaces }));
      return { result: record, fromCache: false };
    } finally {
      release();
    }
  };
  try {
    return (await find()) ?? (await requestOnce());
  } catch (failure) {
    const isOffline = failure instanceof CliError && failure.code === 'network';
    if (!fallback || !isOffline || !allowsFallback(call)) throw failure;
    app.log.warn(`${failure.message}; using the cached token, which ends soon`);
    return { result: fallback, fromCache: true };
  }
}

/** A token from the cache that lives long enough, or none. */
export async function findCached(
  app: Pick<App, 'clock' | 'log'>,
  cache: TokenCache,
  call: TokenCall,
  lookup: TokenLookup,
): Promise<TokenRecord | undefined> {
  const token = await ifCacheOpens(app, call, () => cache.find(lookup));
  return token && livesLongEnough(token, call, app.clock.now()) ? token : undefined;
}

/**
 * True if it lives as long as `--min-ttl` says, or was just obtained by the process that this one
 * waited for.
 */
function livesLongEnough(
  token: TokenRecord,
  { options }: TokenCall,
  now: number,
  waitedSince?: number,
): boolean {
  const life = lifeLeft(token, now);
  if (waitedSince !== undefined && token.obtainedOn >= waitedSince) return life > 0;
  return !options.force && life > 0 && life >= neededLife(token, options);
}

/**
 * Seconds that a token must have left: `minTtl`, but with `reusesShort` no more than half of the token's
 * whole life, because such a server gives no longer ones.
 */
export function neededLife(
  { obtainedOn, expiresOn }: TokenRecord,
  { minTtl, reusesShort }: TokenOptions,
): number {
  return reusesShort ? Math.min(minTtl, (expiresOn - obtainedOn) / 2) : minTtl;
}

/** False if somebody asked for a new token or for a certain life, and after the end of the time limit. */
function allowsFallback({ options, deadline }: TokenCall): boolean {
  return !options.force && !options.minTtlIsFirm && !deadline.signal.aborted;
}
