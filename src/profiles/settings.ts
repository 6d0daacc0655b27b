import { DEFAULT_MIN_TTL_SECONDS } from '../core/defaults.ts';
import { describeDuration } from '../core/duration.ts';
import { CliError } from '../core/errors.ts';
import { type FlowName, parseFlowName } from '../core/flow-names.ts';
import type { Protocol } from '../core/oauth.ts';
import type { Env } from '../core/ports.ts';
import type { Profile } from './schema.ts';

export const DEFAULT_SCOPE = 'https://graph.microsoft.com/.default';

/** Names a source for `config show --effective`: a flag, a variable's name, or one of these. */
export type Source = 'flag' | 'profile' | 'default' | (string & {});

export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

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
  readonly cloud: Sourced<'public' | 'usgov' | 'china'>;
  readonly authority?: Sourced<string>;
  readonly protocol: Sourced<Protocol>;
  readonly caFile?: Sourced<string>;
  readonly sendX5c: Sourced<boolean>;
  readonly thumbprint: Sourced<'sha256' | 'sha1'>;
  /** As written. */
  readonly minTtl: Sourced<string>;
  readonly redirectUri?: Sourced<string>;
  readonly loginHint?: Sourced<string>;
}

/** The effective settings of a call, each with where it comes from. Reads nothing, asks nobody. */
export function resolveSettings(profile: Profile, flags: SettingFlags, env: Env): Settings {
  const fromEnv = (...names: string[]) => {
    const source = names.find((name) => env[name]);
    return source === undefined ? undefined : { value: env[source] ?? '', source };
  };
  const tenantId = flagged(flags.tenant) ??
    fromEnv('TOKENCLI_TENANT_ID', 'AZURE_TENANT_ID') ??
    stated(profile.tenantId) ?? { value: 'common', source: 'default' };
  const scopes = resolveScopes(profile, flags);
  const flow = resolveFlow(profile, flags, env, scopes.value);
  return {
    clientId: flagged(flags.clientId) ??
      fromEnv('TOKENCLI_CLIENT_ID', 'AZURE_CLIENT_ID') ?? {
        value: profile.clientId,
        source: 'profile',
      },
    tenantId,
    scopes: scopes.source === 'default' ? defaultScopes(profile, flow.value) : scopes,
    flow,
    cloud: stated(profile.cloud) ?? { value: 'public', source: 'default' },
    protocol: stated(profile.protocol) ?? { value: 'entra', source: 'default' },
    sendX5c: stated(profile.sendX5c) ?? { value: false, source: 'default' },
    thumbprint: stated(profile.thumbprint) ?? { value: 'sha256', source: 'default' },
    minTtl: stated(profile.minTtl) ?? {
      value: describeDuration(DEFAULT_MIN_TTL_SECONDS),
      source: 'default',
    },
    ...optional('authority', profile.authority),
    ...optional('caFile', profile.caFile),
    ...optional('redirectUri', profile.redirectUri),
    ...(flags.loginHint === undefined
      ? optional('loginHint', profile.loginHint)
      : { loginHint: { value: flags.loginHint, source: 'flag' } }),
  };
}

/** `scope` (text) and `scopes` (list) of a profile, together and as written. */
export function scopesOf(profile: Profile): readonly string[] {
  return [...(profile.scopes ?? []), ...(profile.scope === undefined ? [] : [profile.scope])];
}

/** True if the profile itself, or the environment, brings a client credential. */
export function hasCredential(profile: Profile, env: Env): boolean {
  const variables = ['CLIENT_SECRET', 'CLIENT_CERTIFICATE_PATH'];
  return (
    profile.certificatePath !== undefined ||
    (profile.credentials ?? []).some(({ kind }) => kind !== 'certificatePassword') ||
    variables.some((name) => env[`TOKENCLI_${name}`] || env[`AZURE_${name}`])
  );
}

function resolveScopes(profile: Profile, flags: SettingFlags): Sourced<readonly string[]> {
  if (flags.scope?.length) return { value: flags.scope, source: 'flag' };
  const own = scopesOf(profile);
  if (own.length > 0) return { value: own, source: 'profile' };
  return { value: [DEFAULT_SCOPE], source: 'default' };
}

/** Only Entra knows Microsoft Graph; a person who signs in elsewhere is asked for nothing more. */
function defaultScopes({ protocol }: Profile, flow: FlowName): Sourced<readonly string[]> {
  const generic = protocol === 'oidc' && flow !== 'ClientCredentials';
  return { value: [generic ? 'openid' : DEFAULT_SCOPE], source: 'default' };
}

function resolveFlow(
  profile: Profile,
  flags: SettingFlags,
  env: Env,
  scopes: readonly string[],
): Sourced<FlowName> {
  if (flags.flow !== undefined) {
    const value = parseFlowName(flags.flow);
    if (value) return { value, source: 'flag' };
    throw new CliError('usage', `there is no flow '${flags.flow}'`, {
      hint: 'use ClientCredentials, AuthorizationCode, DeviceCode or InteractiveBrowser',
    });
  }
  const own = profile.flow === undefined ? undefined : parseFlowName(profile.flow);
  if (own) return { value: own, source: 'profile' };
  const alone = hasCredential(profile, env) && allowsClientCredentials(profile, scopes);
  return { value: alone ? 'ClientCredentials' : 'InteractiveBrowser', source: 'default' };
}

/** An app asks Entra for exactly one `/.default`; other issuers differ. */
function allowsClientCredentials(profile: Profile, texts: readonly string[]): boolean {
  if (profile.protocol === 'oidc') return true;
  const scopes = texts.flatMap((text) => text.split(/[\s,]+/)).filter((scope) => scope !== '');
  return scopes.length === 1 && scopes[0]?.endsWith('/.default') === true;
}

function flagged<T>(value: T | undefined): Sourced<T> | undefined {
  return value === undefined ? undefined : { value, source: 'flag' };
}

function stated<T>(value: T | undefined): Sourced<T> | undefined {
  return value === undefined ? undefined : { value, source: 'profile' };
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: Sourced<T> } {
  return value === undefined ? {} : ({ [key]: stated(value) } as { [P in K]?: Sourced<T> });
}
