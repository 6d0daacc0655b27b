import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { toUtcSecond } from '../../output/dates.ts';
import { referenceOf } from '../../profiles/reference.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';
import { usableRefs } from './credential-source.ts';
import { examineReference } from './examine-reference.ts';
import { newest } from './password-source.ts';

/** Where a profile's credential is; never what it is. Reads no secret and opens no store. */
export interface CredentialPlace {
  readonly kind: 'client secret' | 'certificate' | 'federated token' | 'none';
  /** For people: `OS keyring`, `file /path/cert.pfx`, `variable NAME (is not set)`. */
  readonly place: string;
  /** ISO 8601, if it was recorded. */
  readonly expiresOn?: string;
}

/** The stores in words for people. */
export const STORE_NAMES = { keyring: 'OS keyring', file: 'sealed file store' } as const;

export function describeCredential(
  app: Pick<App, 'env' | 'platform' | 'userHome' | 'workingFolder'>,
  profile: Profile,
): CredentialPlace {
  const reference = referenceOf(profile);
  if (reference) {
    const { kind, place, problem, note = problem } = examineReference(app, reference);
    return { kind, place: note === undefined ? place : `${place} (${note})` };
  }
  const newestRef = usableRefs(profile).at(-1);
  if (newestRef) return stored(newestRef);
  if (profile.useCertificate !== false && profile.certificatePath !== undefined) {
    const password = newest(profile, 'certificatePassword');
    const where = password ? `, its password in the ${STORE_NAMES[password.store]}` : '';
    return {
      kind: 'certificate',
      place: `file ${resolveUserPath(app, profile.certificatePath)}${where}`,
    };
  }
  return { kind: 'none', place: 'none stored' };
}

function stored({ kind, store, expiresOn }: CredentialRef): CredentialPlace {
  return {
    kind: kind === 'certificate' ? 'certificate' : 'client secret',
    place: STORE_NAMES[store],
    ...(expiresOn !== undefined && { expiresOn: toUtcSecond(expiresOn) }),
  };
}
