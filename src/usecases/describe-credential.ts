import type { App } from '../core/ports.ts';
import type { CredentialRef, Profile } from '../profiles/schema.ts';
import { resolveUserPath } from './certificate-file.ts';
import { newest } from './credential-source.ts';

/** Where a profile's credential is; never what it is. Reads no secret and opens no store. */
export interface CredentialPlace {
  readonly kind: 'client secret' | 'certificate' | 'none';
  /** For people: `OS keyring`, `file /path/cert.pfx`. */
  readonly place: string;
  /** ISO 8601, if it was recorded. */
  readonly expiresOn?: string;
}

const STORES = { keyring: 'OS keyring', file: 'sealed file store' } as const;

export function describeCredential(app: App, profile: Profile): CredentialPlace {
  const secret = newest(profile, 'clientSecret');
  const imported = newest(profile, 'certificate');
  const usesCertificate = profile.useCertificate ?? secret === undefined;
  if (usesCertificate && imported) return stored('certificate', imported);
  if (usesCertificate && profile.certificatePath !== undefined) {
    const password = newest(profile, 'certificatePassword');
    const where = password ? `, its password in the ${STORES[password.store]}` : '';
    return {
      kind: 'certificate',
      place: `file ${resolveUserPath(app, profile.certificatePath)}${where}`,
    };
  }
  if (!usesCertificate && secret) return stored('client secret', secret);
  return { kind: 'none', place: 'none stored' };
}

function stored(kind: 'client secret' | 'certificate', ref: CredentialRef): CredentialPlace {
  const { store, expiresOn } = ref;
  return { kind, place: STORES[store], ...(expiresOn !== undefined && { expiresOn }) };
}
