import { CliError } from '../../core/errors.ts';
import type { AcquiredToken } from '../../core/oauth.ts';
import type { App, Release } from '../../core/ports.ts';
import { isSharedTenant } from '../../core/tenant.ts';
import { hasName, profileDigest, readProfiles } from '../../profiles/store.ts';
import { openVault, storeKindOf } from '../../secrets/vault.ts';
import { openCache, type TokenCache } from '../../tokens/cache.ts';
import { cacheLock } from '../../tokens/cache-file.ts';
import type { TokenLookup } from '../../tokens/lookup-key.ts';
import type { SessionRecord, TokenRecord } from '../../tokens/records.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { accountName } from './session.ts';
import type { TokenCall } from './token-call.ts';

/** The tokens of a profile, sealed by a key in the secret store. */
export async function openProfileCache(
  app: App,
  { file, profile, deadline }: Pick<TokenCall, 'file' | 'profile' | 'deadline'>,
): Promise<TokenCache> {
  const store = await app.secretStore(storeKindOf(app.env, file.store));
  const vault = openVault(store);
  return openCache({
    folder: app.paths.cacheFolder,
    profile: profile.name,
    profileDigest: profileDigest(profile),
    keys: {
      kind: store.kind,
      read: (id) => vault.read('cacheKey', id),
      save: (value) => vault.save('cacheKey', value),
    },
    lockForKey: async () => (await app.locks()).acquire('cache-key', deadline),
    warn: app.log.warn,
    now: () => app.clock.now(),
  });
}

/** @returns undefined, after a warning, where nothing can be kept: then every process asks for itself */
export async function lockProfile(
  app: Pick<App, 'locks' | 'log' | 'paths'>,
  cache: TokenCache,
  call: TokenCall,
): Promise<Release | undefined> {
  let release: Release;
  try {
    release = await (await app.locks()).acquire(cacheLock(call.profile.name), call.deadline);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'io' || error.details.unsafe) throw error;
    app.log.warn(`the token is not cached: ${error.message}`);
    return undefined;
  }
  try {
    if (await isGone(app, call)) {
      app.log.warn(`the token is not cached: profile '${call.profile.name}' was removed meanwhile`);
    } else if (await ifCacheOpens(app, call, () => cache.prepare())) return release;
  } catch (error) {
    release();
    throw error;
  }
  release();
  return undefined;
}

/** A profile that was deleted or renamed since this call began; its cache must not come back. */
async function isGone({ paths }: Pick<App, 'paths'>, { profile }: TokenCall): Promise<boolean> {
  try {
    return !hasName(await readProfiles(paths), profile.name);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    // a file that cannot be read now does not prove that the profile is gone
    return false;
  }
}

/**
 * A cache that cannot be opened is no reason to fail, unless the credential is in the same store,
 * which would fail anyway.
 * @returns undefined, after a warning, where it cannot be opened
 */
export async function ifCacheOpens<T>(
  app: Pick<App, 'log'>,
  call: Pick<TokenCall, 'source'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const closed = error.code === 'store_unavailable' && !needsStore(call.source);
    if (error.details.unsafe || (!closed && error.code !== 'io')) throw error;
    const line = `the token is not cached: ${error.message}`;
    // in CI a credential from the environment without any store is the normal case
    if (isOfEnvironment(call.source)) app.log.verbose(line);
    else app.log.warn(line);
    return undefined;
  }
}

function isOfEnvironment(source: CredentialSource | undefined): boolean {
  if (source?.from !== 'reference') return source?.from === 'environment';
  const isOfMachine = 'file' in source.reference || 'command' in source.reference;
  return source.variable !== undefined || !isOfMachine;
}

function needsStore(source: CredentialSource | undefined): boolean {
  if (source?.from === 'file' || source?.from === 'reference') {
    return source.password.from === 'store';
  }
  return source?.from === 'store';
}

/** A token that was obtained is handed out, whatever becomes of the cache. */
export async function saveOrWarn(app: Pick<App, 'log'>, save: () => Promise<void>): Promise<void> {
  try {
    await save();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    app.log.warn(`the token is not cached: ${error.message}`);
  }
}

/**
 * What the cache knows a token by: the request, and who asks.
 * @param account of the person who signed in
 */
export function lookupOf({ request, source }: TokenCall, account?: string): TokenLookup {
  const { thumbprint, sendX5c } = request;
  const how = source?.kind === 'certificate' ? `:${thumbprint}:${sendX5c}` : '';
  const credential = source ? `${source.fingerprint}${how}` : 'public';
  return { ...request, credential, ...(account !== undefined && { account }) };
}

/**
 * A token as the cache keeps it.
 * @param session of the person, whose tenant is told where the profile leaves it open
 */
export function tokenRecordOf(
  { clock }: Pick<App, 'clock'>,
  { profile, request }: TokenCall,
  { accessToken, expiresOn, tokenType, scopes }: AcquiredToken,
  session?: SessionRecord,
): TokenRecord {
  const { clientId, flow } = request;
  const home = isSharedTenant(request.tenantId) ? session?.account.tenantId : undefined;
  return {
    accessToken,
    expiresOn,
    tokenType,
    scopes,
    obtainedOn: clock.now(),
    tenantId: home ?? request.tenantId,
    clientId,
    flow,
    ...(session && { account: accountName(session), accountId: session.account.id }),
    profileDigest: profileDigest(profile),
  };
}
