import type { Context } from 'oidc-provider';
import type { Directory } from './directory.ts';
import type { OidcModule } from './provider-module.ts';
import { fullScopes, split } from './scope-rules.ts';

export const PROTOCOL_SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/** Every application is consented to beforehand; a page for it comes only with prompt=consent. */
export function consentPolicy({ interactionPolicy }: OidcModule): object {
  const policy = interactionPolicy.base();
  policy.get('consent').checks.remove('native_client_prompt');
  return policy;
}

export async function grantEverything(directory: Directory, ctx: Context): Promise<object> {
  const grant = new ctx.oidc.provider.Grant({
    clientId: ctx.oidc.client?.clientId ?? '',
    accountId: ctx.oidc.session?.accountId ?? '',
  });
  grant.addOIDCScope(PROTOCOL_SCOPES.join(' '));
  for (const name of resourceNames(directory, ctx)) {
    grant.addResourceScope(name, everyScope(directory, name).join(' '));
  }
  await grant.save();
  return grant;
}

/**
 * One refresh token is good for every resource, and `offline_access` needs no consent page: both as
 * Entra has it, neither as OpenID Connect has it.
 * @param asked the scope of the request as it came
 */
export function widen(directory: Directory, ctx: Context, asked: string | undefined): void {
  const scopes = directory.resources.flatMap(({ uri }) => everyScope(directory, uri));
  ctx.oidc.params['scope'] = [...new Set([...split(asked), ...scopes])].join(' ');
}

export function everyScope(directory: Directory, name: string): string[] {
  const bare = name.replace(/\/$/, '');
  const resource = directory.resources.find(({ uri }) => uri === bare);
  return resource ? [...fullScopes(name, resource), ...resource.scopes] : [];
}

function resourceNames(directory: Directory, ctx: Context): string[] {
  const named: unknown = ctx.oidc.params['resource'];
  const asked = Array.isArray(named) ? named.map(String) : [];
  return [...new Set([...directory.resources.map(({ uri }) => uri), ...asked])];
}
