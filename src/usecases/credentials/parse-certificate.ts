import { X509Certificate } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { CliError } from '../../core/errors.ts';
import { GIVE_PASSWORD } from '../../core/formats.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App, Log } from '../../core/ports.ts';
import { shellWord } from '../../core/shell-word.ts';
import { decodeAnyText } from '../../core/text.ts';
import { type CertificateCredential, chooseCertificate } from '../../entra/choose-certificate.ts';
import { type OpenKey, parsePem } from '../../entra/pem.ts';
import {
  DER_SEQUENCE,
  type FileOrigin,
  readCertificateFile,
  TYPED_FILE,
  unwrapBase64,
} from './certificate-file.ts';

type CertificateApp = Pick<App, 'clock' | 'pkcs12'> & { readonly log: Pick<Log, 'registerSecret'> };

/** `readCertificateFile`, then `parseCertificate`. @throws CliError invalid_data */
export async function loadCertificateFile(
  app: CertificateApp & Pick<App, 'userHome' | 'workingFolder'>,
  path: string,
  password: string,
): Promise<CertificateCredential> {
  const bytes = readCertificateFile(app, path);
  return parseCertificate(app, bytes, password, resolveUserPath(app, path));
}

/**
 * Reads a PFX file, a PEM bundle, or the base64 of one, as Azure Key Vault and pipelines hand it out.
 * @param name stands in front of the message of a failure
 * @param origin says in its hint what has to be changed
 * @throws CliError invalid_data: see `chooseCertificate`, `parsePem` and `Pkcs12Reader`
 */
export async function parseCertificate(
  app: CertificateApp,
  bytes: Buffer,
  password: string,
  name: string,
  origin: FileOrigin = TYPED_FILE,
): Promise<CertificateCredential> {
  try {
    const content = unwrapBase64(bytes);
    if (content[0] !== DER_SEQUENCE) {
      return await parseCertificateText(app, decodeAnyText(content), password);
    }
    refuseBareCertificate(content);
    return choose(app, (await app.pkcs12()).read(content, password));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const hint = cureOf(error.details.hint, name, origin);
    throw error.with({ message: `${name}: ${error.message}`, hint });
  }
}

/** A certificate in PEM, such as the secret store has it (`toPemBundle`). @throws CliError */
export async function parseCertificateText(
  app: CertificateApp,
  text: string,
  password = '',
): Promise<CertificateCredential> {
  const openKey: OpenKey = async (key, word) => (await app.pkcs12()).openKey(key, word);
  return choose(app, await parsePem(text, password, openKey));
}

/** Chooses the certificate, and registers its key with the log, which then never shows it. */
function choose(app: CertificateApp, content: Parameters<typeof chooseCertificate>[0]) {
  const certificate = chooseCertificate(content, app.clock.now());
  app.log.registerSecret(certificate.privateKey);
  return certificate;
}

/** Makes a command in a hint one that can be copied, and tells where the file is named. */
function cureOf(hint: string | undefined, name: string, origin: FileOrigin): string {
  if (hint === undefined) return origin.cure;
  if (hint === GIVE_PASSWORD) return origin.password;
  const cure = isAbsolute(name) ? hint.replace(/\bFILE\b/g, () => shellWord(name)) : hint;
  return origin.isVariable ? `${cure}; the file is named by ${origin.name}` : cure;
}

function refuseBareCertificate(der: Buffer): void {
  try {
    new X509Certificate(der);
  } catch {
    return;
  }
  throw new CliError('invalid_data', 'a certificate without its private key', {
    hint: 'use the PFX file, or a PEM file that holds the private key too',
  });
}
