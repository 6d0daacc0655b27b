import { CliError } from '../core/errors.ts';
import { ENV_PROFILE } from '../core/names.ts';
import type { Env } from '../core/ports.ts';
import { missingVariables } from './env-profile.ts';

/** The failure where the variables do not describe a profile. @param isMeant `@env` was named */
export function lacksVariables(env: Env, isMeant: boolean): CliError {
  const missing = missingVariables(env).join(', ');
  if (isMeant) {
    return new CliError('usage', `profile ${ENV_PROFILE} lacks these variables: ${missing}`, {
      hint: 'set them, or name another profile with -p NAME',
    });
  }
  const message = `there is no profile yet, and the variables describe none without ${missing}`;
  return new CliError('profile_not_found', message, {
    hint: 'tokencli config create, or set the variables',
  });
}
