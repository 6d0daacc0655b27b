import type { App } from '../../core/ports.ts';
import { lockProfile, lookupOf, openProfileCache } from './profile-cache.ts';
import type { TokenCall } from './token-call.ts';

/**
 * Removes a call's access token from the cache, so that the next call gets a fresh one. The sign-in
 * and all other tokens stay.
 * @param refused the token that was found to be useless; another one in its place stays
 * @throws CliError store_unavailable, io, busy
 */
export async function dropCachedToken(
  app: App,
  call: TokenCall,
  refused: string | undefined,
): Promise<void> {
  if (!call.options.useCache) return;
  const cache = await openProfileCache(app, call);
  const isApp = call.request.flow === 'ClientCredentials';
  const lookup = lookupOf(call, isApp ? undefined : (await cache.session())?.account.id);
  const isThere = async () => {
    const found = await cache.find(lookup);
    return found !== undefined && (refused === undefined || found.accessToken === refused);
  };
  if (!(await isThere())) return;
  const release = await lockProfile(app, cache, call);
  try {
    if (release && (await isThere())) await cache.save({ drop: lookup });
  } finally {
    release?.();
  }
}
