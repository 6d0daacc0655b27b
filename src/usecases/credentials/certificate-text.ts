import { X509Certificate } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { keyCredentialOf, thumbprintOf } from '../../entra/key-credential.ts';
import { toUtcSecond } from '../../output/dates.ts';
import { prepareSave } from '../../output/save.ts';

const DAY_SECONDS = 86_400;

/** Lines for people: both hashes, each in hex and in base64. */
export function describeThumbprints({ chain }: { readonly chain: readonly string[] }): string[] {
  const leaf = chain[0] ?? '';
  return (['sha1', 'sha256'] as const).flatMap((hash) => {
    const { hex, base64 } = thumbprintOf(leaf, hash);
    const label = hash === 'sha1' ? 'SHA-1' : 'SHA-256';
    return [`  ${label.padEnd(8)} ${hex}`, `  ${' '.repeat(8)} ${base64}`];
  });
}

/**
 * Looks at the target before anything is made. An older certificate may be replaced, nothing else.
 * @returns writes the DER of a PEM certificate
 * @throws CliError io
 */
export function prepareCer(app: App, file: string): (certificate: string) => void {
  const save = prepareSave(app, file);
  const path = resolve(app.workingFolder, file);
  const exists = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  if (exists && !isCertificate(path)) {
    throw new CliError('io', `${file} is there already, and it is no certificate`, {
      hint: 'name another file with --cer FILE',
    });
  }
  return (certificate) => save(new X509Certificate(certificate).raw);
}

function isCertificate(path: string): boolean {
  try {
    new X509Certificate(readFileSync(path));
    return true;
  } catch {
    return false;
  }
}

type CertificateDocument = ReturnType<typeof certificateDocument>;

/** What there is to say about a certificate, for people: rows of two columns. */
export function describeCertificate(document: CertificateDocument, now: number): string[][] {
  const { subject, issuer, serialNumber, notBefore, notAfter, keySize, sha1, sha256, place } =
    document;
  return [
    ['subject', subject],
    ['issuer', issuer === subject ? 'itself' : issuer],
    ['serial number', serialNumber],
    ['valid from', notBefore],
    ['valid until', `${notAfter} (${lifeOf(document, now)})`],
    ['key', keySize === undefined ? 'not RSA' : `RSA, ${keySize} bits`],
    ['SHA-1', sha1.hex],
    ['', sha1.base64],
    ['SHA-256', sha256.hex],
    ['', sha256.base64],
    ['place', place],
  ];
}

/** The same for programs. */
export function certificateDocument(certificate: X509Certificate, place: string, now: number) {
  const { raw, serialNumber, publicKey } = certificate;
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    serialNumber,
    notBefore: toUtcSecond(certificate.validFrom),
    notAfter: toUtcSecond(certificate.validTo),
    daysLeft: Math.floor((Date.parse(certificate.validTo) / 1000 - now) / DAY_SECONDS),
    keySize: publicKey.asymmetricKeyDetails?.modulusLength,
    sha1: thumbprintOf(raw, 'sha1'),
    sha256: thumbprintOf(raw, 'sha256'),
    place,
    keyCredential: keyCredentialOf(raw),
  };
}

function lifeOf({ notBefore, notAfter, daysLeft }: CertificateDocument, now: number): string {
  if (Date.parse(notAfter) / 1000 <= now) return 'expired';
  if (Date.parse(notBefore) / 1000 > now) return 'not yet valid';
  return daysLeft === 1 ? '1 day left' : `${daysLeft} days left`;
}

function oneLine(name: string | undefined): string {
  return name?.split('\n').join(', ') ?? '';
}
