import { CliError } from '../core/errors.ts';
import type { App, Outcome } from '../core/ports.ts';
import { changeProfiles } from '../profiles/change.ts';
import type { CredentialRef, Profile } from '../profiles/schema.ts';
import { type ProfilesFile, readProfiles } from '../profiles/store.ts';
import { storeKindOf } from '../secrets/vault.ts';
import {
  readNewSecrets,
  removeSecrets,
  storeAndCommit,
  withCredentials,
} from './credential-change.ts';
import { checkDraft, type FieldFlags, fieldsOf } from './profile-draft.ts';
import { askForProfile } from './profile-questions.ts';

export type CreateArgs = FieldFlags &
  Readonly<Record<string, unknown>> & {
    readonly name?: string | undefined;
    readonly force?: boolean | undefined;
  };

/** Makes a profile: checked, its secret stored and proven, and only then written. */
export async function createProfile(app: App, given: CreateArgs): Promise<Outcome> {
  const file = readProfiles(app.paths.profiles);
  const answers = app.talk.interactive ? await askForProfile(app, given, file) : undefined;
  const args = { ...given, ...answers?.flags };
  const profile = draft(app, args);
  refuseExisting(file, profile.name, args.force === true);
  const secrets = answers?.secrets ?? (await readNewSecrets(app, args));
  const kind = storeKindOf(app.env, file.store);

  const old = await storeAndCommit(app, kind, secrets, (refs) =>
    changeProfiles(app, (change) => {
      const full = withCredentials(profile, refs);
      const before = change.find(profile.name);
      if (before === undefined) {
        refuseExisting(change.file, profile.name, args.force === true);
        change.replace(profile.name, full);
      } else {
        if (args.force !== true) throw taken(profile.name);
        change.replace(profile.name, full);
      }
      return before?.credentials ?? [];
    }),
  );
  await removeSecrets(app, old as CredentialRef[]);
  app.talk.done(`Profile '${profile.name}' saved to ${app.paths.profiles}`);
  if (answers) app.talk.say(`The same without questions:\n  ${answers.commandLine}`);
  app.talk.say(`Try it: tokencli get-token -p ${profile.name}`);
  return { stdout: '' };
}

function draft(app: App, args: CreateArgs): Profile {
  const missing = ['name', 'client-id', 'tenant-id'].filter((flag) => args[flag] === undefined);
  // a generic issuer has no tenants
  const needed = missing.filter((flag) => flag !== 'tenant-id' || args.protocol !== 'oidc');
  if (needed.length > 0) {
    throw new CliError('usage', `missing: ${needed.map((flag) => `--${flag}`).join(', ')}`, {
      hint: 'tokencli config create --help',
    });
  }
  const profile = { name: args.name, ...fieldsOf(app, args) } as Profile;
  if (args['import-certificate'] === true) profile.useCertificate = true;
  checkDraft(profile);
  return profile;
}

function refuseExisting(file: ProfilesFile, name: string, force: boolean): void {
  const same = (other: string | undefined) => other?.toLowerCase() === name.toLowerCase();
  const exists =
    file.profiles.some((each) => same(each.name)) || file.broken.some((each) => same(each.name));
  if (exists && !force) throw taken(name);
}

function taken(name: string): CliError {
  return new CliError('usage', `there is already a profile '${name}'`, {
    hint: `change it: tokencli config edit -p ${name}; or replace it with --force`,
  });
}
