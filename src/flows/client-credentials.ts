import { CliError } from '../core/errors.ts';
import type { AcquiredToken, TokenRequest } from '../core/oauth.ts';
import { isSharedTenant } from '../core/tenant.ts';
import { checkAppScopes } from '../entra/scopes.ts';
import type { FlowContext } from './flow.ts';

/** OAuth 2.0 client credentials (RFC 6749 section 4.4): the app signs in as itself. */
export async function clientCredentials(
  request: TokenRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  if (request.authority.protocol === 'entra') checkEntraRequest(request);
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

function checkEntraRequest({ scopes, tenantId }: TokenRequest): void {
  const problem = checkAppScopes(scopes);
  if (problem !== undefined) throw new CliError('usage', problem);
  if (isSharedTenant(tenantId)) {
    throw new CliError('usage', `ClientCredentials needs a tenant of its own, not '${tenantId}'`, {
      hint: '--tenant TENANT, by its GUID or domain',
    });
  }
}
