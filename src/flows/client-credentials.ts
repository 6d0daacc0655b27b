import { CliError } from '../core/errors.ts';
import type { AcquiredToken, TokenRequest } from '../core/oauth.ts';
import type { FlowContext } from './flow.ts';

/** OAuth 2.0 client credentials (RFC 6749 section 4.4): the app signs in as itself. */
export async function clientCredentials(
  request: TokenRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  if (!credential) {
    const { name } = context.profile;
    throw new CliError('interaction_required', `profile ${name} has no credential`, {
      hint: `tokencli config edit -p ${name}`,
    });
  }
  const client = await context.tokenClient();
  return client.clientCredentials({ ...request, credential }, context.deadline);
}
