import { CliError } from '../../core/errors.ts';

/** The token itself was checked, so it is what tells who signed in that cannot be read. */
export function unreadableIdToken(cause: unknown): CliError {
  if (codeOf(cause) === 'nonce_mismatch') {
    return new CliError('auth_failed', 'the id token answers another sign-in: refused', { cause });
  }
  return new CliError('network', 'the identity provider answered with an unreadable id token', {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
    cause,
  });
}

/** MSAL's own complaints name a code and a link; what they are about was checked before. */
export function foreignError(cause: unknown): CliError {
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
