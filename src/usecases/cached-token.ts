import { isAbsolute } from 'node:path';
import type { Deadline } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import type { App, Release } from '../core/ports.ts';
import type { ProfilesFile } from '../profiles/store.ts';
import { openVault, storeKindOf } from '../secrets/vault.ts';
import { openCache, type TokenCache } from '../tokens/cache.ts';
import { cacheLock } from '../tokens/cache-file.ts';
import type { EntryParts } from '../tokens/entry-key.ts';
import { markFile, markOf } from '../tokens/file-mark.ts';
import { lifeLeft, type PlainFacts, type TokenRecord } from '../tokens/records.ts';
import { type Landing, singleFlight } from '../tokens/single-flight.ts';
import type { CredentialSource } from './credential.ts';
import type { TokenOptions } from './token-options.ts';
import type { TokenTarget } from './token-target.ts';

/** With less than this a token is not worth handing out even when the network is down. */
const SPARE_SECONDS = 60;

export interface Wanted {
  readonly file: ProfilesFile;
  readonly target: TokenTarget;
  readonly source: CredentialSource;
  readonly options: TokenOptions;
  readonly deadline: Deadline;
  request(): Promise<AcquiredToken>;
}

/** The token from the cache, else by one request for all processes that want the same. */
export async function obtainToken(app: App, wanted: Wanted): Promise<Landing<TokenRecord>> {
  const { target, source, options, deadline } = wanted;
  const request = async () => toRecord(app, wanted, await wanted.request());
  if (!options.useCache) return { result: await request(), fromCache: false };

  const cache = await forgiving(app, source, () => openProfileCache(app, wanted));
  if (!cache) return { result: await request(), fromCache: false };
  const parts = partsOf(target, source, options);
  let spare: TokenRecord | undefined;
  try {
    return await singleFlight<TokenRecord>({
      now: () => app.clock.now(),
      find: async (waitedSince) => {
        const found = await forgiving(app, source, () => cache.find(parts));
        if (found && lifeLeft(found, app.clock.now()) > SPARE_SECONDS) spare = found;
        return found && willDo(found, options, app.clock.now(), waitedSince) ? found : undefined;
      },
      lock: () => lockProfile(app, cache, wanted),
      request,
      save: (record) => keep(app, () => cache.save(parts, record, plainOf(app, wanted))),
    });
  } catch (failure) {
    const offline = failure instanceof CliError && failure.code === 'network';
    if (!spare || !offline || options.force || options.minTtlIsFirm || deadline.signal.aborted) {
      throw failure;
    }
    app.talk.warn(`${failure.message}; using the cached token, which ends soon`);
    return { result: spare, fromCache: true };
  }
}

/** Enough life left; or just obtained by the process that this one waited for. */
function willDo(
  record: TokenRecord,
  { force, minTtl }: TokenOptions,
  now: number,
  waitedSince: number | undefined,
): boolean {
  const life = lifeLeft(record, now);
  if (waitedSince !== undefined && record.obtainedOn >= waitedSince) return life > 0;
  return !force && life > 0 && life >= minTtl;
}

async function openProfileCache(app: App, { file, target, deadline }: Wanted): Promise<TokenCache> {
  const vault = openVault(await app.secretStore(storeKindOf(app.env, file.store)));
  return openCache({
    folder: app.paths.cacheFolder,
    profile: target.profile.name,
    profileDigest: file.digestOf(target.profile),
    keys: {
      kind: vault.store.kind,
      read: (id) => vault.read('cacheKey', id),
      save: (value) => vault.save('cacheKey', value),
    },
    lockForKey: async () => (await app.locks()).acquire('cache-key', deadline),
    warn: app.talk.warn,
    now: () => app.clock.now(),
  });
}

/** @returns undefined, after a warning, where nothing can be kept: then everybody asks alone */
async function lockProfile(
  app: App,
  cache: TokenCache,
  { target, source, deadline }: Wanted,
): Promise<Release | undefined> {
  let release: Release;
  try {
    release = await (await app.locks()).acquire(cacheLock(target.profile.name), deadline);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'io') throw error;
    app.talk.warn(`the token is not cached: ${error.message}`);
    return undefined;
  }
  try {
    if (await forgiving(app, source, () => cache.prepare())) return release;
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
async function forgiving<T>(
  app: App,
  source: CredentialSource,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const closed = error.code === 'store_unavailable' && !needsStore(source);
    if (!closed && error.code !== 'io') throw error;
    const line = `the token is not cached: ${error.message}`;
    // in CI a credential from the environment without any store is the normal case
    if (source.from === 'environment') app.talk.verbose(line);
    else app.talk.warn(line);
    return undefined;
  }
}

function needsStore(source: CredentialSource): boolean {
  return source.from === 'store' || (source.from === 'file' && source.password.from === 'store');
}

/** A token that was obtained is handed out, whatever becomes of the cache. */
async function keep(app: App, save: () => Promise<void>): Promise<void> {
  try {
    await save();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    app.talk.warn(`the token is not cached: ${error.message}`);
  }
}

function partsOf(
  { authority, tenantId, clientId, flow, scopes, sendX5c, thumbprint }: TokenTarget,
  source: CredentialSource,
  { claims }: TokenOptions,
): EntryParts {
  const how = source.kind === 'certificate' ? `:${thumbprint}:${sendX5c}` : '';
  return {
    authority: authority.url,
    tenantId,
    clientId,
    flow,
    scopes,
    credential: `${source.fingerprint}${how}`,
    ...(claims !== undefined && { claims }),
  };
}

function toRecord(app: App, { file, target }: Wanted, token: AcquiredToken): TokenRecord {
  const { tenantId, clientId, flow, profile } = target;
  const obtainedOn = app.clock.now();
  return { ...token, obtainedOn, tenantId, clientId, flow, profileDigest: file.digestOf(profile) };
}

/** What the quick lane needs to answer the same call without flags; nothing if it must not. */
function plainOf(app: App, wanted: Wanted): PlainFacts | undefined {
  const { target, source, options, file } = wanted;
  if (!target.plain || options.claims !== undefined || !file.identity) return undefined;
  const facts = {
    profilesFile: markOf(file.identity),
    userHome: app.userHome,
    ...(file.store && { configuredStore: file.store }),
  };
  if (source.from === 'environment') return undefined;
  // two files to watch would be one too many
  if (source.spares?.some(({ from }) => from === 'file')) return undefined;
  if (source.from === 'store') return facts;
  // which file a relative path means depends on the folder of the call
  const written = target.profile.certificatePath ?? '';
  const fixed = isAbsolute(written) || written.startsWith('~');
  const outside = source.variable !== undefined || source.password.from === 'environment';
  const mark = markFile(source.path);
  if (!fixed || outside || mark === undefined) return undefined;
  return { ...facts, certificateFile: { path: source.path, mark } };
}
