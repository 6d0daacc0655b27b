import { CliError } from '../core/errors.ts';
import type { CredentialRef, Profile } from '../profiles/schema.ts';

type Kind = CredentialRef['kind'];

const MOST_OF_A_KIND = 4;

/** Everything that one `config edit` or `cert create` does to a profile. */
export interface ProfileEdit {
  /** In the spelling of profiles.json. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Names of fields that are taken away. */
  readonly unset?: readonly string[];
  /** References of new secrets. */
  readonly refs: readonly CredentialRef[];
  /** The credential of before stays beside the new one. */
  readonly keepOld?: boolean;
  /** Of each kind only the newest stays. */
  readonly dropOld?: boolean;
  /** Recorded for the newest client secret; ISO 8601. */
  readonly secretEnd?: string | undefined;
}

/** The profile after the edit. */
export function editedProfile(before: Profile, edit: ProfileEdit): Profile {
  const after: Profile = { ...before, ...edit.fields };
  const { fields, refs, unset = [] } = edit;
  const hasNew = (kind: Kind) => refs.some((ref) => ref.kind === kind);
  // two spellings of one thing: the one that was not given must not contradict
  if (fields['scopes'] !== undefined) delete after.scope;
  if (fields['authority'] !== undefined && fields['cloud'] === undefined) delete after.cloud;
  if (fields['cloud'] !== undefined && fields['authority'] === undefined) delete after.authority;
  if (hasNew('clientSecret') && after.useCertificate) after.useCertificate = false;
  if (hasNew('certificate') && !edit.keepOld) delete after.certificatePath;
  for (const name of unset) delete after[name];
  // what is in the store is newer than a file beside it
  const inStore = before.credentials?.some(({ kind }) => kind === 'certificate');
  if (edit.dropOld && inStore) delete after.certificatePath;
  const credentials = credentialsOf(before, after, edit);
  if (before.credentials === undefined && credentials.length === 0) return after;
  return { ...after, credentials };
}

/** The references of `before` that the edited profile no longer has. */
export function replacedBy(before: Profile | undefined, after: Profile): CredentialRef[] {
  const kept = new Set(after.credentials?.map(({ id }) => id));
  return (before?.credentials ?? []).filter(({ id }) => !kept.has(id));
}

function credentialsOf(before: Profile, after: Profile, edit: ProfileEdit): CredentialRef[] {
  const { fields, refs, keepOld, dropOld, unset = [] } = edit;
  const rolled = (kind: Kind): CredentialRef[] => {
    const old = before.credentials?.filter((ref) => ref.kind === kind) ?? [];
    const fresh = refs.filter((ref) => ref.kind === kind);
    if (fresh.length === 0) return dropOld ? old.slice(-1) : old;
    if (!keepOld) return fresh;
    if (old.length + fresh.length > MOST_OF_A_KIND) throw tooMany(before.name);
    return [...old, ...fresh];
  };
  const byPath = fields['certificatePath'] !== undefined;
  const secrets = unset.includes('clientSecrets') ? [] : rolled('clientSecret');
  const noCertificate = byPath || unset.includes('certificates');
  const certificates = noCertificate ? [] : rolled('certificate');
  const password = refs.filter(({ kind }) => kind === 'certificatePassword');
  const oldPassword = byPath || after.certificatePath === undefined;
  const passwords = oldPassword || password.length > 0 ? password : rolled('certificatePassword');
  return [...withEnd(secrets, edit.secretEnd), ...certificates, ...passwords];
}

function tooMany(name: string): CliError {
  return new CliError('usage', `there are already ${MOST_OF_A_KIND} credentials of this kind`, {
    hint: `tokencli config edit -p ${name} --drop-old --verify`,
  });
}

function withEnd(secrets: CredentialRef[], expiresOn: string | undefined): CredentialRef[] {
  if (expiresOn === undefined) return secrets;
  const newest = secrets.at(-1);
  if (!newest) throw new CliError('usage', '--secret-expires needs a client secret in the profile');
  return [...secrets.slice(0, -1), { ...newest, expiresOn }];
}
