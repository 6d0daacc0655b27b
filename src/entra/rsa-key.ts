import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { CliError } from '../core/errors.ts';

const LEAST_BITS = 2048;
const NEW_KEY = 'make a certificate with a plain RSA key: openssl req -x509 -newkey rsa:2048';
/** The object identifier of id-RSASSA-PSS (RFC 4055), as it is encoded. */
const RSA_PSS = Buffer.from('06092a864886f70d01010a', 'hex');

export function checkKey(key: KeyObject): KeyObject {
  refuseKeyKinds([key]);
  if (isStrong(key)) return key;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  throw wrong(
    `the RSA key has ${bits} bits, fewer than the ${LEAST_BITS} that are required`,
    'make a new certificate with at least 2048 bits, for example openssl req -x509 -newkey rsa:2048',
  );
}

export function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_BITS;
}

export function refuseKeyKinds(keys: readonly KeyObject[]): void {
  for (const { asymmetricKeyType: type } of keys) {
    if (type === 'rsa') continue;
    const name = type === 'ec' ? 'an EC key' : `a key of type ${type}`;
    throw wrong(`this is ${name}, but Entra client assertions need RSA`, NEW_KEY);
  }
}

/** Not every runtime can even read such a key. */
export function isRsaPss(pem: string): boolean {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  return der.subarray(0, 40).includes(RSA_PSS);
}

/** A runtime throws for kinds of keys that it does not know; such a certificate certifies nothing. */
export function publicKeyOf(certificate: X509Certificate): KeyObject[] {
  try {
    return [certificate.publicKey];
  } catch {
    return [];
  }
}

export function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new CliError('invalid_data', 'the private key is damaged', { cause });
  }
}

export function restrictedKey(): CliError {
  return wrong('the key is restricted to RSA-PSS, which cannot sign client assertions', NEW_KEY);
}

function wrong(message: string, hint: string): CliError {
  return new CliError('invalid_data', message, { hint });
}
