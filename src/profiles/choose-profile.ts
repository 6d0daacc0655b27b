import { didYouMean } from '../core/closest-name.ts';
import { readVariable } from '../core/env-value.ts';
import { CliError } from '../core/errors.ts';
import { ENV_PROFILE, sameName } from '../core/names.ts';
import type { App, Env } from '../core/ports.ts';
import { envProfile, hasProfileVariables, missingVariables } from './env-profile.ts';
import { joinProblems } from './problems.ts';
import type { Profile } from './schema.ts';
import {
  findValid,
  hasName,
  type ProfilesFile,
  profileNames,
  readProfiles,
  toProfilesFile,
} from './store.ts';

const NAMING_VARIABLE = 'TOKENCLI_PROFILE';

/**
 * Reads the profiles to choose from: those of profiles.json, or `@env` alone if it is named or if no
 * profile is stored. If `@env` is named, profiles.json is not read.
 * @throws CliError usage or profile_not_found, naming the variables that `@env` lacks
 */
export async function readProfilesOrEnv(
  app: Pick<App, 'env' | 'keepNothing' | 'paths'>,
  flag: string | undefined,
): Promise<ProfilesFile> {
  const named = flag ?? readVariable(app.env, NAMING_VARIABLE);
  const isMeant = sameName(named, ENV_PROFILE);
  const file = isMeant ? undefined : await readProfiles(app.paths);
  if (file && !(isOpen(file, named) && hasProfileVariables(app.env))) return file;
  const profile = envProfile(app.env);
  if (!profile) throw lacksVariables(app.env, isMeant);
  app.keepNothing();
  return toProfilesFile(app.paths, { ...file?.raw, profiles: [profile] }, false, []);
}

/** @param isMeant `@env` was named */
function lacksVariables(env: Env, isMeant: boolean): CliError {
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

/** True if no profile is stored, and none is named. */
function isOpen({ profiles, broken, defaultName }: ProfilesFile, named: string | undefined) {
  return profiles.length + broken.length === 0 && (named ?? defaultName) === undefined;
}

/**
 * Selects a profile as `selectProfile` does, but asks on a terminal if nothing says which of
 * several is meant.
 */
export async function chooseProfile(
  app: Pick<App, 'env' | 'log' | 'prompter'>,
  file: ProfilesFile,
  flag: string | undefined,
): Promise<Profile> {
  const named = flag ?? readVariable(app.env, NAMING_VARIABLE) ?? file.defaultName;
  if (named !== undefined || file.profiles.length < 2 || !app.log.interactive) {
    return selectProfile(file, { flag, env: app.env });
  }
  const prompter = await app.prompter();
  const choices = file.profiles.map(({ name, clientId }) => ({
    value: name,
    name,
    description: `client ${clientId}`,
  }));
  const picked = await prompter.select('Which profile?', choices);
  return selectProfile(file, { flag: picked, env: app.env });
}

/**
 * Chooses the profile: flag, `TOKENCLI_PROFILE`, the configured default, the only one there is.
 * @throws CliError profile_not_found, usage (several and none named), invalid_data (it is broken)
 */
export function selectProfile(
  file: ProfilesFile,
  from: { readonly flag?: string | undefined; readonly env: Env },
): Profile {
  if (from.flag !== undefined) return findProfile(file, from.flag);
  const variable = readVariable(from.env, NAMING_VARIABLE);
  if (variable !== undefined) return findProfile(file, variable, NAMING_VARIABLE);
  if (file.defaultName !== undefined) return findDefault(file, file.defaultName);
  const names = profileNames(file);
  if (names.length > 1) {
    throw new CliError('usage', `which profile? there are ${names.join(', ')}`, {
      hint: `name one with -p NAME, or set ${NAMING_VARIABLE}`,
    });
  }
  const only = names[0];
  if (only !== undefined) return findProfile(file, only);
  const first = file.broken[0];
  if (first) throw brokenError(file, first.problems, '');
  throw new CliError('profile_not_found', 'there is no profile yet', { hint: cureOf(file) });
}

/** The hint for a missing profile: variables whose value may be wrong, and a command. */
function cureOf(file: ProfilesFile, variable?: string): string {
  const names = [variable, file.homeIsNamed && 'TOKENCLI_HOME'].filter(Boolean);
  const command = profileNames(file).length > 0 ? 'tokencli config list' : 'tokencli config create';
  return names.length > 0 ? `correct or unset ${names.join(' or ')}, or ${command}` : command;
}

/**
 * @param variable that names it, if it was not typed
 * @throws CliError profile_not_found with the closest name, invalid_data when it is broken, usage for
 *   `@env` where only a stored profile will do
 */
export function findProfile(file: ProfilesFile, name: string, variable?: string): Profile {
  const profile = findValid(file, name);
  if (profile) return profile;
  if (sameName(name, ENV_PROFILE)) {
    const message = `${ENV_PROFILE} is what the variables say, and nothing of it is stored`;
    throw new CliError('usage', message, {
      hint: `tokencli config show -p ${ENV_PROFILE} --effective`,
    });
  }
  const broken = file.broken.filter((each) => sameName(each.name, name));
  const problems = broken.flatMap((each) => each.problems);
  if (problems.length > 0) throw brokenError(file, problems, ` '${name}'`);
  const source = variable ? `, which ${variable} names` : '';
  const meant = didYouMean(name, profileNames(file));
  throw new CliError('profile_not_found', `there is no profile '${name}'${source}${meant}`, {
    hint: cureOf(file, variable),
  });
}

/** @throws CliError as `findProfile`, but says that nobody has typed this name */
export function findDefault(file: ProfilesFile, name: string): Profile {
  if (hasName(file, name)) return findProfile(file, name);
  throw new CliError('profile_not_found', `there is no profile '${name}', which is the default`, {
    hint: 'tokencli config default NAME, or tokencli config default --unset',
  });
}

function brokenError(file: ProfilesFile, problems: readonly string[], name: string): CliError {
  return new CliError('invalid_data', `profile${name} is not valid: ${joinProblems(problems)}`, {
    hint: `edit ${file.path}`,
  });
}
