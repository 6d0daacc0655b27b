import { isStoppedByCi } from '../../core/ci.ts';
import { CliError } from '../../core/errors.ts';
import type { App, Release } from '../../core/ports.ts';
import { NOT_MEANT, setAsideVariable } from '../../profiles/choose-flow.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import { cachedOrRequested, findCached, type TokenResult } from './cached-token.ts';
import { ifCacheOpens, lookupOf, openProfileCache } from './profile-cache.ts';
import { isOfAnother, mismatchOf } from './session.ts';
import type { TokenCall } from './token-call.ts';
import { isForPerson } from './token-options.ts';

const PERSON_HELPS = ['interaction_required', 'token_expired'];

/** A person's token: silently if that is possible, else the person is asked, if there is one. */
export async function obtainUserToken(app: App, call: TokenCall): Promise<TokenResult> {
  const cache = await openUserCache(app, call);
  // `--prompt` wants a page to be shown, so that nothing silent will do
  const wantsPage = isForPerson(call.options.prompt);
  const silent = cache && !wantsPage ? () => renewSilently(app, cache, call) : undefined;
  const session = () => cache && ifCacheOpens(app, call, () => cache.session());
  const before = call.mayAsk ? JSON.stringify(await session()) : undefined;
  const found = (await silent?.()) ?? notSignedIn(call);
  if (!(found instanceof CliError)) return found;
  if (!call.mayAsk) throw needsPerson(app, found, call);
  return oneAtATime(app, cache, call, async () => {
    const isSame = JSON.stringify(await session()) === before;
    const meanwhile = (isSame ? undefined : await silent?.()) ?? found;
    if (!(meanwhile instanceof CliError)) return meanwhile;
    const { signIn } = await import('./sign-in.ts');
    // the second try does not send again what was refused, so its reason says less
    return signIn(app, cache, call, meanwhile.details.oauthError ? meanwhile : found);
  });
}

/** The same without ever asking. @throws CliError token_expired when only a new sign-in helps */
export async function refreshUserToken(app: App, call: TokenCall): Promise<TokenResult> {
  const cache = await openUserCache(app, call);
  const found = cache ? await renewSilently(app, cache, call) : notSignedIn(call);
  if (!(found instanceof CliError)) return found;
  const refused = found.details.oauthError !== undefined && found.code === 'interaction_required';
  throw needsPerson(app, found, call, refused ? 'interaction_required' : 'token_expired');
}

async function openUserCache(app: App, call: TokenCall): Promise<TokenCache | undefined> {
  if (!call.options.useCache) return undefined;
  if (!call.mayAsk) return openProfileCache(app, call);
  return ifCacheOpens(app, call, async () => {
    const cache = await openProfileCache(app, call);
    // tried once here, so that a store that cannot be opened costs one wait and one warning
    await cache.session();
    return cache;
  });
}

/**
 * A person's token without asking a person: from the cache, else by the refresh token, one request
 * for all processes that want the same.
 * @returns why a person is needed, as `interaction_required` or `token_expired`
 * @throws CliError whatever a person cannot help with
 */
async function renewSilently(
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

function notSignedIn({ profile, options }: TokenCall): CliError {
  const { prompt, useCache } = options;
  const why = useCache ? 'is not signed in' : 'cannot use its sign-in without the cache';
  const message = isForPerson(prompt)
    ? `--prompt ${prompt} is for a person`
    : `profile '${profile.name}' ${why}`;
  return new CliError('interaction_required', message);
}

/** One browser or device code per profile; never the lock under which tokens are renewed. */
async function oneAtATime<T>(
  app: App,
  cache: TokenCache | undefined,
  { profile, deadline }: TokenCall,
  work: () => Promise<T>,
): Promise<T> {
  if (!cache) return work();
  let release: Release = () => {};
  try {
    release = await (await app.locks()).acquire(`sign-in-${profile.name.toLowerCase()}`, deadline);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'io') throw error;
  }
  try {
    return await work();
  } finally {
    release();
  }
}

/**
 * The message ends with the command to run. The hint may be a link with which an administrator can
 * help.
 */
function needsPerson(
  app: Pick<App, 'env' | 'io'>,
  reason: CliError,
  { command, profile }: TokenCall,
  code: 'interaction_required' | 'token_expired' = 'interaction_required',
): CliError {
  const hint = reason.details.hint ?? command;
  const how = isStoppedByCi(app)
    ? 'nobody is asked while CI is set; unset it, then'
    : 'sign in with';
  // with the credential of that variable no person would be needed
  const aside = profile.flow === undefined && setAsideVariable(profile, app.env);
  const why = aside ? `${reason.message}, and ${aside} ${NOT_MEANT}` : reason.message;
  const message = `${why}; ${how}: ${command}`;
  return new CliError(code, message, { ...reason.details, hint, cause: reason });
}
