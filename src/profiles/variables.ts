import { cloudOf, hostOf } from '../core/clouds.ts';
import { readVariable } from '../core/env-value.ts';
import { CliError } from '../core/errors.ts';
import type { Env } from '../core/ports.ts';
import type { Profile } from './schema.ts';

const AUTHORITY_HOST = 'AZURE_AUTHORITY_HOST';
/** The host comes with one of these, or not at all; a credential is the one or the other. */
const COMPANIONS = [['CLIENT_ID'], ['TENANT_ID'], ['CLIENT_SECRET', 'CLIENT_CERTIFICATE_PATH']];

/**
 * The part of the environment that is meant for a profile. The variables of the Azure SDKs are for
 * Microsoft's authorities and for AZURE_AUTHORITY_HOST: no other issuer ever gets what is in them.
 * @throws CliError usage when AZURE_AUTHORITY_HOST is no address
 */
export function variablesFor({ authority, protocol }: Profile, env: Env): Env {
  if (authority === undefined) return env;
  const named = hostOf(authorityHost(env));
  const isNamed = named !== undefined && hostOf(authority) === named;
  // the issuer of a profile is a whole URL, which the variable, a host, cannot replace
  const mayReplace = named === undefined || protocol !== 'oidc';
  if (isNamed || (cloudOf(authority) !== undefined && mayReplace)) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AZURE_')));
}

/**
 * The origin that AZURE_AUTHORITY_HOST names, if any of the variables that it goes with is taken.
 * @throws CliError usage when it is no https address; the message does not show it
 */
export function authorityHost(env: Env): string | undefined {
  const text = readVariable(env, AUTHORITY_HOST);
  const has = (family: string, names: readonly string[]) =>
    names.some((name) => readVariable(env, `${family}_${name}`) !== undefined);
  const isTaken = COMPANIONS.some((names) => has('AZURE', names) && !has('TOKENCLI', names));
  return text !== undefined && isTaken ? readAuthorityHost(text) : undefined;
}

/** As the Azure SDKs take it: a URL, or a host alone. @returns its origin */
export function readAuthorityHost(text: string): string {
  const url = text.includes('://') ? text : `https://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHost = /^[a-z0-9.-]+$/.test(parsed?.hostname ?? '');
  if (parsed?.protocol === 'https:' && parsed.username === '' && isHost) return parsed.origin;
  throw new CliError('usage', `${AUTHORITY_HOST} holds no https address`, {
    hint: `for example ${AUTHORITY_HOST}=https://login.microsoftonline.us`,
  });
}
