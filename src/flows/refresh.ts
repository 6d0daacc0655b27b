import { CliError } from '../core/errors.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import { isKnownAadsts } from '../entra/advice.ts';
import type { FlowContext, FlowRequest } from './flow.ts';
import { tokenRequest } from './flow.ts';

/** Redeems a refresh token (RFC 6749 section 6), for any resource and without a person. */
export async function refresh(
  request: FlowRequest,
  context: FlowContext,
  refreshToken: string,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  const client = await context.tokenClient();
  const asked = { ...tokenRequest(request, credential), refreshToken };
  return client.refresh(asked, context.deadline).catch((failure: unknown) => {
    throw asEnded(failure) ?? asUncovered(failure, request) ?? failure;
  });
}

/** `invalid_grant` without a number that says otherwise: the refresh token is no good any more. */
function asEnded(failure: unknown): CliError | undefined {
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
function asUncovered(failure: unknown, { authority }: FlowRequest): CliError | undefined {
  if (authority.protocol !== 'oidc' || !(failure instanceof CliError)) return undefined;
  if (failure.details.oauthError !== 'invalid_scope') return undefined;
  return new CliError('interaction_required', failure.message, {
    ...failure.details,
    cause: failure,
  });
}
