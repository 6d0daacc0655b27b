import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CliError } from '../core/errors.ts';
import { GIVE_PASSWORD, type PemContent } from '../core/formats.ts';

/** `Pkcs12Reader.openKey`, which is loaded for the first encrypted key. */
export type OpenKey = (encrypted: Uint8Array, password: string) => Promise<Uint8Array>;

const PKCS8_ENCRYPTED = 'ENCRYPTED PRIVATE KEY';
const KEYS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', PKCS8_ENCRYPTED];
const CERTIFICATES = ['CERTIFICATE', 'X509 CERTIFICATE'];
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([\s\S]*?)-----END \1-----/g;
const MOST_BLOCKS = 50;
/** The hint for an encrypted key of an unusual kind. */
export const CONVERT_KEY =
  'convert it: openssl pkcs8 -topk8 -in FILE -out new-key.pem -provider legacy -provider default; ' +
  'then put the certificate into the new file too';
/** The headers of a key in OpenSSL's traditional encrypted format (RFC 1421 section 4.6). */
const HEADERS = /^\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Z0-9-]+),([0-9A-F]+)\s/i;
/** The ciphers of that format that both Node and Bun can decrypt. */
const OLD_CIPHER = /^(?:AES-(?:128|192|256)|DES-EDE3)-CBC$/;

/** Blocks that are not usable, with what is wrong and what to do about it. */
const OTHER_BLOCKS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  'OPENSSH PRIVATE KEY': [
    'the private key has the format of OpenSSH, which is for ssh alone',
    'convert a copy of the file: ssh-keygen -p -m PKCS8 -f COPY',
  ],
  'DSA PRIVATE KEY': [
    'this is a DSA key, but Entra client assertions need RSA',
    'make a certificate with an RSA key: openssl req -x509 -newkey rsa:2048',
  ],
  'TRUSTED CERTIFICATE': [
    'the certificate has the "trusted" format of OpenSSL',
    'convert it: openssl x509 -in FILE -out cert.pem',
  ],
  'CERTIFICATE REQUEST': [
    'this is a request for a certificate, not the certificate',
    'use the certificate that was issued for it',
  ],
  PKCS7: [
    'the certificates are packed as PKCS#7',
    'unpack them: openssl pkcs7 -in FILE -print_certs -out certs.pem',
  ],
  'PUBLIC KEY': [
    'this is a public key, not a certificate',
    'use the certificate, and its private key with it',
  ],
};

/**
 * Reads certificates and private keys (PKCS#1, PKCS#8, SEC 1; encrypted or not) in any order. Line
 * ends do not matter: a secret may have been pasted on one line, or with `\n` written as two
 * characters.
 * @param password empty if there is none
 * @throws CliError invalid_data: not PEM, damaged, an encrypted key and no or a wrong password
 */
export async function parsePem(
  text: string,
  password: string,
  openKey: OpenKey,
): Promise<PemContent> {
  const keys: string[] = [];
  const certificates: string[] = [];
  const blocks = [...text.replace(/\\+[nrt]/g, '\n').matchAll(BLOCK)];
  if (blocks.length > MOST_BLOCKS) {
    throw new CliError('invalid_data', `the PEM text holds more than ${MOST_BLOCKS} blocks`);
  }
  for (const [, label = '', body = ''] of blocks) {
    if (CERTIFICATES.includes(label)) certificates.push(readCertificate(body));
    else if (KEYS.includes(label)) keys.push(await readKey(label, body, password, openKey));
  }
  for (const [, label = ''] of blocks) {
    const found = label.endsWith('PRIVATE KEY') ? keys : certificates;
    if (found.length === 0) refuseOther(label);
  }
  if (keys.length + certificates.length > 0) return { keys, certificates };
  throw new CliError('invalid_data', 'no certificate and no private key in the PEM text', {
    hint: 'a PEM file holds lines that begin with -----BEGIN CERTIFICATE',
  });
}

export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}

function refuseOther(label: string): void {
  const [message, hint] = OTHER_BLOCKS[label] ?? [];
  if (message && hint) throw new CliError('invalid_data', message, { hint });
}

function readCertificate(body: string): string {
  try {
    return toPem('CERTIFICATE', new X509Certificate(fromBase64(body) ?? '').raw);
  } catch (cause) {
    throw new CliError('invalid_data', 'a certificate in the PEM text is damaged', { cause });
  }
}

async function readKey(
  label: string,
  body: string,
  password: string,
  openKey: OpenKey,
): Promise<string> {
  const [headers, cipher = '', iv = ''] = HEADERS.exec(body) ?? [''];
  const der = fromBase64(body.slice(headers.length));
  if (!der) throw damagedKey(undefined);
  if (label !== PKCS8_ENCRYPTED && headers === '') return toPem(label, der);
  if (password === '') {
    throw new CliError('invalid_data', 'the private key is encrypted and needs its password', {
      hint: GIVE_PASSWORD,
    });
  }
  if (headers === '') return toPem('PRIVATE KEY', await openKey(der, password));
  if (OLD_CIPHER.test(cipher.toUpperCase())) {
    const info = `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${cipher.toUpperCase()},${iv}\n\n`;
    return openOldKey(toPem(label, der).replace('\n', `\n${info}`), password);
  }
  throw new CliError('invalid_data', 'the private key uses an algorithm that is not supported', {
    hint: CONVERT_KEY,
  });
}

function openOldKey(key: string, passphrase: string): string {
  try {
    const opened = createPrivateKey({ key, passphrase });
    return opened.export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch (cause) {
    throw wrongKeyPassword(cause);
  }
}

/** @returns undefined if the text is not base64 */
function fromBase64(text: string): Buffer | undefined {
  // chats and web pages put a zero-width space where a line may break
  const bare = text.replace(/[\s\u200b]/g, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(bare) ? Buffer.from(bare, 'base64') : undefined;
}

export function damagedKey(cause: unknown): CliError {
  return new CliError('invalid_data', 'a private key in the PEM text is damaged', { cause });
}

export function wrongKeyPassword(cause: unknown): CliError {
  return new CliError('invalid_data', 'the password of the private key is wrong', {
    hint: GIVE_PASSWORD,
    cause,
  });
}
