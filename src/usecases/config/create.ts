import { whyNotAsked } from '../../core/ci.ts';
import { CliError } from '../../core/errors.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { credentialsOf } from '../../profiles/change.ts';
import type { Profile } from '../../profiles/schema.ts';
import { hasName, type ProfilesFile, readProfiles } from '../../profiles/store.ts';
import { prepareCer } from '../credentials/certificate-text.ts';
import { presentCertificate } from '../credentials/new-certificate.ts';
import { commitSecrets } from '../secrets/commit-secrets.ts';
import { removeTokens, whileNoTokenIsSaved } from '../token/cache-removal.ts';
import { sayCommandLines } from './command-line.ts';
import { readNewSecrets } from './credential-change.ts';
import { checkDraft, type FieldFlags, fieldsOf } from './profile-draft.ts';
import { editedProfile } from './profile-edit.ts';
import { askForProfile } from './profile-questions.ts';
import { verifyCredential } from './verify-credential.ts';

export type CreateArgs = FieldFlags & Values<'name'> & Flags<'force' | 'verify'>;

const GIVEN = {
  clientId: '--client-id',
  tenantId: '--tenant-id',
  authority: '--cloud',
  credential: 'flag',
} as const;

/** Creates a profile: checks it, verifies and stores its secret, then writes profiles.json. */
export async function createProfile(app: App, given: CreateArgs): Promise<Outcome> {
  const file = await readProfiles(app.paths);
  const force = given.force === true;
  if (given.name !== undefined) refuseExisting(file, given.name, force);
  const asks = app.log.interactive && missingFlags(given).length > 0;
  const answers = asks ? await askForProfile(app, given, file) : undefined;
  const args = { ...given, ...answers?.flags };
  const profile = draft(app, args);
  const secrets = answers?.secrets ?? (await readNewSecrets(app, args));
  const end = args['secret-expires'];
  if (end !== undefined && !secrets.some(({ kind }) => kind === 'clientSecret')) {
    throw new CliError('usage', '--secret-expires needs a client secret');
  }
  if (args.verify === true) await verifyCredential(app, profile, secrets, GIVEN);
  const made = answers?.made;
  const cer = `${profile.name}.cer`;
  const saveCer = made && prepareCer(app, cer);
  let replaced = false;
  await commitSecrets(app, file.store, secrets, (change, refs) => {
    // check again under the lock, because another process may have created it meanwhile
    refuseExisting(change.file, profile.name, force);
    replaced = hasName(change.file, profile.name);
    // tokens that a deleted profile of this name has left must not be used for the new one
    if (!replaced) removeTokens(app, profile.name);
    change.replace(profile.name, editedProfile(profile, { fields: {}, refs }));
    return credentialsOf(change.file, profile.name);
  });
  if (replaced)
    await whileNoTokenIsSaved(app, [profile.name], () => removeTokens(app, profile.name));
  saveCer?.(made?.chain[0] ?? '');
  app.log.done(`Profile '${profile.name}' saved to ${app.paths.profiles}`);
  if (answers) sayCommandLines(app, answers.commandLines);
  const stdout = made ? presentCertificate(app, profile.name, made, cer) : '';
  app.log.say(`Try it: tokencli get-token -p ${profile.name}`);
  return { stdout };
}

/** Required flags that are not given. A generic issuer has no tenants. */
function missingFlags(args: CreateArgs): string[] {
  const needed =
    args.protocol === 'oidc' ? ['name', 'client-id'] : ['name', 'client-id', 'tenant-id'];
  return needed.filter((flag) => args[flag] === undefined);
}

function draft(app: App, args: CreateArgs): Profile {
  const missing = missingFlags(args);
  if (missing.length > 0) {
    const flags = missing.map((flag) => `--${flag}`).join(', ');
    throw new CliError('usage', `missing: ${flags}; ${whyNotAsked(app)}`, {
      hint: 'tokencli config create --help',
    });
  }
  const profile = { name: args.name, ...fieldsOf(app, args) } as Profile;
  checkDraft(app, profile);
  return profile;
}

function refuseExisting(file: ProfilesFile, name: string, force: boolean): void {
  if (force || !hasName(file, name)) return;
  throw new CliError('usage', `there is already a profile '${name}'`, {
    hint: `change it: tokencli config edit -p ${name}; or replace it with --force`,
  });
}
