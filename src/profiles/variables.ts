import { cloudOf, hostOf } from '../core/clouds.ts';
import { readVariable } from '../core/env-value.ts';
import { CliError } from '../core/errors.ts';
import type { Env } from '../core/ports.ts';
import type { Profile } from './schema.ts';

const AUTHORITY_HOST = 'AZURE_AUTHORITY_HOST';
/** Prefixes of variables: tokencli's own first, then that of the Azure SDKs. */
export const FAMILIES = ['TOKENCLI', 'AZURE'] as const;

export type Family = (typeof FAMILIES)[number];

/** The variables that give a credential, by family, in the order in which they count. */
export const CREDENTIAL_VARIABLES: Readonly<Record<Family, readonly string[]>> = {
  TOKENCLI: [
    'TOKENCLI_CLIENT_SECRET',
    'TOKENCLI_CLIENT_CERTIFICATE',
    'TOKENCLI_CLIENT_CERTIFICATE_PATH',
    'TOKENCLI_FEDERATED_TOKEN_FILE',
  ],
  AZURE: ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_FEDERATED_TOKEN_FILE'],
};

/**
 * The variables by which a family describes a profile: client id, tenant id, and one of those that
 * give a credential. The authority host counts only together with one of these.
 */
export function requiredVariables(family: Family): readonly (readonly string[])[] {
  return [[`${family}_CLIENT_ID`], [`${family}_TENANT_ID`], CREDENTIAL_VARIABLES[family]];
}

/**
 * The part of the environment that is meant for a profile. The variables of the Azure SDKs are for
 * Microsoft's authorities and for AZURE_AUTHORITY_HOST: no other issuer ever gets what is in them.
 * @throws CliError usage when AZURE_AUTHORITY_HOST is no address
 */
export function variablesFor(
  { authority, protocol }: Pick<Profile, 'authority' | 'protocol'>,
  env: Env,
): Env {
  if (authority === undefined) return env;
  const named = hostOf(authorityHost(env));
  const isNamed = named !== undefined && hostOf(authority) === named;
  // the issuer of a profile is a whole URL, which the variable, a host, cannot replace
  const mayReplace = named === undefined || protocol !== 'oidc';
  if (isNamed || (cloudOf(authority) !== undefined && mayReplace)) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AZURE_')));
}

/**
 * The origin that AZURE_AUTHORITY_HOST names, if any other AZURE_ variable is used, and not a TOKENCLI_
 * one in its place.
 * @throws CliError usage when it is no https address; the message does not show it
 */
export function authorityHost(env: Env): string | undefined {
  const text = readVariable(env, AUTHORITY_HOST);
  const has = (names: readonly string[]) =>
    names.some((name) => readVariable(env, name) !== undefined);
  const ours = requiredVariables('TOKENCLI').map(has);
  const isTaken = requiredVariables('AZURE').some((names, what) => has(names) && !ours[what]);
  return text !== undefined && isTaken ? readAuthorityHost(text) : undefined;
}

/** As the Azure SDKs take it: a URL, or a host alone. @returns its origin */
function readAuthorityHost(text: string): string {
  const url = text.includes('://') ? text : `https://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHost = /^[a-z0-9.-]+$/.test(parsed?.hostname ?? '');
  if (parsed?.protocol === 'https:' && parsed.username === '' && isHost) return parsed.origin;
  throw new CliError('usage', `${AUTHORITY_HOST} holds no https address`, {
    hint: `for example ${AUTHORITY_HOST}=https://login.microsoftonline.us`,
  });
}
