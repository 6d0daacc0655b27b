import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';
import type { CarriedProfile, CarriedSecret } from '../../profiles/transfer.ts';
import { readStored } from '../credentials/credential.ts';
import { newest } from '../credentials/credential-source.ts';
import { certificateSecret } from '../credentials/new-certificate.ts';
import { loadCertificateFile } from '../credentials/parse-certificate.ts';

/**
 * A profile ready for the way. Without secrets it tells which there were, so that the other side can
 * say what is left to set.
 * @throws CliError store_unavailable, invalid_data when a secret is gone
 */
export async function carryProfile(
  app: App,
  profile: Profile,
  withSecrets: boolean,
): Promise<CarriedProfile> {
  const refs = profile.credentials ?? [];
  if (!withSecrets) {
    const notes = profile.certificatePath === undefined ? [] : [staysBehind(profile)];
    return { profile, secrets: refs.map((ref) => carriedSecret(ref)), notes };
  }
  const secrets: CarriedSecret[] = [];
  for (const ref of refs) secrets.push(carriedSecret(ref, await readStored(app, profile, ref)));
  return packCertificate(app, { profile, secrets });
}

function carriedSecret({ kind, expiresOn }: CredentialRef, value?: string): CarriedSecret {
  return {
    kind,
    ...(expiresOn !== undefined && { expiresOn }),
    ...(value !== undefined && { value }),
  };
}

/** The file of a certificate is not on the other machine: what is in it travels with the secrets. */
async function packCertificate(app: App, carried: CarriedProfile): Promise<CarriedProfile> {
  const { profile, secrets } = carried;
  const path = profile.certificatePath;
  if (path === undefined) return carried;
  const inUse = profile.useCertificate ?? newest(profile, 'clientSecret') === undefined;
  // what is not used now would be used there, as the newest of all
  if (!inUse || newest(profile, 'certificate')) {
    return { ...carried, notes: [staysBehind(profile)] };
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
    return { ...carried, notes: [staysBehind(profile)] };
  }
}

function staysBehind({ certificatePath }: Profile): string {
  return `only the path of its certificate file is exported: ${certificatePath}`;
}
