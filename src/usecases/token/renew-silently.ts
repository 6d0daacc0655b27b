import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import { cachedOrRequested, findCached, type TokenResult } from './cached-token.ts';
import { ifCacheOpens, lookupOf } from './profile-cache.ts';
import { isOfAnother, mismatchOf } from './session.ts';
import type { TokenCall } from './token-call.ts';
import { isForPerson } from './token-options.ts';

const PERSON_HELPS = ['interaction_required', 'token_expired'];

/**
 * A person's token without asking a person: from the cache, else by the refresh token, one request
 * for all processes that want the same.
 * @returns why a person is needed, as `interaction_required` or `token_expired`
 * @throws CliError whatever a person cannot help with
 */
export async function renewSilently(
  app: App,
  cache: TokenCache,
  call: TokenCall,
): Promise<TokenResult | CliError> {
  // where nobody can be asked, a cache that cannot be opened is the reason to tell
  const session = call.mayAsk
    ? await ifCacheOpens(app, call, () => cache.session())
    : await cache.session();
  if (!session) return notSignedIn(call);
  const mismatch = mismatchOf(session, call);
  if (mismatch && isOfAnother(session, call.request)) return mismatch;
  const lookup = lookupOf(call, session.account.id);
  if (mismatch) {
    // the sign-in took the place of another one, whose tokens live on
    const there = await findCached(app, cache, call, lookup);
    return there ? { result: there, fromCache: true } : mismatch;
  }
  try {
    const renewal = () => import('./redeem-refresh-token.ts');
    return await cachedOrRequested(app, cache, call, lookup, {
      lock: async () => (await renewal()).lockToRedeem(app, cache, call),
      request: async () => (await renewal()).redeemRefreshToken(app, cache, call),
    });
  } catch (failure) {
    if (failure instanceof CliError && PERSON_HELPS.includes(failure.code)) return failure;
    throw failure;
  }
}

export function notSignedIn({ profile, options }: TokenCall): CliError {
  const { prompt, useCache } = options;
  const why = useCache ? 'is not signed in' : 'cannot use its sign-in without the cache';
  const message = isForPerson(prompt)
    ? `--prompt ${prompt} is for a person`
    : `profile '${profile.name}' ${why}`;
  return new CliError('interaction_required', message);
}
