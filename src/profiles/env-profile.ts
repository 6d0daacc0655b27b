import { readVariable } from '../core/env-value.ts';
import { ENV_PROFILE } from '../core/names.ts';
import type { Env } from '../core/ports.ts';
import type { Profile } from './schema.ts';
import { FAMILIES, requiredVariables } from './variables.ts';

/** True for the profile that the variables alone describe. It is stored nowhere, and keeps nothing. */
export function isEnvProfile({ name }: Pick<Profile, 'name'>): boolean {
  return name === ENV_PROFILE;
}

/**
 * The profile that the variables alone describe. The ids are copied from the variables, but
 * `resolve-settings.ts` reads the variables again, so that messages can name them.
 * @returns undefined if one of them is missing
 */
export function envProfile(env: Env): Profile | undefined {
  if (missingVariables(env).length > 0) return undefined;
  const id = (name: string) =>
    FAMILIES.map((family) => readVariable(env, `${family}_${name}`)).find(Boolean);
  return { name: ENV_PROFILE, clientId: id('CLIENT_ID') ?? '', tenantId: id('TENANT_ID') };
}

/**
 * The variables that `@env` needs and that are not set: `AZURE_TENANT_ID`, or `A or B` where one of
 * several is enough. The names are those of the family that is in use.
 */
export function missingVariables(env: Env): string[] {
  const has = (names: readonly string[]) => names.some((name) => readVariable(env, name));
  const needed = isSet(env, 'TOKENCLI') && !isSet(env, 'AZURE') ? 'TOKENCLI' : 'AZURE';
  return requiredVariables(needed)
    .filter((_, what) => !FAMILIES.some((family) => has(requiredVariables(family)[what] ?? [])))
    .map((names) => names.join(' or '));
}

/** True if any of the variables is set that can describe `@env`. */
export function hasProfileVariables(env: Env): boolean {
  return FAMILIES.some((family) => isSet(env, family));
}

function isSet(env: Env, family: (typeof FAMILIES)[number]): boolean {
  return requiredVariables(family)
    .flat()
    .some((name) => readVariable(env, name) !== undefined);
}
