import { CLIENT_ID_RULES, isClientId } from '../../core/client-id.ts';
import { CliError } from '../../core/errors.ts';
import type { Authority, TokenRequest } from '../../core/oauth.ts';
import {
  correctionHint,
  type Origins,
  type RequestPart,
  type Sourced,
  sourcesOutsideProfile,
} from '../../core/origin.ts';
import type { Env } from '../../core/ports.ts';
import { isSharedTenant, isTenant } from '../../core/tenant.ts';
import { resolveAuthority } from '../../entra/authority.ts';
import {
  checkAppScopes,
  checkUserScopes,
  isShortName,
  resourceScope,
  splitScopes,
} from '../../entra/scopes.ts';
import { cloudFor, resolveSettings, type Settings } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
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
  checkClient(profile, settings);
  checkTenant(profile, settings);
  const scopes = scopesOf(profile, settings, args);
  const { loginHint } = settings;
  return {
    authority: authorityOf(settings),
    tenantId: settings.tenantId.value,
    clientId: settings.clientId.value,
    flow: settings.flow.value,
    scopes,
    sendX5c: settings.sendX5c.value,
    thumbprint: settings.thumbprint.value,
    ...(claims !== undefined && { claims }),
    ...(profile.clientCapabilities && { capabilities: profile.clientCapabilities }),
    ...(loginHint && { loginHint: loginHint.value }),
    origins: originsOf(settings),
  };
}

/**
 * Puts the resource that a short name means in the profile's cloud in the place of the name. The
 * names are those of Microsoft's services; another issuer has its own.
 * @param option that the resource was given with
 * @throws CliError usage
 */
export async function withNamedResource<T extends { readonly resource?: string | undefined }>(
  profile: Profile,
  args: T,
  env: Env,
  option?: string,
): Promise<T> {
  const { resource } = args;
  if (resource === undefined || profile.protocol === 'oidc' || !isShortName(resource)) return args;
  const { resolveResource } = await import('../../entra/resources.ts');
  return { ...args, resource: resolveResource(resource, cloudFor(profile, env), option) };
}

/** @throws CliError invalid_data if the settings name no usable authority */
export function authorityOf(settings: Settings): Authority {
  const { cloud, protocol, tenantId, authority, issuer } = settings;
  return resolveAuthority({
    cloud: cloud.value,
    protocol: protocol.value,
    tenantId: tenantId.value,
    authority: authority?.value,
    issuer: issuer?.value,
  });
}

function originsOf({ clientId, tenantId, authority, cloud }: Settings): Origins {
  return {
    clientId: clientId.source,
    tenantId: tenantId.source,
    authority: (authority ?? cloud).source,
  };
}

/**
 * Refuses what is no client id: a secret in its place would be sent as an id and shown in messages.
 * @throws CliError usage when a flag or a variable is wrong, invalid_data when the profile is
 */
export function checkClient(profile: Profile, { clientId, protocol }: Settings): void {
  if (isClientId(clientId.value, protocol.value)) return;
  const problem = `the client id ${CLIENT_ID_RULES[protocol.value]}`;
  throw settingError(profile, clientId, problem, cureOf('clientId', clientId));
}

/** @returns undefined for a value of the profile, which the message names already */
function cureOf(
  part: RequestPart,
  { source }: Pick<Sourced<unknown>, 'source'>,
): string | undefined {
  const names = sourcesOutsideProfile({ [part]: source }, [part]);
  return names.length > 0 ? correctionHint(names) : undefined;
}

function flagsOf({ flow, scope, resource, tenant, ...args }: RequestArgs) {
  const texts = resource === undefined ? scope : [resourceScope(resource)];
  return { flow, tenant, scope: texts, clientId: args['client-id'], loginHint: args['login-hint'] };
}

function scopesOf(profile: Profile, settings: Settings, args: RequestArgs): readonly string[] {
  const { value } = settings.scopes;
  // a resource's scope is sent exactly as it was built
  const scopes = args.resource === undefined ? splitScopes(value) : value;
  if (scopes.length === 0) throw settingError(profile, settings.scopes, 'no scope is given');
  const check = settings.flow.value === 'ClientCredentials' ? checkAppScopes : checkUserScopes;
  const problem = settings.protocol.value === 'entra' ? check(scopes) : undefined;
  if (problem === undefined) return scopes;
  throw settingError(profile, settings.scopes, problem, scopeHint(settings));
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
    const cure = cureOf('tenantId', tenantId);
    throw settingError(profile, tenantId, 'the tenant is neither a GUID nor a domain', cure);
  }
  const needsOwn = flow.value === 'ClientCredentials' && protocol.value === 'entra';
  if (!needsOwn || !isSharedTenant(tenantId.value)) return;
  const problem =
    tenantId.source === 'default'
      ? 'ClientCredentials needs a tenant, and none is given'
      : `ClientCredentials needs a tenant of its own, not '${tenantId.value}'`;
  const byName = 'name it by its GUID or domain, for example with --tenant';
  const cure = cureOf('tenantId', tenantId) ?? byName;
  const hint = `${cure}; a person signs in with --flow InteractiveBrowser`;
  throw settingError(profile, tenantId, problem, hint);
}

/** The same mistake is a usage error when it was typed and invalid data when it is stored. */
function settingError(
  profile: Profile,
  { source }: Pick<Sourced<unknown>, 'source'>,
  problem: string,
  hint?: string,
): CliError {
  const isStored = source === 'profile' || source === 'default';
  if (!isStored) return new CliError('usage', problem, { hint });
  return new CliError('invalid_data', `profile '${profile.name}': ${problem}`, { hint });
}
