import { CliError } from '../../core/errors.ts';
import type { AcquiredToken } from '../../core/oauth.ts';
import type { App, Release } from '../../core/ports.ts';
import { isSharedTenant } from '../../core/tenant.ts';
import { openVault, storeKindOf } from '../../secrets/vault.ts';
import { openCache, type TokenCache } from '../../tokens/cache.ts';
import { cacheLock } from '../../tokens/cache-file.ts';
import type { LookupParts } from '../../tokens/lookup-key.ts';
import { lifeLeft, type SessionRecord, type TokenRecord } from '../../tokens/records.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { nameOf } from './session.ts';
import type { TokenCall } from './token-call.ts';
import type { TokenOptions } from './token-options.ts';

type CacheCall = Pick<TokenCall, 'file' | 'profile' | 'deadline'>;

export async function openProfileCache(
  app: App,
  { file, profile, deadline }: CacheCall,
): Promise<TokenCache> {
  const store = await app.secretStore(storeKindOf(app.env, file.store));
  const vault = openVault(store);
  return openCache({
    folder: app.paths.cacheFolder,
    profile: profile.name,
    profileDigest: file.digestOf(profile),
    keys: {
      kind: vault.store.kind,
      read: (id) => vault.read('cacheKey', id),
      save: (value) => vault.save('cacheKey', value),
    },
    lockForKey: async () => (await app.locks()).acquire('cache-key', deadline),
    warn: app.log.warn,
    now: () => app.clock.now(),
  });
}

/** @returns undefined, after a warning, where nothing can be kept: then everybody asks alone */
export async function lockProfile(
  app: App,
  cache: TokenCache,
  call: TokenCall,
): Promise<Release | undefined> {
  let release: Release;
  try {
    release = await (await app.locks()).acquire(cacheLock(call.profile.name), call.deadline);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'io') throw error;
    app.log.warn(`the token is not cached: ${error.message}`);
    return undefined;
  }
  try {
    if (await forgiving(app, call, () => cache.prepare())) return release;
  } catch (error) {
    release();
    throw error;
  }
  release();
  return undefined;
}

/**
 * A cache that cannot be opened is no reason to fail, unless the credential is in the same store,
 * which would fail anyway.
 */
export async function forgiving<T>(
  app: App,
  call: TokenCall,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const closed = error.code === 'store_unavailable' && !needsStore(call.source);
    if (!closed && error.code !== 'io') throw error;
    const line = `the token is not cached: ${error.message}`;
    // in CI a credential from the environment without any store is the normal case
    if (call.source?.from === 'environment') app.log.verbose(line);
    else app.log.warn(line);
    return undefined;
  }
}

function needsStore(source: CredentialSource | undefined): boolean {
  if (source?.from === 'file') return source.password.from === 'store';
  return source?.from === 'store';
}

/** A token that was obtained is handed out, whatever becomes of the cache. */
export async function keep(app: App, save: () => Promise<void>): Promise<void> {
  try {
    await save();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    app.log.warn(`the token is not cached: ${error.message}`);
  }
}

/** Enough life left; or just obtained by the process that this one waited for. */
export function willDo(
  record: TokenRecord,
  { force, minTtl }: TokenOptions,
  now: number,
  waitedSince: number | undefined,
): boolean {
  const life = lifeLeft(record, now);
  if (waitedSince !== undefined && record.obtainedOn >= waitedSince) return life > 0;
  return !force && life > 0 && life >= minTtl;
}

/** @param account of the person who signed in */
export function partsOf({ target, source, options }: TokenCall, account?: string): LookupParts {
  const { authority, tenantId, clientId, flow, scopes, sendX5c, thumbprint } = target;
  const how = source?.kind === 'certificate' ? `:${thumbprint}:${sendX5c}` : '';
  const { claims } = options;
  return {
    authority: authority.url,
    tenantId,
    clientId,
    flow,
    scopes,
    credential: source ? `${source.fingerprint}${how}` : 'public',
    ...(account !== undefined && { account }),
    ...(claims !== undefined && { claims }),
  };
}

/** @param session of the person, whose tenant is told where the profile leaves it open */
export function toRecord(
  app: App,
  { file, profile, target }: TokenCall,
  { accessToken, expiresOn, tokenType, scopes }: AcquiredToken,
  session?: SessionRecord,
): TokenRecord {
  const { clientId, flow } = target;
  const home = isSharedTenant(target.tenantId) ? session?.account.tenantId : undefined;
  const tenantId = home ?? target.tenantId;
  return {
    accessToken,
    expiresOn,
    tokenType,
    scopes,
    obtainedOn: app.clock.now(),
    tenantId,
    clientId,
    flow,
    ...(session && { account: nameOf(session) }),
    profileDigest: file.digestOf(profile),
  };
}
