import type { AuthenticationResult } from '@azure/msal-node';
import { CliError } from '../../core/errors.ts';
import type { Account, AcquiredToken, SignedIn } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import type { TokenResponse } from '../../entra/token-response.ts';
import { rotatedToken } from './network.ts';

/**
 * Our own record of an answer: the tokens as the server sent them, the account as MSAL read it.
 * @param sentOn seconds since the epoch; lives are counted from when the request was sent
 */
export function toAcquiredToken(
  { log }: Pick<App, 'log'>,
  answer: TokenResponse,
  result: AuthenticationResult | null,
  sentOn: number,
): AcquiredToken {
  log.registerSecret(answer.accessToken);
  if (answer.refreshToken) log.registerSecret(answer.refreshToken);
  if (result?.idToken) log.registerSecret(result.idToken);
  const { accessToken, tokenType, scopes, expiresIn } = answer;
  const signedIn = signedInOf(answer, result, sentOn);
  return {
    accessToken,
    tokenType,
    scopes,
    expiresOn: Math.floor(sentOn + expiresIn),
    ...(signedIn && { signedIn }),
  };
}

function signedInOf(
  answer: TokenResponse,
  result: AuthenticationResult | null,
  sentOn: number,
): SignedIn | undefined {
  const account = accountOf(result);
  const rotated = rotatedToken(answer, sentOn);
  if (!account && !rotated) return undefined;
  return { ...(account && { account }), ...rotated };
}

function accountOf(result: AuthenticationResult | null): Account | undefined {
  const account = result?.account;
  if (!account) return undefined;
  const { homeAccountId, localAccountId, username, tenantId } = account;
  const id = homeAccountId || localAccountId;
  if (!id) return undefined;
  return { id, ...(username && { username }), ...(tenantId && { tenantId }) };
}

/** The token itself was checked, so it is what tells who signed in that cannot be read. */
export function refusalToRead(cause: unknown): CliError {
  if (codeOf(cause) === 'nonce_mismatch') {
    return new CliError('auth_failed', 'the id token answers another sign-in: refused', { cause });
  }
  return new CliError('network', 'the identity provider answered with an unreadable id token', {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
    cause,
  });
}

/** MSAL's own complaints name a code and a link; what they are about was checked before. */
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
