import { CliError } from '../../core/errors.ts';
import type { AcquiredToken, RotatedToken } from '../../core/oauth.ts';
import type { App, Release } from '../../core/ports.ts';
import { renewToken } from '../../flows/index.ts';
import type { RefreshToken } from '../../flows/refresh.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import { cacheLock } from '../../tokens/cache-file.ts';
import { tryCredentials } from '../credentials/try-credentials.ts';
import type { ObtainedToken } from './cached-token.ts';
import { lockProfile, saveOrWarn, tokenRecordOf } from './profile-cache.ts';
import { checkSamePerson, mismatchOf, sessionOf } from './session.ts';
import { flowContext, type TokenCall } from './token-call.ts';

/**
 * Locks the cache for `redeemRefreshToken`.
 * @returns undefined, after a warning, where nothing can be kept, and nothing needs to be
 * @throws CliError io, busy
 */
export async function lockToRedeem(
  app: App,
  cache: TokenCache,
  call: TokenCall,
): Promise<Release | undefined> {
  if (!mayRotate(call)) return lockProfile(app, cache, call);
  const locks = await app.locks();
  return orKeepUnused(call, () => locks.acquire(cacheLock(call.profile.name), call.deadline));
}

/**
 * Requests a token with the refresh token. The caller holds the lock of the cache, so that what the
 * cache says now is what counts.
 * @throws CliError token_expired, or interaction_required if a person is needed
 */
export async function redeemRefreshToken(
  app: App,
  cache: TokenCache,
  call: TokenCall,
): Promise<ObtainedToken> {
  const session = await cache.session();
  const mismatch = mismatchOf(session, call);
  if (!session || mismatch) throw mismatch;
  const { refreshToken } = session;
  if (refreshToken === undefined) {
    throw new CliError('token_expired', `the sign-in of profile '${call.profile.name}' has ended`);
  }
  // writes the file unchanged: if that fails, the next refresh token could not be saved either
  if (mayRotate(call)) await orKeepUnused(call, () => cache.save({}));
  app.log.registerSecret(refreshToken);
  const now = app.clock.now();
  const { refreshToken: _, refreshTokenExpiresOn: __, ...rest } = session;
  let isReplaced = false;
  const keep = async (rotated: RotatedToken) => {
    app.log.registerSecret(rotated.refreshToken);
    if (rotated.refreshToken === refreshToken) return;
    isReplaced = true;
    await saveOrWarn(app, () => cache.save({ session: { ...rest, ...rotated, renewedOn: now } }));
  };
  const answer = await redeem(app, call, { refreshToken, keep }).catch(async (failure: unknown) => {
    // refused for good; a refusal beside a new refresh token says nothing about that one, and where a
    // person has to do something, the refresh token stays valid
    const isExpired = failure instanceof CliError && failure.code === 'token_expired';
    if (isExpired && !isReplaced) await saveOrWarn(app, () => cache.save({ session: rest }));
    throw failure;
  });
  const renewed = sessionOf(call, answer.signedIn, now, session);
  checkSamePerson(session, renewed, call);
  return { token: tokenRecordOf(app, call, answer, renewed), session: renewed };
}

/**
 * True if the server may rotate refresh tokens, so that each can be used once (RFC 9700 section 4.14.2).
 * Those of Entra stay valid when they are used.
 */
function mayRotate({ request }: TokenCall): boolean {
  return request.authority.protocol === 'oidc';
}

/** @throws CliError io, which says that the refresh token was not used */
async function orKeepUnused<T>({ profile }: TokenCall, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'io' || error.details.unsafe) throw error;
    const why = `the refresh token of profile '${profile.name}' is not used, because the next one could not be kept`;
    throw error.with({ message: `${why}: ${error.message}` });
  }
}

async function redeem(app: App, call: TokenCall, refresh: RefreshToken): Promise<AcquiredToken> {
  const { profile, request, source, deadline } = call;
  if (!source) return renewToken(request, flowContext(app, call), refresh);
  return tryCredentials(app, profile, source, deadline, (credential) =>
    renewToken(request, flowContext(app, call, credential), refresh),
  );
}
