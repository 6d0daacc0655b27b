import { CliError } from '../core/errors.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import { isSharedTenant } from '../core/tenant.ts';
import { checkAppScopes } from '../entra/scopes.ts';
import type { FlowContext, FlowRequest } from './flow.ts';

/** OAuth 2.0 client credentials (RFC 6749 section 4.4): the app signs in as itself. */
export async function clientCredentials(
  request: FlowRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  if (request.authority.protocol === 'entra') check(request);
  const { authority, clientId, scopes, claims, sendX5c, thumbprint } = request;
  const credential = await context.credential();
  const client = await context.tokenClient();
  return client.clientCredentials(
    {
      authority,
      clientId,
      scopes,
      credential,
      sendX5c,
      thumbprint,
      ...(claims !== undefined && { claims }),
    },
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
