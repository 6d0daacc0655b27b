import { type Cloud, cloudOf, graphOf } from '../core/clouds.ts';
import { DEFAULT_MIN_TTL_SECONDS } from '../core/defaults.ts';
import { describeDuration } from '../core/duration.ts';
import { readVariable } from '../core/env-value.ts';
import type { FlowName } from '../core/flow-names.ts';
import type { Protocol } from '../core/oauth.ts';
import type { Source, Sourced } from '../core/origin.ts';
import type { Env } from '../core/ports.ts';
import { chooseFlow, credentialVariable, hasOwnCredential } from './choose-flow.ts';
import { isEnvProfile } from './env-profile.ts';
import type { Profile } from './schema.ts';
import { authorityHost, variablesFor } from './variables.ts';

/** What the flags of one call say; texts as typed. */
export interface SettingFlags {
  readonly clientId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly flow?: string | undefined;
  readonly loginHint?: string | undefined;
}

/** What holds for one call: flag over environment over profile over default. */
export interface Settings {
  readonly clientId: Sourced<string>;
  readonly tenantId: Sourced<string>;
  /** As written; split by `entra/scopes.ts`. */
  readonly scopes: Sourced<readonly string[]>;
  readonly flow: Sourced<FlowName>;
  readonly cloud: Sourced<Cloud>;
  readonly authority?: Sourced<string> | undefined;
  readonly protocol: Sourced<Protocol>;
  readonly issuer?: Sourced<string> | undefined;
  readonly caFile?: Sourced<string> | undefined;
  readonly sendX5c: Sourced<boolean>;
  readonly thumbprint: Sourced<'sha256' | 'sha1'>;
  /** As written. */
  readonly minTtl: Sourced<string>;
  readonly redirectUri?: Sourced<string> | undefined;
  readonly loginHint?: Sourced<string> | undefined;
}

/** The effective settings of a call, each with where it comes from. Reads nothing, asks nobody. */
export function resolveSettings(profile: Profile, flags: SettingFlags, given: Env): Settings {
  const env = variablesFor(profile, given);
  const fromEnv = (...names: string[]) => {
    const source = names.find((name) => readVariable(env, name) !== undefined);
    return source === undefined ? undefined : { value: readVariable(env, source) ?? '', source };
  };
  const flow = chooseFlow(profile, flags, env);
  const service = resolveService(profile, env);
  return {
    clientId:
      from('flag', flags.clientId) ??
      fromEnv('TOKENCLI_CLIENT_ID', 'AZURE_CLIENT_ID') ??
      stated(profile.clientId, ''),
    tenantId:
      from('flag', flags.tenant) ??
      fromEnv('TOKENCLI_TENANT_ID', 'AZURE_TENANT_ID') ??
      stated(profile.tenantId, 'common'),
    scopes: resolveScopes(profile, flags, flow.value, service),
    flow,
    ...service,
    protocol: stated(profile.protocol, 'entra'),
    sendX5c: stated(profile.sendX5c, false),
    thumbprint: stated(profile.thumbprint, 'sha256'),
    issuer: from('profile', profile.issuer),
    minTtl: stated(profile.minTtl, describeDuration(DEFAULT_MIN_TTL_SECONDS)),
    caFile: from('profile', profile.caFile),
    redirectUri: from('profile', profile.redirectUri),
    loginHint: from('flag', flags.loginHint) ?? from('profile', profile.loginHint),
  };
}

type Service = Pick<Settings, 'cloud' | 'authority'>;

/** AZURE_AUTHORITY_HOST belongs to the other AZURE_ variables: their values are for that host. */
function resolveService(profile: Profile, env: Env): Service {
  const host = authorityHost(env);
  if (host === undefined || profile.protocol === 'oidc' || !isCredentialForHost(profile, env)) {
    const authority = from('profile', profile.authority);
    return { cloud: stated(profile.cloud, 'public'), authority };
  }
  const source = 'AZURE_AUTHORITY_HOST';
  const cloud = cloudOf(host);
  if (cloud !== undefined) return { cloud: { value: cloud, source } };
  return { cloud: { value: 'public', source: 'default' }, authority: { value: host, source } };
}

/**
 * False if the credential is not from an AZURE_ variable: then it is for the service that the
 * profile names.
 */
function isCredentialForHost(profile: Profile, env: Env): boolean {
  if (isEnvProfile(profile)) return true;
  const variable = credentialVariable(profile, env);
  return variable?.startsWith('AZURE_') ?? !hasOwnCredential(profile);
}

/** The cloud that a call is for: what its profile and the environment say. */
export function cloudFor(profile: Profile, env: Env): Cloud {
  const { cloud, authority } = resolveService(profile, variablesFor(profile, env));
  return cloudOf(authority?.value) ?? cloud.value;
}

/** Microsoft Graph of the cloud that a profile is for, as an application asks for it. */
export function graphScope({ cloud, authority }: Pick<Profile, 'cloud' | 'authority'>): string {
  return `${graphOf(cloudOf(authority) ?? cloud)}/.default`;
}

/** `scope` (text) and `scopes` (list) of a profile, together and as written. */
export function scopesOf(profile: Profile): readonly string[] {
  return [...(profile.scopes ?? []), ...(profile.scope === undefined ? [] : [profile.scope])];
}

/** By default Microsoft Graph; a person who signs in at another issuer is asked for nothing more. */
function resolveScopes(
  profile: Profile,
  flags: SettingFlags,
  flow: FlowName,
  { cloud, authority }: Service,
): Sourced<readonly string[]> {
  if (flags.scope?.length) return { value: flags.scope, source: 'flag' };
  const own = scopesOf(profile);
  if (own.length > 0) return { value: own, source: 'profile' };
  const isOther = profile.protocol === 'oidc' && flow !== 'ClientCredentials';
  const graph = graphScope({ cloud: cloud.value, authority: authority?.value });
  return { value: [isOther ? 'openid' : graph], source: 'default' };
}

function from<T>(source: Source, value: T | undefined): Sourced<T> | undefined {
  return value === undefined ? undefined : { value, source };
}

function stated<T>(value: T | undefined, otherwise: T): Sourced<T> {
  return from('profile', value) ?? { value: otherwise, source: 'default' };
}
