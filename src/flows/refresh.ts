import { CliError } from '../core/errors.ts';
import type { AcquiredToken, TokenRequest } from '../core/oauth.ts';
import { isKnownAadsts } from '../entra/advice.ts';
import type { FlowContext } from './flow.ts';

/** Redeems a refresh token (RFC 6749 section 6). */
export async function refresh(
  request: TokenRequest,
  context: FlowContext,
  refreshToken: string,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  const client = await context.tokenClient();
  const asked = { ...request, ...(credential && { credential }), refreshToken };
  return client.refresh(asked, context.deadline).catch((failure: unknown) => {
    throw asTokenExpired(failure) ?? asConsentRequired(failure, request) ?? failure;
  });
}

/** `invalid_grant` means that the refresh token has expired, unless an AADSTS number says otherwise. */
function asTokenExpired(failure: unknown): CliError | undefined {
  if (!(failure instanceof CliError) || failure.code !== 'auth_failed') return undefined;
  const { oauthError, aadsts } = failure.details;
  if (oauthError !== 'invalid_grant') return undefined;
  if (aadsts !== undefined && (isKnownAadsts(aadsts) || isPolicy(aadsts))) return undefined;
  return new CliError('token_expired', failure.message, { ...failure.details, cause: failure });
}

/** Conditional Access (53xxx, 53xxxx) closes one resource; the refresh token is good for others. */
function isPolicy(aadsts: number): boolean {
  return /^53\d{3,4}$/.test(String(aadsts));
}

/** At a generic issuer `invalid_scope` means that the person has not consented to a scope. */
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
