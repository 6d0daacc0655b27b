import { CliError } from '../../core/errors.ts';
import type { TokenRequest } from '../../core/oauth.ts';
import type { Env } from '../../core/ports.ts';
import { isSharedTenant, isTenant } from '../../core/tenant.ts';
import { resolveAuthority } from '../../entra/authority.ts';
import { checkAppScopes, checkUserScopes, resourceScope, splitScopes } from '../../entra/scopes.ts';
import type { Profile } from '../../profiles/schema.ts';
import { resolveSettings, type Settings, type Sourced } from '../../profiles/settings.ts';
import type { GetTokenArgs, TokenOptions } from './token-options.ts';

type RequestArgs = Pick<
  GetTokenArgs,
  'flow' | 'scope' | 'resource' | 'tenant' | 'client-id' | 'login-hint'
>;

/**
 * Which token of whom: from flags, environment and profile, checked as far as that needs no network.
 * @throws CliError usage when a flag or a variable is wrong, invalid_data when the profile is
 */
export function resolveTokenRequest(
  profile: Profile,
  args: RequestArgs,
  { claims }: Pick<TokenOptions, 'claims'>,
  env: Env,
): TokenRequest {
  const settings = resolveSettings(profile, flagsOf(args), env);
  checkTenant(profile, settings);
  const scopes = scopesOf(profile, settings, args);
  const { authority, issuer, loginHint } = settings;
  return {
    authority: resolveAuthority({
      cloud: settings.cloud.value,
      protocol: settings.protocol.value,
      tenantId: settings.tenantId.value,
      ...(authority && { authority: authority.value }),
      ...(issuer && { issuer: issuer.value }),
    }),
    tenantId: settings.tenantId.value,
    clientId: settings.clientId.value,
    flow: settings.flow.value,
    scopes,
    sendX5c: settings.sendX5c.value,
    thumbprint: settings.thumbprint.value,
    ...(claims !== undefined && { claims }),
    ...(profile.clientCapabilities && { capabilities: profile.clientCapabilities }),
    ...(loginHint && { loginHint: loginHint.value }),
  };
}

function flagsOf({ flow, scope, resource, tenant, ...args }: RequestArgs) {
  const texts = resource === undefined ? scope?.map(String) : [resourceScope(resource)];
  return { flow, tenant, scope: texts, clientId: args['client-id'], loginHint: args['login-hint'] };
}

function scopesOf(profile: Profile, settings: Settings, args: RequestArgs): readonly string[] {
  const { value, source } = settings.scopes;
  // a resource's scope is sent exactly as it was built
  const scopes = args.resource === undefined ? splitScopes(value) : value;
  if (scopes.length === 0) throw wrong(profile, settings.scopes, 'no scope is given');
  const check = settings.flow.value === 'ClientCredentials' ? checkAppScopes : checkUserScopes;
  const problem = settings.protocol.value === 'entra' ? check(scopes) : undefined;
  if (problem === undefined) return scopes;
  throw wrong(profile, { source }, problem, scopeHint(settings));
}

function scopeHint({ flow }: Settings): string {
  const example = 'for example --resource https://graph.microsoft.com';
  // nobody said which flow, so a person's may have been meant
  const guessed = flow.value === 'ClientCredentials' && flow.source === 'default';
  return guessed ? `${example}; a person signs in with --flow InteractiveBrowser` : example;
}

function checkTenant(profile: Profile, settings: Settings): void {
  const { tenantId, flow, protocol } = settings;
  if (!isTenant(tenantId.value)) {
    throw wrong(profile, tenantId, `'${tenantId.value}' is no tenant: a GUID or a domain is`);
  }
  const needsOwn = flow.value === 'ClientCredentials' && protocol.value === 'entra';
  if (!needsOwn || !isSharedTenant(tenantId.value)) return;
  const problem =
    tenantId.source === 'default'
      ? 'ClientCredentials needs a tenant, and none is given'
      : `ClientCredentials needs a tenant of its own, not '${tenantId.value}'`;
  throw wrong(
    profile,
    tenantId,
    problem,
    'name it by its GUID or domain, for example with --tenant; a person signs in with --flow InteractiveBrowser',
  );
}

function isOwn({ source }: Pick<Sourced<unknown>, 'source'>): boolean {
  return source === 'profile' || source === 'default';
}

/** The same mistake is a usage error when it was typed and invalid data when it is stored. */
function wrong(
  profile: Profile,
  setting: Pick<Sourced<unknown>, 'source'>,
  problem: string,
  hint?: string,
): CliError {
  const details = hint === undefined ? {} : { hint };
  if (!isOwn(setting)) return new CliError('usage', problem, details);
  return new CliError('invalid_data', `profile '${profile.name}': ${problem}`, details);
}
