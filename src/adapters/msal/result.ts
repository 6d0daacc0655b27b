import type { AuthenticationResult } from '@azure/msal-node';
import { CliError } from '../../core/errors.ts';
import type { Account, AcquiredToken } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import { CHECK_AUTHORITY_HINT } from '../../entra/oauth-error.ts';
import type { TokenResponse } from '../../entra/token-response.ts';

/** Joins the tokens of the server's response and the account that MSAL read from the id token. */
export function toAcquiredToken(
  { log }: Pick<App, 'log'>,
  { rotated, ...token }: TokenResponse,
  result: AuthenticationResult | null,
): AcquiredToken {
  log.registerSecret(token.accessToken);
  if (rotated) log.registerSecret(rotated.refreshToken);
  if (result?.idToken) log.registerSecret(result.idToken);
  const account = accountOf(result);
  if (!account && !rotated) return token;
  return { ...token, signedIn: { ...(account && { account }), ...rotated } };
}

function accountOf(result: AuthenticationResult | null): Account | undefined {
  const account = result?.account;
  const id = textOf(account?.homeAccountId || account?.localAccountId);
  const [username, tenantId] = [textOf(account?.username), textOf(account?.tenantId)];
  if (!id) return undefined;
  return { id, ...(username && { username }), ...(tenantId && { tenantId }) };
}

/** MSAL hands on what the claims are, although its types promise text. */
function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim : undefined;
}

/** MSAL's error after a valid token response can only be about the id token. */
export function idTokenError(cause: unknown): CliError {
  if (codeOf(cause) === 'nonce_mismatch') {
    return new CliError('auth_failed', 'the id token answers another sign-in: refused', { cause });
  }
  return new CliError('network', 'the identity provider answered with an unreadable id token', {
    hint: CHECK_AUTHORITY_HINT,
    cause,
  });
}

/** A fault in tokencli, which checks everything before MSAL does. */
export function unexpectedFailure(cause: unknown): CliError {
  if (cause instanceof CliError) return cause;
  const what = codeOf(cause) ?? (cause instanceof Error ? cause.message : 'no result');
  return new CliError('unexpected', `unexpected: MSAL failed with ${what}`, {
    hint: 'run again with --debug and report what it says',
    cause,
  });
}

function codeOf(cause: unknown): string | undefined {
  const code = (cause as { errorCode?: unknown } | undefined)?.errorCode;
  return typeof code === 'string' ? code : undefined;
}
