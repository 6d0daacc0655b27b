import { X509Certificate } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { CliError, systemCode } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { shellWord } from '../../core/shell-word.ts';
import { type CertificateCredential, chooseCertificate } from '../../entra/certificate.ts';
import { type OpenKey, parsePem } from '../../entra/pem.ts';

const MOST_BYTES = 64 * 1024;
const DER_SEQUENCE = 0x30;
const BASE64_DER = /^\s*MI[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** `~` is the user's home, anything relative starts from the working folder. */
export function resolveUserPath(app: App, path: string): string {
  if (path === '~') return app.userHome;
  if (/^~[/\\]/.test(path)) return join(app.userHome, path.slice(2));
  return resolve(app.workingFolder, path);
}

/** @throws CliError invalid_data, naming the path: missing, not a file, unreadable, over 64 KiB */
export function readCertificateFile(app: App, path: string): Buffer {
  const full = resolveUserPath(app, path);
  let fd: number | undefined;
  try {
    // a FIFO must not make us wait for somebody who writes to it
    fd = openSync(full, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw unreadable(full, 'it is not a file');
    if (stat.size > MOST_BYTES) throw unreadable(full, `it is larger than ${MOST_BYTES} bytes`);
    if (stat.size === 0) throw unreadable(full, 'it is empty');
    return readFileSync(fd);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unreadable(full, reasonOf(error), error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** `readCertificateFile`, then `parseCertificate`. @throws CliError invalid_data */
export async function loadCertificateFile(
  app: App,
  path: string,
  password: string,
): Promise<CertificateCredential> {
  const full = resolveUserPath(app, path);
  return parseCertificate(app, readCertificateFile(app, full), password, full);
}

/**
 * Reads a PFX file, a PEM bundle, or the base64 of a PFX as Azure Key Vault hands it out.
 * @param name stands in front of the message of a failure
 * @throws CliError invalid_data: see `chooseCertificate`, `parsePem` and `Pkcs12Reader`
 */
export async function parseCertificate(
  app: App,
  bytes: Buffer,
  password: string,
  name: string,
): Promise<CertificateCredential> {
  try {
    const der = derOf(bytes);
    if (!der) return await parseText(app, textOf(bytes), password);
    refuseBareCertificate(der);
    return chooseCertificate((await app.pkcs12()).read(der, password), app.clock.now());
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { hint, ...details } = error.details;
    throw new CliError(error.code, `${name}: ${error.message}`, {
      ...details,
      ...(hint !== undefined && { hint: withFile(hint, name) }),
    });
  }
}

/** A certificate as it was imported into the secret store (`toPemBundle`). @throws CliError */
export async function parseCertificateText(
  app: App,
  stored: string,
): Promise<CertificateCredential> {
  return parseText(app, stored, '');
}

async function parseText(app: App, text: string, password: string) {
  const openKey: OpenKey = async (key, word) => (await app.pkcs12()).openKey(key, word);
  return chooseCertificate(await parsePem(text, password, openKey), app.clock.now());
}

/** Makes a command in a hint one that can be copied. */
function withFile(hint: string, name: string): string {
  return isAbsolute(name) ? hint.replace(/\bFILE\b/g, () => shellWord(name)) : hint;
}

function derOf(bytes: Buffer): Buffer | undefined {
  if (bytes[0] === DER_SEQUENCE) return bytes;
  const text = textOf(bytes);
  return BASE64_DER.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function textOf(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8');
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

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is not a file',
  ELOOP: 'too many symbolic links',
};

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  return (code && REASONS[code]) ?? code ?? 'it cannot be opened';
}

function unreadable(path: string, reason: string, cause?: unknown): CliError {
  return new CliError('invalid_data', `cannot read the certificate ${path}: ${reason}`, {
    hint: 'correct certificatePath in the profile, or TOKENCLI_CLIENT_CERTIFICATE_PATH',
    cause,
  });
}
