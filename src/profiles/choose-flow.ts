import { CliError } from '../core/errors.ts';
import { type FlowName, parseFlowName } from '../core/flow-names.ts';
import type { Sourced } from '../core/origin.ts';
import type { Env } from '../core/ports.ts';
import { referenceOf } from './reference.ts';
import type { SettingFlags } from './resolve-settings.ts';
import type { Profile } from './schema.ts';
import { CREDENTIAL_VARIABLES, FAMILIES, variablesFor } from './variables.ts';

/**
 * The flow of a call: flag, profile, else by whether there is a credential. The scopes do not count,
 * because with a mistyped scope a script would wait for a person.
 * @throws CliError usage
 */
export function chooseFlow(
  profile: Profile,
  flags: Pick<SettingFlags, 'flow'>,
  env: Env,
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
  const value = hasCredential(profile, env) ? 'ClientCredentials' : 'InteractiveBrowser';
  return { value, source: 'default' };
}

/** True if the profile itself, or the environment, brings a client credential. */
export function hasCredential(profile: Profile, env: Env): boolean {
  return hasOwnCredential(profile) || credentialVariable(profile, env) !== undefined;
}

/** True if the profile itself names a client credential. */
export function hasOwnCredential(profile: Profile): boolean {
  return (
    profile.certificatePath !== undefined ||
    referenceOf(profile) !== undefined ||
    (profile.credentials ?? []).some(({ kind }) => kind !== 'certificatePassword')
  );
}

/** Completes a message about what `setAsideVariable` returns. */
export const NOT_MEANT = "is not meant for the profile's authority";

/**
 * The AZURE_ variable with a credential that is not used, since it is for another authority
 * (`variablesFor`).
 */
export function setAsideVariable(profile: Profile, env: Env): string | undefined {
  if (credentialVariable(profile, env) !== undefined) return undefined;
  return credentialVariable({ ...profile, authority: undefined }, env);
}

/**
 * The variable whose credential is used instead of the profile's; TOKENCLI_ ones come before
 * AZURE_ ones.
 */
export function credentialVariable(
  profile: Pick<Profile, 'authority' | 'protocol'>,
  given: Env,
): string | undefined {
  const env = variablesFor(profile, given);
  return FAMILIES.flatMap((family) => CREDENTIAL_VARIABLES[family]).find((name) => env[name]);
}
