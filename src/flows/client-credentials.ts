import { CliError } from '../core/errors.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import { isSharedTenant } from '../core/tenant.ts';
import { checkAppScopes } from '../entra/scopes.ts';
import type { FlowContext, FlowRequest } from './flow.ts';
import { tokenRequest } from './flow.ts';

/** OAuth 2.0 client credentials (RFC 6749 section 4.4): the app signs in as itself. */
export async function clientCredentials(
  request: FlowRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  if (request.authority.protocol === 'entra') check(request);
  const credential = await context.credential();
  if (!credential) {
    throw new CliError('interaction_required', `profile ${request.profile} has no credential`, {
      hint: `tokencli config edit -p ${request.profile}`,
    });
  }
  const client = await context.tokenClient();
  return client.clientCredentials(
    { ...tokenRequest(request, undefined), credential },
    context.deadline,
  );
}

function check({ scopes, tenantId }: FlowRequest): void {
  const problem = checkAppScopes(scopes);
  if (problem !== undefined) throw new CliError('usage', problem);
  if (isSharedTenant(tenantId)) {
    throw new CliError('usage', `ClientCredentials needs a tenant of its own, not '${tenantId}'`, {
      hint: '--tenant TENANT, by its GUID or domain',
    });
  }
}
