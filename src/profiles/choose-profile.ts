import { closestName } from '../core/closest-name.ts';
import { CliError } from '../core/errors.ts';
import { sameName } from '../core/names.ts';
import type { App, Env } from '../core/ports.ts';
import { joinProblems } from './problems.ts';
import type { Profile } from './schema.ts';
import { findValid, namesOf, type ProfilesFile } from './store.ts';

/**
 * Selects a profile as `selectProfile` does, but asks on a terminal if nothing says which of
 * several is meant.
 */
export async function chooseProfile(
  app: Pick<App, 'env' | 'log' | 'prompter'>,
  file: ProfilesFile,
  flag: string | undefined,
): Promise<Profile> {
  const named = flag ?? (app.env['TOKENCLI_PROFILE'] || file.defaultName);
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
  const named = from.flag ?? (from.env['TOKENCLI_PROFILE'] || undefined) ?? file.defaultName;
  if (named !== undefined) return findProfile(file, named);
  const names = namesOf(file);
  if (names.length > 1) {
    throw new CliError('usage', `which profile? there are ${names.join(', ')}`, {
      hint: 'name one with -p NAME, or set TOKENCLI_PROFILE',
    });
  }
  const only = names[0];
  if (only !== undefined) return findProfile(file, only);
  const first = file.broken[0];
  if (first) throw brokenError(file, first.problems, '');
  throw new CliError('profile_not_found', 'there is no profile yet', {
    hint: 'tokencli config create',
  });
}

/** @throws CliError profile_not_found with the closest name, invalid_data when it is broken */
export function findProfile(file: ProfilesFile, name: string): Profile {
  const profile = findValid(file, name);
  if (profile) return profile;
  const broken = file.broken.filter((each) => sameName(each.name, name));
  if (broken.length > 0) {
    throw brokenError(
      file,
      broken.flatMap(({ problems }) => problems),
      ` '${name}'`,
    );
  }
  const names = namesOf(file);
  const closest = closestName(name, names);
  const meant = closest === undefined ? '' : `; did you mean '${closest}'?`;
  throw new CliError('profile_not_found', `there is no profile '${name}'${meant}`, {
    hint: names.length > 0 ? 'tokencli config list' : 'tokencli config create',
  });
}

function brokenError(file: ProfilesFile, problems: readonly string[], name: string): CliError {
  return new CliError('invalid_data', `profile${name} is not valid: ${joinProblems(problems)}`, {
    hint: `edit ${file.path}`,
  });
}
