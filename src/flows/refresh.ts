import { CliError, type ErrorCode } from '../core/errors.ts';
import type { AcquiredToken, RefreshRequest, TokenRequest } from '../core/oauth.ts';
import { isKnownAadsts } from '../entra/advice.ts';
import { endsSignIn } from '../entra/sign-in-end.ts';
import type { FlowContext } from './flow.ts';

/** The refresh token to redeem, and who takes the one that comes back. */
export type RefreshToken = Pick<RefreshRequest, 'refreshToken' | 'keep'>;

/** Redeems a refresh token (RFC 6749 section 6). */
export async function redeemRefreshToken(
  request: TokenRequest,
  context: FlowContext,
  refresh: RefreshToken,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  const client = await context.tokenClient();
  const asked = { ...request, credential, ...refresh };
  return client.refresh(asked, context.deadline).catch((failure: unknown) => {
    const code = failure instanceof CliError && codeOfRefusal(failure, request);
    throw code ? failure.with({ code }) : failure;
  });
}

/** Errors about the client itself or its grant, which a new sign-in would not change. */
const CLIENT_ERRORS = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type'];

/**
 * @returns `token_expired` if the refresh token has ended, `interaction_required` if a person may
 *   get further than the refresh token did; undefined if the failure keeps its code
 */
function codeOfRefusal(
  failure: CliError,
  { authority }: Pick<TokenRequest, 'authority'>,
): ErrorCode | undefined {
  const { code, details } = failure;
  if (code !== 'auth_failed') return undefined;
  const { oauthError, aadsts } = details;
  if (oauthError === undefined) {
    // HTTP 400 or 401 without an OAuth error: sending the same request again would never help
    return details.status === undefined ? undefined : 'interaction_required';
  }
  if (endsSignIn(failure)) return 'token_expired';
  if (aadsts !== undefined) {
    const isExplained = isKnownAadsts(aadsts) || isPolicy(aadsts);
    return oauthError === 'invalid_grant' && !isExplained ? 'interaction_required' : undefined;
  }
  const mayBePersonal = authority.protocol === 'oidc' && !CLIENT_ERRORS.includes(oauthError);
  return mayBePersonal ? 'interaction_required' : undefined;
}

/** Conditional Access (53xxx, 53xxxx) closes one resource; the refresh token is good for others. */
function isPolicy(aadsts: number): boolean {
  return /^53\d{3,4}$/.test(String(aadsts));
}
