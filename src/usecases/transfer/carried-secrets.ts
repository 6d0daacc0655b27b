import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { CarriedProfile, CarriedSecret } from '../../profiles/transfer.ts';
import { readStored } from '../credentials/credential.ts';
import { usedCertificatePath } from '../credentials/credential-source.ts';
import { certificateSecret } from '../credentials/new-certificate.ts';
import { loadCertificateFile } from '../credentials/parse-certificate.ts';
import { newest } from '../credentials/password-source.ts';

/**
 * A profile as it is exported. If secrets are left out it still names their kinds, so that the import
 * can say which ones to set.
 * @throws CliError store_unavailable, or invalid_data if a secret is missing
 */
export async function carryProfile(
  app: App,
  profile: Profile,
  withSecrets: boolean,
): Promise<CarriedProfile> {
  const refs = profile.credentials ?? [];
  if (!withSecrets) {
    const notes = profile.certificatePath === undefined ? [] : [pathOnlyNote(profile)];
    return { profile, secrets: refs.map(({ kind, expiresOn }) => ({ kind, expiresOn })), notes };
  }
  const secrets: CarriedSecret[] = [];
  for (const ref of refs) {
    const { kind, expiresOn } = ref;
    secrets.push({ kind, expiresOn, value: await readStored(app, profile, ref) });
  }
  return packCertificate(app, { profile, secrets });
}

/** Exports the content of a certificate file in place of its path, if the certificate is in use. */
async function packCertificate(app: App, carried: CarriedProfile): Promise<CarriedProfile> {
  const { profile, secrets } = carried;
  const path = profile.certificatePath;
  if (path === undefined) return carried;
  // the exported content counts as the newest credential and would be used after the import
  if (usedCertificatePath(profile) === undefined || newest(profile, 'certificate')) {
    return { ...carried, notes: [pathOnlyNote(profile)] };
  }
  const password = secrets.findLast(({ kind }) => kind === 'certificatePassword')?.value ?? '';
  try {
    const opened = await loadCertificateFile(app, path, password);
    const packed = certificateSecret(opened);
    const { certificatePath: _, ...rest } = profile;
    const others = secrets.filter(({ kind }) => kind !== 'certificatePassword');
    return { profile: rest as Profile, secrets: [...others, packed] };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    app.log.warn(`profile ${profile.name}: ${error.message}`);
    return { ...carried, notes: [pathOnlyNote(profile)] };
  }
}

function pathOnlyNote({ certificatePath }: Profile): string {
  return `only the path of its certificate file is exported: ${certificatePath}`;
}
