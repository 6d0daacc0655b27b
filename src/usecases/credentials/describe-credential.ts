import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { toUtcSecond } from '../../output/dates.ts';
import { referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { usableRefs, usedCertificatePath } from './credential-source.ts';
import { describeReference } from './examine-reference.ts';
import { newest } from './password-source.ts';

/** Where a profile's credential is; never what it is. Reads no secret and opens no store. */
export interface CredentialPlace {
  readonly kind: 'client secret' | 'certificate' | 'federated token' | 'none';
  /** For people: `OS keyring`, `file /path/cert.pfx`, `variable NAME (is not set)`. */
  readonly place: string;
  /** ISO 8601, if it was recorded. */
  readonly expiresOn?: string | undefined;
}

/** The stores in words for people. */
export const STORE_NAMES = { keyring: 'OS keyring', file: 'sealed file store' } as const;

export function describeCredential(app: App, profile: Profile): CredentialPlace {
  const reference = referenceOf(profile);
  if (reference) return describeReference(app, reference);
  const ref = usableRefs(profile).at(-1);
  if (ref) {
    return {
      kind: ref.kind === 'certificate' ? 'certificate' : 'client secret',
      place: STORE_NAMES[ref.store],
      expiresOn: ref.expiresOn && toUtcSecond(ref.expiresOn),
    };
  }
  const path = usedCertificatePath(profile);
  if (path === undefined) return { kind: 'none', place: 'none stored' };
  const password = newest(profile, 'certificatePassword');
  const where = password ? `, its password in the ${STORE_NAMES[password.store]}` : '';
  return { kind: 'certificate', place: `file ${resolveUserPath(app, path)}${where}` };
}
