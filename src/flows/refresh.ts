import { CliError } from '../core/errors.ts';
import type { AcquiredToken, RefreshRequest, TokenRequest } from '../core/oauth.ts';
import { isKnownAadsts } from '../entra/advice.ts';
import type { FlowContext } from './flow.ts';

/** The refresh token to redeem, and who takes the one that comes back. */
export type RefreshToken = Pick<RefreshRequest, 'refreshToken' | 'keep'>;

/** Redeems a refresh token (RFC 6749 section 6), for any resource and without a person. */
export async function redeemRefreshToken(
  request: TokenRequest,
  context: FlowContext,
  refresh: RefreshToken,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  const client = await context.tokenClient();
  const asked = { ...request, ...(credential && { credential }), ...refresh };
  return client.refresh(asked, context.deadline).catch((failure: unknown) => {
    throw asTokenExpired(failure) ?? asConsentRequired(failure, request) ?? failure;
  });
}

/** `invalid_grant` without a number that says otherwise: the refresh token is no good any more. */
function asTokenExpired(failure: unknown): CliError | undefined {
  if (!(failure instanceof CliError) || failure.code !== 'auth_failed') return undefined;
  const { oauthError, aadsts } = failure.details;
  if (oauthError !== 'invalid_grant') return undefined;
  const isOfToken = aadsts === undefined || !(isKnownAadsts(aadsts) || isPolicy(aadsts));
  if (!isOfToken) return undefined;
  return new CliError('token_expired', failure.message, { ...failure.details, cause: failure });
}

/** Conditional Access has the numbers from 53000 and 530000: one resource is closed, others are not. */
function isPolicy(aadsts: number): boolean {
  return /^53\d{3,4}$/.test(String(aadsts));
}

/** A generic issuer renews what the person has agreed to before, and nothing beyond. */
function asConsentRequired(
  failure: unknown,
  { authority }: Pick<TokenRequest, 'authority'>,
): CliError | undefined {
  if (authority.protocol !== 'oidc' || !(failure instanceof CliError)) return undefined;
  if (failure.details.oauthError !== 'invalid_scope') return undefined;
  return new CliError('interaction_required', failure.message, {
    ...failure.details,
    cause: failure,
  });
}
