import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { attempt } from '../core/attempt.ts';
import { CliError } from '../core/errors.ts';

const LEAST_BITS = 2048;
const NEW_KEY = 'make a certificate with a plain RSA key: openssl req -x509 -newkey rsa:2048';
/** DER encoding of the object identifier id-RSASSA-PSS (RFC 4055 section 1.2). */
const RSA_PSS = '06092a864886f70d01010a';
/** The same of other kinds of keys, not all of which Bun can load. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
  '06072a8648ce3d0201': 'ec',
  '06032b6570': 'ed25519',
  '06032b6571': 'ed448',
  '06072a8648ce380401': 'dsa',
};

/** @throws CliError invalid_data unless it is an RSA key with at least 2048 bits */
export function checkKey(key: KeyObject): KeyObject {
  refuseKeyKinds([key]);
  if (isStrong(key)) return key;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  throw invalidData(
    `the RSA key has ${bits} bits, fewer than the ${LEAST_BITS} that are required`,
    'make a new certificate with at least 2048 bits, for example openssl req -x509 -newkey rsa:2048',
  );
}

/** True for an RSA key with at least 2048 bits. */
export function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_BITS;
}

/** @throws CliError invalid_data if one of the keys is not RSA; as PEM, if it is known not to be */
export function refuseKeyKinds(keys: readonly (KeyObject | string)[]): void {
  for (const key of keys) {
    const type = typeof key === 'string' ? (otherKindOf(key) ?? 'rsa') : key.asymmetricKeyType;
    if (type === 'rsa') continue;
    const name = type === 'ec' ? 'an EC key' : `a key of type ${type}`;
    throw invalidData(`this is ${name}, but Entra client assertions need RSA`, NEW_KEY);
  }
}

/**
 * True for a key that may only make RSA-PSS signatures. Looks at the bytes, because Bun cannot load
 * such a key.
 */
export function isRsaPss(pem: string): boolean {
  return beginsWith(pem, RSA_PSS);
}

function otherKindOf(pem: string): string | undefined {
  if (pem.startsWith('-----BEGIN EC ')) return 'ec';
  return Object.entries(OTHER_KINDS).find(([identifier]) => beginsWith(pem, identifier))?.[1];
}

/** @param identifier in hexadecimal: PKCS#8 has the algorithm in its first bytes */
function beginsWith(pem: string, identifier: string): boolean {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  return der.subarray(0, 40).includes(Buffer.from(identifier, 'hex'));
}

/** @returns one key; none if the runtime does not support that kind of key */
export function publicKeyOf(certificate: X509Certificate): KeyObject[] {
  const key = attempt(() => certificate.publicKey);
  return key ? [key] : [];
}

/**
 * @param pem not encrypted
 * @returns one key; none if it is no RSA key and the runtime does not support its kind
 * @throws CliError invalid_data
 */
export function readKey(pem: string): KeyObject[] {
  try {
    return [createPrivateKey(pem)];
  } catch (cause) {
    if (otherKindOf(pem) !== undefined) return [];
    throw new CliError('invalid_data', 'the private key is damaged', { cause });
  }
}

export function restrictedKey(): CliError {
  return invalidData(
    'the key is restricted to RSA-PSS, which cannot sign client assertions',
    NEW_KEY,
  );
}

export function invalidData(message: string, hint: string): CliError {
  return new CliError('invalid_data', message, { hint });
}
