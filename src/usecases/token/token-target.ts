import { CliError } from '../../core/errors.ts';
import type { FlowName } from '../../core/flow-names.ts';
import type { Authority } from '../../core/oauth.ts';
import type { Env } from '../../core/ports.ts';
import { isSharedTenant, isTenant } from '../../core/tenant.ts';
import { resolveAuthority } from '../../entra/authority.ts';
import { checkAppScopes, checkUserScopes, resourceScope, splitScopes } from '../../entra/scopes.ts';
import { resolveSettings, type Settings, type Sourced } from '../../profiles/resolve.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { GetTokenArgs } from './token-options.ts';

/** Which token is wanted: everything but the credential, checked as far as that needs no network. */
export interface TokenTarget {
  readonly profile: Profile;
  readonly flow: FlowName;
  readonly authority: Authority;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly sendX5c: boolean;
  readonly thumbprint: 'sha1' | 'sha256';
  readonly caFile?: string;
  readonly redirectUri?: string;
  readonly loginHint?: string;
}

type TargetArgs = Pick<
  GetTokenArgs,
  'flow' | 'scope' | 'resource' | 'tenant' | 'client-id' | 'login-hint'
>;

/**
 * @throws CliError usage when a flag or a variable is wrong, invalid_data when the profile is
 */
export function resolveTarget(profile: Profile, args: TargetArgs, env: Env): TokenTarget {
  const settings = resolveSettings(profile, flagsOf(args), env);
  checkTenant(profile, settings);
  const scopes = scopesOf(profile, settings, args);
  const { authority, caFile, redirectUri, loginHint } = settings;
  return {
    profile,
    scopes,
    flow: settings.flow.value,
    tenantId: settings.tenantId.value,
    clientId: settings.clientId.value,
    sendX5c: settings.sendX5c.value,
    thumbprint: settings.thumbprint.value,
    authority: resolveAuthority({
      cloud: settings.cloud.value,
      protocol: settings.protocol.value,
      tenantId: settings.tenantId.value,
      ...(authority && { authority: authority.value }),
    }),
    ...(caFile && { caFile: caFile.value }),
    ...(redirectUri && { redirectUri: redirectUri.value }),
    ...(loginHint && { loginHint: loginHint.value }),
  };
}

function flagsOf({ flow, scope, resource, tenant, ...args }: TargetArgs) {
  const texts = resource === undefined ? scope?.map(String) : [resourceScope(resource)];
  return { flow, tenant, scope: texts, clientId: args['client-id'], loginHint: args['login-hint'] };
}

function scopesOf(profile: Profile, settings: Settings, args: TargetArgs): readonly string[] {
  const { value, source } = settings.scopes;
  // a resource's scope is sent exactly as it was built
  const scopes = args.resource === undefined ? splitScopes(value) : value;
  if (scopes.length === 0) throw wrong(profile, settings.scopes, 'no scope is given');
  const check = settings.flow.value === 'ClientCredentials' ? checkAppScopes : checkUserScopes;
  const problem = settings.protocol.value === 'entra' ? check(scopes) : undefined;
  if (problem === undefined) return scopes;
  throw wrong(profile, { source }, problem, 'for example --resource https://graph.microsoft.com');
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
