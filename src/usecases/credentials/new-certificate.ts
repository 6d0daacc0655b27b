import { isoDay } from '../../core/duration.ts';
import type { CertificateSpec } from '../../core/formats.ts';
import type { App } from '../../core/ports.ts';
import {
  type CertificateCredential,
  chooseCertificate,
  toPemBundle,
} from '../../entra/choose-certificate.ts';
import { parseName } from '../../entra/distinguished-name.ts';
import { keyCredentialOf } from '../../entra/key-credential.ts';
import { utcSecond } from '../../output/dates.ts';
import { jsonDocument } from '../../output/json-text.ts';
import type { NewSecret } from '../secrets/commit-secrets.ts';
import { describeThumbprints } from './certificate-text.ts';

const DAY_SECONDS = 86_400;
/** A server whose clock is behind ours must not see a certificate of tomorrow. */
const BACKDATED_SECONDS = 300;

/**
 * Makes a key and its certificate, in memory alone.
 * @param subject see `parseName`
 * @returns it, and the same for the secret store
 * @throws CliError usage for a subject that cannot be
 */
export async function makeCertificate(
  app: App,
  subject: string,
  days = 365,
  bits: CertificateSpec['bits'] = 2048,
) {
  const now = Math.floor(app.clock.now());
  const made = await (await app.certificateMaker()).selfSigned({
    bits,
    subject: parseName(subject),
    notBefore: now - BACKDATED_SECONDS,
    notAfter: now + days * DAY_SECONDS,
  });
  app.log.registerSecret(made.privateKey);
  const content = { keys: [made.privateKey], certificates: [made.certificate] };
  const certificate = chooseCertificate(content, now);
  return { certificate, secret: certificateSecret(certificate) };
}

/** A certificate with its key as the secret store keeps it. */
export function certificateSecret(certificate: CertificateCredential): NewSecret {
  const expiresOn = utcSecond(certificate.notAfter);
  return { kind: 'certificate', value: toPemBundle(certificate), expiresOn };
}

/**
 * Says what was made and where it has to go.
 * @returns the entry for `keyCredentials`, for stdout
 */
export function presentCertificate(
  { log }: App,
  profile: string,
  certificate: CertificateCredential,
  cer: string,
): string {
  log.done(
    `Certificate made for profile '${profile}', valid until ${isoDay(certificate.notAfter)}`,
  );
  for (const line of describeThumbprints(certificate)) log.say(line);
  log.say(`The certificate without its key is in ${cer}; the entry for keyCredentials follows.`);
  log.say(`Register it with the app: upload ${cer}, or paste the entry into the manifest.`);
  return `${jsonDocument(keyCredentialOf(certificate.chain[0] ?? ''))}\n`;
}
