import type { Context } from 'oidc-provider';
import { challenges, metBySigningIn } from './access-policy.ts';
import type { Directory } from './directory.ts';
import { consentsOf } from './memory.ts';
import { fullName, fullScopes, PROTOCOL_SCOPES, split, userResource } from './scope-rules.ts';

/** Entra lets every sign-in through that got this far: what it is good for, a token request tells. */
export async function grantEverything(directory: Directory, ctx: Context): Promise<object> {
  const client = ctx.oidc.client?.clientId ?? '';
  const account = ctx.oidc.session?.accountId ?? '';
  const grant = new ctx.oidc.provider.Grant({ clientId: client, accountId: account });
  grant.addOIDCScope(PROTOCOL_SCOPES.join(' '));
  for (const name of resourceNames(directory, ctx)) {
    grant.addResourceScope(name, everyScope(directory, name).join(' '));
  }
  const scope = ctx.oidc.params['asked_scope'] ?? '';
  const found = userResource(scope, directory.resources);
  const met = 'number' in found ? [] : metBySigningIn(directory, found.resource.uri);
  const passed = [...challenges(ctx.oidc.params['asked_claims']), ...met];
  const id = await grant.save();
  const family = { account, client, scope, passed: new Set(passed), revoked: false };
  directory.memory.families.set(id, family);
  return grant;
}

/**
 * One refresh token is good for every resource, and `offline_access` needs no consent page: both as
 * Entra has it, neither as OpenID Connect has it.
 * @param asked the request as it came
 */
export function widen(directory: Directory, ctx: Context, asked: Context['query']): void {
  const scopes = resourceNames(directory, ctx).flatMap((name) => everyScope(directory, name));
  ctx.oidc.params['asked_scope'] = asked['scope'];
  ctx.oidc.params['asked_claims'] = asked['claims'];
  ctx.oidc.params['scope'] = [...new Set([...split(asked['scope']), ...scopes])].join(' ');
}

/** Every resource by both its names: a slash at the end makes another audience. */
export function resourceNames(directory: Directory, ctx: Context): string[] {
  const named: unknown = ctx.oidc.params['resource'];
  const asked = Array.isArray(named) ? named.map(String) : [];
  const known = directory.resources.flatMap(({ uri }) => [uri, `${uri}/`]);
  return [...new Set([...known, ...asked])];
}

export function everyScope(directory: Directory, name: string): string[] {
  const bare = name.replace(/\/$/, '');
  const resource = directory.resources.find(({ uri }) => uri === bare);
  return resource ? [...fullScopes(name, resource), ...resource.scopes] : [];
}

/** Permissions among those asked for that this person has not given to this application. */
export function missingConsent(
  { needsConsent, memory, resources }: Directory,
  { account, client }: { readonly account: string; readonly client: string },
  scope: string | undefined,
): string[] {
  const given = consentsOf(memory, account, client);
  const missing = needsConsent.filter((name) => !given.has(name));
  return split(scope)
    .map(fullName)
    .flatMap((one) => {
      if (!one.endsWith('/.default')) return missing.filter((name) => name === one);
      // it means what was consented to before, if there is anything
      const resource = resources.find(({ uri }) => one === `${uri}/.default`);
      const names = resource?.scopes.map((name) => `${resource.uri}/${name}`) ?? [];
      return names.every((name) => missing.includes(name)) ? names : [];
    });
}
