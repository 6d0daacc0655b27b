import { CliError } from '../../core/errors.ts';
import { REFERENCE_FIELDS } from '../../profiles/reference.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';
import { usableRefs } from '../credentials/credential-source.ts';

type Kind = CredentialRef['kind'];

/** Limited, because each credential that is refused costs a request. */
const MOST_CREDENTIALS = 4;

/** Everything that one `config edit` or `cert create` does to a profile. */
export interface ProfileEdit {
  /** By the names of profiles.json. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Names of fields to remove. */
  readonly unset?: readonly string[];
  /** References of new secrets. */
  readonly refs: readonly CredentialRef[];
  /** Keep the old credential beside the new one. */
  readonly keepOld?: boolean;
  /** Keep only the credential that is used first. */
  readonly dropOld?: boolean;
  /** Recorded for the newest client secret; ISO 8601. */
  readonly secretEnd?: string | undefined;
}

export function editedProfile(before: Profile, edit: ProfileEdit): Profile {
  const { fields, refs, unset = [] } = edit;
  const after: Profile = { ...before };
  for (const name of replacedFields(edit)) delete after[name];
  Object.assign(after, fields);
  const hasNew = (kind: Kind) => refs.some((ref) => ref.kind === kind);
  // of two fields that exclude each other, the one that was not given is removed
  if (fields['scopes'] !== undefined) delete after.scope;
  if (fields['authority'] !== undefined && fields['cloud'] === undefined) delete after.cloud;
  if (fields['cloud'] !== undefined && fields['authority'] === undefined) delete after.authority;
  if (hasNew('clientSecret') && after.useCertificate) after.useCertificate = false;
  if (hasNew('certificate') && !edit.keepOld) delete after.certificatePath;
  if (edit.keepOld && hasSecret(before, refs)) delete after.useCertificate;
  for (const name of unset) delete after[name];
  const credentials = credentialsAfter(before, after, edit);
  const changed = before.credentials !== undefined || credentials.length > 0;
  const result = changed ? { ...after, credentials } : after;
  return edit.dropOld ? withFirstAlone(result) : result;
}

/** A new reference replaces all other credentials, and a new credential replaces the reference. */
function replacedFields({ fields, refs }: ProfileEdit): readonly string[] {
  if (hasReference(fields)) return [...REFERENCE_FIELDS, 'certificatePath', 'useCertificate'];
  const isCredential = refs.some(({ kind }) => kind !== 'certificatePassword');
  return isCredential || fields['certificatePath'] !== undefined ? REFERENCE_FIELDS : [];
}

function hasReference(fields: ProfileEdit['fields']): boolean {
  return REFERENCE_FIELDS.some((field) => fields[field] !== undefined);
}

/** The references of `before` that the edited profile no longer has. */
export function replacedBy(before: Profile | undefined, after: Profile): CredentialRef[] {
  const kept = new Set(after.credentials?.map(({ id }) => id));
  return (before?.credentials ?? []).filter(({ id }) => !kept.has(id));
}

/** Older ones come first, as `findCredential` expects. */
function credentialsAfter(before: Profile, after: Profile, edit: ProfileEdit): CredentialRef[] {
  const { fields, refs, keepOld, unset = [] } = edit;
  const byPath = fields['certificatePath'] !== undefined;
  const takesPassword = after.certificatePath !== undefined || after.certificateFrom !== undefined;
  const isNew = (kind: Kind) => refs.some((ref) => ref.kind === kind);
  const stays: Record<Kind, boolean> = {
    clientSecret: !unset.includes('clientSecrets') && (keepOld || !isNew('clientSecret')),
    certificate: !unset.includes('certificates') && !byPath && (keepOld || !isNew('certificate')),
    certificatePassword: takesPassword && !byPath && !isNew('certificatePassword'),
  };
  const old = hasReference(fields) ? [] : (before.credentials ?? []);
  const kept = old.filter(({ kind }) => stays[kind]);
  if (keepOld && kept.length + refs.length > MOST_CREDENTIALS) throw tooMany(before.name);
  return withEnd([...kept, ...refs], edit.secretEnd);
}

/** Keeps only the credential that is used first, and the password of a certificate file. */
function withFirstAlone(profile: Profile): Profile {
  const { credentials = [], certificatePath, ...rest } = profile;
  const ofFile = credentials.filter(({ kind }) => kind === 'certificatePassword');
  if (hasReference(profile)) return { ...rest, credentials: ofFile };
  const first = usableRefs(profile).at(-1);
  if (first) return { ...rest, credentials: [first] };
  return certificatePath === undefined ? profile : { ...profile, credentials: ofFile };
}

function hasSecret(before: Profile, refs: readonly CredentialRef[]): boolean {
  return [...(before.credentials ?? []), ...refs].some(({ kind }) => kind === 'clientSecret');
}

function tooMany(name: string): CliError {
  return new CliError('usage', 'the profile has too many credentials for another one beside them', {
    hint: `tokencli config edit -p ${name} --drop-old --verify`,
  });
}

function withEnd(refs: CredentialRef[], expiresOn: string | undefined): CredentialRef[] {
  if (expiresOn === undefined) return refs;
  const newest = refs.findLast(({ kind }) => kind === 'clientSecret');
  if (!newest) throw new CliError('usage', '--secret-expires needs a client secret in the profile');
  return refs.map((ref) => (ref === newest ? { ...ref, expiresOn } : ref));
}
