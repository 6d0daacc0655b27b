import { CliError } from '../../core/errors.ts';
import type { AcquiredToken, RotatedToken } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import type { RefreshToken } from '../../flows/refresh.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import type { TokenRecord } from '../../tokens/records.ts';
import type { FlightResult } from '../../tokens/single-flight.ts';
import { tryCredentials } from '../credentials/try-credentials.ts';
import { cachedOrRequested, findCached, type ObtainedToken } from './cached-token.ts';
import { ifCacheOpens, lookupOf, saveOrWarn, tokenRecordOf } from './profile-cache.ts';
import { checkSamePerson, isOfAnother, mismatchOf, sessionOf } from './session.ts';
import { flowContext, type TokenCall } from './token-call.ts';
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
): Promise<FlightResult<TokenRecord> | CliError> {
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
    return await cachedOrRequested(app, cache, call, lookup, () => renew(app, cache, call));
  } catch (failure) {
    if (failure instanceof CliError && PERSON_HELPS.includes(failure.code)) return failure;
    throw failure;
  }
}

/** The lock is held: what the cache says now is what counts. */
async function renew(app: App, cache: TokenCache, call: TokenCall): Promise<ObtainedToken> {
  const session = await cache.session();
  const mismatch = mismatchOf(session, call);
  if (mismatch || !session) throw mismatch ?? notSignedIn(call);
  const { refreshToken } = session;
  if (refreshToken === undefined) {
    throw new CliError('token_expired', `the sign-in of profile '${call.profile.name}' has ended`);
  }
  app.log.registerSecret(refreshToken);
  const now = app.clock.now();
  const { refreshToken: _, refreshTokenExpiresOn: __, ...rest } = session;
  const keep = async (rotated: RotatedToken) => {
    app.log.registerSecret(rotated.refreshToken);
    if (rotated.refreshToken === refreshToken) return;
    await saveOrWarn(app, () => cache.save({ session: { ...rest, ...rotated, renewedOn: now } }));
  };
  const answer = await redeem(app, call, { refreshToken, keep }).catch(async (failure) => {
    if (isExpired(failure)) await saveOrWarn(app, () => cache.save({ session: rest }));
    throw failure;
  });
  const renewed = sessionOf(call, answer.signedIn, now, session);
  checkSamePerson(session, renewed, call);
  return { token: tokenRecordOf(app, call, answer, renewed), session: renewed };
}

async function redeem(app: App, call: TokenCall, refresh: RefreshToken): Promise<AcquiredToken> {
  const { renewToken } = await import('../../flows/index.ts');
  const { profile, request, source, deadline } = call;
  if (!source) return renewToken(request, flowContext(app, call), refresh);
  return tryCredentials(app, profile, source, deadline, (credential) =>
    renewToken(request, flowContext(app, call, credential), refresh),
  );
}

/** Refused for good; what asks for a second factor or consent leaves the refresh token alive. */
function isExpired(failure: unknown): boolean {
  return failure instanceof CliError && failure.code === 'token_expired';
}

export function notSignedIn({ profile, options }: TokenCall): CliError {
  const { prompt, useCache } = options;
  const why = useCache ? 'is not signed in' : 'cannot use its sign-in without the cache';
  const message = isForPerson(prompt)
    ? `--prompt ${prompt} is for a person`
    : `profile '${profile.name}' ${why}`;
  return new CliError('interaction_required', message);
}
