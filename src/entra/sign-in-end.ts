import type { CliError } from '../core/errors.ts';

/**
 * Entra's numbers for a refresh token that is no good anywhere any more. Every other number may
 * speak of one tenant, one resource or one policy, and the refresh token still serves elsewhere.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const NUMBERS: readonly number[] = [
  70000, // InvalidGrant: the refresh token is not valid
  70008, // ExpiredOrRevokedGrant
  70043, // BadTokenDueToSignInFrequency
  700081, // the longest life of a refresh token is over
  700082, // ExpiredOrRevokedGrantInactiveToken
  700084, // the fixed life of a refresh token of a single-page app is over
  50173, // FreshTokenNeeded: revoked, for example by a new password
];
/** Entra's words for the same, which come with any number. */
const SUBERRORS: readonly string[] = ['bad_token', 'token_expired'];

/** Entra's words for a personal account that has not granted a scope, which also get the number 70000. */
const ABOUT_SCOPES = /\bscopes? requested\b/;
/** The numbers of Azure AD B2C are in its words alone; these two: the grant has expired, was revoked. */
const B2C_NUMBER = /AADB2C(\d+)/;
const B2C_ENDS: readonly string[] = ['90080', '90129'];

/** True if the refusal of a refresh token means for certain that the token has ended. */
export function endsSignIn({ message, details }: Pick<CliError, 'message' | 'details'>): boolean {
  const { oauthError, aadsts, suberror } = details;
  if (suberror !== undefined && SUBERRORS.includes(suberror)) return true;
  if (aadsts !== undefined) return NUMBERS.includes(aadsts) && !ABOUT_SCOPES.test(message);
  const [, ofB2c] = B2C_NUMBER.exec(message) ?? [];
  if (ofB2c !== undefined) return B2C_ENDS.includes(ofB2c);
  // an issuer that says no more than RFC 6749 section 5.2: "invalid, expired, revoked"
  return oauthError === 'invalid_grant' && suberror === undefined;
}
