import { type Cloud, cloudOf, graphOf } from '../core/clouds.ts';
import { DEFAULT_MIN_TTL_SECONDS } from '../core/defaults.ts';
import { describeDuration } from '../core/duration.ts';
import { readVariable } from '../core/env-value.ts';
import type { FlowName } from '../core/flow-names.ts';
import type { Protocol } from '../core/oauth.ts';
import type { Sourced } from '../core/origin.ts';
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
  readonly authority?: Sourced<string>;
  readonly protocol: Sourced<Protocol>;
  readonly issuer?: Sourced<string>;
  readonly caFile?: Sourced<string>;
  readonly sendX5c: Sourced<boolean>;
  readonly thumbprint: Sourced<'sha256' | 'sha1'>;
  /** As written. */
  readonly minTtl: Sourced<string>;
  readonly redirectUri?: Sourced<string>;
  readonly loginHint?: Sourced<string>;
}

/** The effective settings of a call, each with where it comes from. Reads nothing, asks nobody. */
export function resolveSettings(profile: Profile, flags: SettingFlags, given: Env): Settings {
  const env = variablesFor(profile, given);
  const fromEnv = (...names: string[]) => {
    const source = names.find((name) => readVariable(env, name) !== undefined);
    return source === undefined ? undefined : { value: readVariable(env, source) ?? '', source };
  };
  const scopes = resolveScopes(profile, flags);
  const flow = chooseFlow(profile, flags, env);
  const service = resolveService(profile, env);
  return {
    clientId: flagged(flags.clientId) ??
      fromEnv('TOKENCLI_CLIENT_ID', 'AZURE_CLIENT_ID') ?? {
        value: profile.clientId,
        source: 'profile',
      },
    tenantId:
      flagged(flags.tenant) ??
      fromEnv('TOKENCLI_TENANT_ID', 'AZURE_TENANT_ID') ??
      stated(profile.tenantId, 'common'),
    scopes: scopes ?? defaultScopes(profile, flow.value, service),
    flow,
    ...service,
    protocol: stated(profile.protocol, 'entra'),
    sendX5c: stated(profile.sendX5c, false),
    thumbprint: stated(profile.thumbprint, 'sha256'),
    ...optional('issuer', profile.issuer),
    minTtl: stated(profile.minTtl, describeDuration(DEFAULT_MIN_TTL_SECONDS)),
    ...optional('caFile', profile.caFile),
    ...optional('redirectUri', profile.redirectUri),
    ...(flags.loginHint === undefined
      ? optional('loginHint', profile.loginHint)
      : { loginHint: { value: flags.loginHint, source: 'flag' } }),
  };
}

type Service = Pick<Settings, 'cloud' | 'authority'>;

/** AZURE_AUTHORITY_HOST belongs to the other AZURE_ variables: their values are for that host. */
function resolveService(profile: Profile, env: Env): Service {
  const host = authorityHost(env);
  if (host === undefined || profile.protocol === 'oidc' || !isCredentialForHost(profile, env)) {
    return { cloud: stated(profile.cloud, 'public'), ...optional('authority', profile.authority) };
  }
  const source = 'AZURE_AUTHORITY_HOST';
  const cloud = cloudOf(host);
  if (cloud !== undefined) return { cloud: { value: cloud, source } };
  return { cloud: { value: 'public', source: 'default' }, authority: { value: host, source } };
}

/** Another credential than that of AZURE_ variables is for the service that the profile names. */
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
export function graphScope(service: {
  readonly cloud?: Cloud | undefined;
  readonly authority?: string | undefined;
}): string {
  return `${graphOf(cloudOf(service.authority) ?? service.cloud)}/.default`;
}

/** `scope` (text) and `scopes` (list) of a profile, together and as written. */
export function scopesOf(profile: Profile): readonly string[] {
  return [...(profile.scopes ?? []), ...(profile.scope === undefined ? [] : [profile.scope])];
}

function resolveScopes(
  profile: Profile,
  flags: SettingFlags,
): Sourced<readonly string[]> | undefined {
  if (flags.scope?.length) return { value: flags.scope, source: 'flag' };
  const own = scopesOf(profile);
  return own.length > 0 ? { value: own, source: 'profile' } : undefined;
}

/** Only Entra knows Microsoft Graph; a person who signs in elsewhere is asked for nothing more. */
function defaultScopes(
  { protocol }: Profile,
  flow: FlowName,
  { cloud, authority }: Service,
): Sourced<readonly string[]> {
  const generic = protocol === 'oidc' && flow !== 'ClientCredentials';
  const graph = graphScope({ cloud: cloud.value, authority: authority?.value });
  return { value: [generic ? 'openid' : graph], source: 'default' };
}

function flagged<T>(value: T | undefined): Sourced<T> | undefined {
  return value === undefined ? undefined : { value, source: 'flag' };
}

function stated<T>(value: T | undefined, otherwise: T): Sourced<T> {
  return value === undefined
    ? { value: otherwise, source: 'default' }
    : { value, source: 'profile' };
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: Sourced<T> } {
  if (value === undefined) return {};
  return { [key]: { value, source: 'profile' } } as { [P in K]?: Sourced<T> };
}
