import {
  createPrivateKey,
  type KeyObject,
  type PrivateKeyInput,
  X509Certificate,
} from 'node:crypto';
import { CliError, systemCode } from '../core/errors.ts';
import { isKdfCostAllowed } from './key-rounds.ts';

/** What a PEM text holds; nothing in it is ordered. */
export interface PemContent {
  /** PKCS#8 PEM, decrypted. */
  readonly keys: readonly string[];
  readonly certificates: readonly string[];
}

interface PemBlock {
  readonly block: string;
  readonly label: string;
  readonly body: string;
}

const PKCS8_ENCRYPTED = 'ENCRYPTED PRIVATE KEY';
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([\s\S]*?)-----END \1-----/g;
const MOST_BLOCKS = 50;
/**
 * Reads certificates and private keys (PKCS#1, PKCS#8, SEC 1; encrypted or not) in any order, with
 * any line ends, and with `\n` written as two characters as environment variables often have it.
 * @throws CliError invalid_data: no PEM, damaged, a key without its password, a wrong password
 */
export function parsePem(text: string, password = ''): PemContent {
  const keys: string[] = [];
  const certificates: string[] = [];
  const blocks = [...normalize(text).matchAll(BLOCK)];
  if (blocks.length > MOST_BLOCKS) {
    throw new CliError('invalid_data', `the PEM text holds more than ${MOST_BLOCKS} blocks`);
  }
  for (const [block, label = '', body = ''] of blocks) {
    if (label === 'CERTIFICATE') certificates.push(readCertificate(block));
    else if (label.endsWith('PRIVATE KEY')) keys.push(readKey({ block, label, body }, password));
  }
  if (keys.length + certificates.length > 0) return { keys, certificates };
  throw new CliError('invalid_data', 'no certificate and no private key in the PEM text', {
    hint: 'a PEM file holds lines such as -----BEGIN CERTIFICATE-----',
  });
}

function normalize(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\\r', '')
    .replaceAll('\\n', '\n')
    .replaceAll('\r', '');
}

function readCertificate(block: string): string {
  try {
    return new X509Certificate(block).toString();
  } catch (cause) {
    throw new CliError('invalid_data', 'a certificate in the PEM text is damaged', { cause });
  }
}

function readKey(pem: PemBlock, password: string): string {
  if (pem.body.includes('-----')) throw damagedKey();
  const encrypted = pem.label === PKCS8_ENCRYPTED || /^Proc-Type:.*ENCRYPTED/m.test(pem.body);
  if (encrypted && password === '') {
    throw new CliError('invalid_data', 'the private key is encrypted and needs its password', {
      hint: 'set TOKENCLI_CLIENT_CERTIFICATE_PASSWORD, or store it with tokencli config edit',
    });
  }
  const input: PrivateKeyInput =
    pem.label === PKCS8_ENCRYPTED
      ? { key: affordable(pem.body), format: 'der', type: 'pkcs8' }
      : { key: pem.block };
  return exportKey(openKey(encrypted ? { ...input, passphrase: password } : input));
}

/** What is measured must be what is decrypted, so Node gets these bytes and not the text. */
function affordable(body: string): Buffer {
  const der = Buffer.from(body, 'base64');
  const bearable = isKdfCostAllowed(der);
  if (bearable) return der;
  if (bearable === undefined) throw damagedKey();
  throw new CliError('invalid_data', 'the private key asks for too many key derivation rounds', {
    hint: 'convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -out new-key.pem',
  });
}

function openKey(input: PrivateKeyInput): KeyObject {
  try {
    return createPrivateKey(input);
  } catch (cause) {
    if (systemCode(cause) === 'ERR_OSSL_EVP_UNSUPPORTED') {
      throw new CliError('invalid_data', 'the private key is of a kind that is not supported', {
        hint: 'convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -out new-key.pem',
        cause,
      });
    }
    // one wrong password in 256 decrypts to nonsense, which OpenSSL reports in other words
    if (input.passphrase !== undefined) {
      throw new CliError('invalid_data', 'the password of the private key is wrong', {
        hint: 'check it with openssl pkey -in FILE -noout',
        cause,
      });
    }
    throw damagedKey(cause);
  }
}

function exportKey(key: KeyObject): string {
  try {
    return key.export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch (cause) {
    throw damagedKey(cause);
  }
}

function damagedKey(cause?: unknown): CliError {
  return new CliError('invalid_data', 'a private key in the PEM text is damaged', { cause });
}
