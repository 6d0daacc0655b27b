import { CliError } from '../../core/errors.ts';
import type { AcquiredToken, RotatedToken } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import { renewToken } from '../../flows/index.ts';
import type { RefreshToken } from '../../flows/refresh.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import { tryCredentials } from '../credentials/try-credentials.ts';
import type { ObtainedToken } from './cached-token.ts';
import { saveOrWarn, tokenRecordOf } from './profile-cache.ts';
import { checkSamePerson, mismatchOf, sessionOf } from './session.ts';
import { flowContext, type TokenCall } from './token-call.ts';

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
  const { profile, request, source, deadline } = call;
  if (!source) return renewToken(request, flowContext(app, call), refresh);
  return tryCredentials(app, profile, source, deadline, (credential) =>
    renewToken(request, flowContext(app, call, credential), refresh),
  );
}

/** True if the refresh token was refused for good; it stays valid if a person has to do something. */
function isExpired(failure: unknown): boolean {
  return failure instanceof CliError && failure.code === 'token_expired';
}
