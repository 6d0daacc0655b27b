import { X509Certificate } from 'node:crypto';
import { startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Flags, Values } from '../../core/options.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { decodeAnyText } from '../../core/text.ts';
import { jsonDocument } from '../../output/json-text.ts';
import { formatTable } from '../../output/table.ts';
import { chooseProfile } from '../../profiles/choose-profile.ts';
import { nameReference, referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { readProfiles } from '../../profiles/store.ts';
import { readCertificateFile } from '../credentials/certificate-file.ts';
import {
  certificateDocument,
  describeCertificate,
  prepareCer,
} from '../credentials/certificate-text.ts';
import { type CertificateSource, openCertificate } from '../credentials/credential.ts';
import { type CredentialSource, findOwnCredential } from '../credentials/credential-source.ts';
import { STORE_NAMES } from '../credentials/describe-credential.ts';
import { parseCertificate } from '../credentials/parse-certificate.ts';
import { readSecret } from '../secrets/secret-input.ts';

export type CertShowArgs = Readonly<Record<string, unknown>> &
  Values<'profile' | 'file' | 'cer'> &
  Flags<'json'>;

interface Shown {
  readonly place: string;
  readonly certificate: X509Certificate;
}

/** Enough for a reference's command that waits until a person has unlocked something. */
const LIMIT_SECONDS = 60;

/** Shows the certificates of a profile, the one in use first, or the one of any file. */
export async function showCertificate(app: App, args: CertShowArgs): Promise<Outcome> {
  if (args.profile !== undefined && args.file !== undefined) {
    throw new CliError('usage', 'give a profile or a file, not both');
  }
  const saveCer = args.cer === undefined ? undefined : prepareCer(app, args.cer);
  const all =
    args.file === undefined
      ? await certificatesOfProfile(app, args)
      : [await certificateOfFile(app, args)];
  const now = app.clock.now();
  saveCer?.(all[0]?.certificate.toString() ?? '');
  if (saveCer) app.log.done(`Certificate written to ${args.cer}`);
  const certificates = all.map(({ place, certificate }) =>
    certificateDocument(certificate, place, now),
  );
  if (args.json === true) return { stdout: `${jsonDocument({ certificates })}\n` };
  const tables = certificates.map((each) => formatTable(describeCertificate(each, now)));
  return { stdout: tables.join('\n') };
}

async function certificatesOfProfile(app: App, args: CertShowArgs): Promise<Shown[]> {
  const file = await readProfiles(app.paths);
  const profile = await chooseProfile(app, file, args.profile);
  const shown: Shown[] = [];
  for (const source of sourcesOf(app, profile)) {
    const deadline = startDeadline(LIMIT_SECONDS, app.interrupted);
    const { chain } = await openCertificate(app, profile, source, deadline);
    shown.push({ place: placeOf(source), certificate: new X509Certificate(chain[0] ?? '') });
  }
  return shown;
}

function sourcesOf(app: App, profile: Profile): CertificateSource[] {
  const kinds = profile.credentials?.map(({ kind }) => kind) ?? [];
  const byReference = referenceOf(profile)?.field;
  const has = kinds.includes('certificate') || profile.certificatePath !== undefined;
  if (byReference === undefined ? !has : byReference !== 'certificateFrom') {
    throw new CliError('interaction_required', `profile ${profile.name} has no certificate`, {
      hint: `tokencli cert create -p ${profile.name}`,
    });
  }
  const source = findOwnCredential(app, { ...profile, useCertificate: true });
  return [source, ...(source.spares ?? [])].filter(isCertificate);
}

function isCertificate(source: CredentialSource): source is CertificateSource {
  return source.kind === 'certificate';
}

function placeOf(source: CertificateSource): string {
  if (source.from === 'store') return STORE_NAMES[source.ref.store];
  if (source.from === 'reference') return nameReference(source.reference);
  return source.from === 'file' ? source.path : source.variable;
}

/** A file with nothing but a certificate is shown too; it needs no key and no password. */
async function certificateOfFile(app: App, args: CertShowArgs): Promise<Shown> {
  const path = resolveUserPath(app, args.file ?? '');
  const bytes = readCertificateFile(app, path);
  const password = await readSecret(app, 'certificate-password', args);
  const text = decodeAnyText(bytes);
  const bare = text.includes('PRIVATE KEY') ? undefined : bareCertificate(bytes, text);
  if (bare) return { place: path, certificate: bare };
  const { chain } = await parseCertificate(app, bytes, password ?? '', path);
  return { place: path, certificate: new X509Certificate(chain[0] ?? '') };
}

function bareCertificate(bytes: Buffer, text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text.includes('-----BEGIN') ? text : bytes);
  } catch {
    return undefined;
  }
}
