import { CliError } from '../../core/errors.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { changeProfiles } from '../../profiles/change.ts';
import { findDefault, findProfile } from '../../profiles/choose-profile.ts';
import { readProfiles } from '../../profiles/store.ts';

export type DefaultArgs = Values<'name'> & Flags<'unset'>;

/** Prints, sets or forgets the profile that is used when none is named. */
export async function chooseDefault(app: App, { name, unset }: DefaultArgs): Promise<Outcome> {
  if (unset === true) {
    if (name !== undefined) throw new CliError('usage', 'give a name or --unset, not both');
    await changeProfiles(app, (draft) => draft.setDefault(undefined));
    app.log.done('There is no default profile any more');
    return { stdout: '' };
  }
  if (name === undefined) return { stdout: app.log.redact(`${await configuredDefault(app)}\n`) };
  // a name that there is not is no reason to make a lock file
  findProfile(await readProfiles(app.paths), name);
  const chosen = await changeProfiles(app, (draft) => {
    const profile = findProfile(draft.file, name);
    draft.setDefault(profile.name);
    return profile.name;
  });
  app.log.done(`'${chosen}' is the default profile`);
  return { stdout: '' };
}

/** @returns the name as the profile spells it */
async function configuredDefault(app: App): Promise<string> {
  const file = await readProfiles(app.paths);
  if (file.defaultName !== undefined) return findDefault(file, file.defaultName).name;
  throw new CliError('profile_not_found', 'there is no default profile', {
    hint: 'tokencli config default NAME',
  });
}
