import { CliError } from '../../core/errors.ts';
import { UNSET_FIELDS } from '../../core/names.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { chooseProfile } from '../../profiles/choose-profile.ts';
import { readProfiles } from '../../profiles/store.ts';
import { commitSecrets, type NewSecret } from '../secrets/commit-secrets.ts';
import { sayCommandLines } from './command-line.ts';
import { endDate, readNewSecrets } from './credential-change.ts';
import { askWhatToEdit } from './edit-questions.ts';
import { checkDraft, type FieldFlags, fieldsOf } from './profile-draft.ts';
import { editedProfile, type ProfileEdit, replacedBy } from './profile-edit.ts';
import { verifyCredential } from './verify-credential.ts';

export type EditArgs = FieldFlags &
  Values<'profile'> &
  Flags<'verify' | 'keep-old' | 'drop-old'> &
  Lists<'unset'>;

/**
 * Changes fields or rotates the credential: stores the new one, makes the profile refer to it, and
 * only then deletes the old one.
 */
export async function editProfile(app: App, given: EditArgs): Promise<Outcome> {
  const file = await readProfiles(app.paths);
  const profile = await chooseProfile(app, file, given.profile);
  const { name } = profile;
  const bySecret = await readNewSecrets(app, given, profile);
  const asks = bySecret.length === 0 && saysNothing(app, given);
  const answers = asks ? await askWhatToEdit(app, profile, file.store, given) : undefined;
  const secrets = answers?.secrets ?? bySecret;
  const edit = editOf(app, { ...given, ...answers?.flags }, secrets);

  // they stand for the references of secrets that are not stored yet
  const refs = secrets.map(({ kind }) => ({ kind, id: '0'.repeat(32), store: 'keyring' as const }));
  const draft = editedProfile(profile, { ...edit, refs });
  checkDraft(app, draft);
  if (given.verify === true) await verifyCredential(app, draft, secrets);
  await commitSecrets(app, file.store, secrets, (change, refs) => {
    const before = change.get(name);
    const after = editedProfile(before, { ...edit, refs });
    checkDraft(app, after);
    change.replace(name, after);
    return replacedBy(before, after);
  });
  app.log.done(`Profile '${name}' changed`);
  if (answers) sayCommandLines(app, answers.commandLines);
  return { stdout: '' };
}

function editOf(
  app: App,
  given: EditArgs,
  secrets: readonly NewSecret[],
): Omit<ProfileEdit, 'refs'> {
  const keepOld = given['keep-old'] === true;
  const inStore = secrets.some(({ kind }) => kind !== 'certificatePassword');
  if (keepOld && !inStore) {
    throw new CliError('usage', '--keep-old needs a new credential that goes into the store', {
      hint: 'a client secret, or --certificate FILE --import-certificate',
    });
  }
  const isNew = secrets.some(({ kind }) => kind === 'clientSecret');
  const end = given['secret-expires'];
  return {
    fields: fieldsOf(app, given),
    unset: (given.unset ?? []).flatMap((flag) => UNSET_FIELDS[flag as keyof typeof UNSET_FIELDS]),
    keepOld,
    dropOld: given['drop-old'] === true,
    ...(end !== undefined && !isNew && { secretEnd: endDate(end) }),
  };
}

/** True if the flags name nothing to change, apart from secrets. */
function saysNothing(app: App, given: EditArgs): boolean {
  const others = [given.unset?.length, given['drop-old'], given['secret-expires']];
  return Object.keys(fieldsOf(app, given)).length === 0 && !others.some(Boolean);
}
