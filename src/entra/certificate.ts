import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CliError } from '../core/errors.ts';
import type { Credential } from '../core/oauth.ts';
import type { PemContent } from './pem.ts';

export type CertificateCredential = Extract<Credential, { kind: 'certificate' }>;

const LEAST_BITS = 2048;
const DAY_SECONDS = 86_400;
const WARN_DAYS = 30;

/**
 * Finds the certificate that belongs to the key and puts its chain in order: leaf, then the
 * intermediates by who issued whom. A root is left out (RFC 7515 section 4.1.6 wants each
 * certificate to certify the previous one; the verifier has the root), unless it is the leaf itself.
 * @throws CliError invalid_data when Entra ID could not accept it: no key, no certificate, no match,
 * not RSA, fewer than 2048 bits
 */
export function chooseCertificate({ keys, certificates }: PemContent): CertificateCredential {
  if (certificates.length === 0) {
    throw wrong('there is no certificate beside the private key', 'put both into one file');
  }
  if (keys.length === 0) {
    throw wrong('there is no private key beside the certificate', 'put both into one file');
  }
  const all = certificates.map(readCertificate);
  for (const pem of keys) {
    const key = readKey(pem);
    // a renewed certificate may keep its key: the one that lives longest is meant
    const [leaf] = all
      .filter((certificate) => belongTogether(certificate, key))
      .sort((a, b) => Date.parse(b.validTo) - Date.parse(a.validTo));
    if (leaf) return describe(checkKey(key), leaf, all);
  }
  refuseKeyKinds([...keys.map(readKey), ...all.flatMap(publicKeyOf)]);
  throw wrong(
    'the private key does not belong to the certificate',
    'compare openssl x509 -in cert.pem -noout -pubkey with openssl pkey -in key.pem -pubout',
  );
}

/** Seconds. */
const TOLERATED_SKEW = 300;

/**
 * @param now seconds since the epoch
 * @returns a warning when the certificate ends within 30 days
 * @throws CliError invalid_data when it is expired or not yet valid
 */
export function checkValidity(certificate: CertificateCredential, now: number): string | undefined {
  const { notBefore, notAfter } = certificate;
  if (now >= notAfter) {
    throw wrong(
      `the certificate expired on ${day(notAfter)}`,
      'make a new one, register it with the app, then run tokencli config edit',
    );
  }
  // a clock that is a little slow must not refuse a certificate that was just made
  if (now < notBefore - TOLERATED_SKEW) {
    throw wrong(
      `the certificate is not valid before ${day(notBefore)}`,
      'check the clock: date -u',
    );
  }
  const daysLeft = Math.floor((notAfter - now) / DAY_SECONDS);
  if (notAfter - now > WARN_DAYS * DAY_SECONDS) return undefined;
  const when = daysLeft === 0 ? 'today' : daysLeft === 1 ? 'in 1 day' : `in ${daysLeft} days`;
  return `the certificate expires ${when}, on ${day(notAfter)}`;
}

/** The text that is kept in the secret store: the decrypted key, then the chain, leaf first. */
export function toPemBundle({ privateKey, chain }: CertificateCredential): string {
  return [privateKey, ...chain].map((pem) => `${pem.trim()}\n`).join('');
}

function belongTogether(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(key);
  } catch {
    return false;
  }
}

function checkKey(key: KeyObject): KeyObject {
  refuseKeyKinds([key]);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits >= LEAST_BITS) return key;
  throw wrong(
    `the RSA key has ${bits} bits, fewer than the ${LEAST_BITS} that are required`,
    'make a new certificate with at least 2048 bits, for example openssl req -x509 -newkey rsa:2048',
  );
}

function refuseKeyKinds(keys: readonly KeyObject[]): void {
  const hint = 'make a certificate with a plain RSA key: openssl req -x509 -newkey rsa:2048';
  for (const { asymmetricKeyType: type } of keys) {
    if (type === 'rsa-pss') {
      throw wrong('the key is restricted to RSA-PSS, which cannot sign client assertions', hint);
    }
    if (type !== 'rsa') {
      const name = type === 'ec' ? 'an EC key' : `a key of type ${type}`;
      throw wrong(`this is ${name}, but Entra client assertions need RSA`, hint);
    }
  }
}

function describe(
  key: KeyObject,
  leaf: X509Certificate,
  all: readonly X509Certificate[],
): CertificateCredential {
  return {
    kind: 'certificate',
    privateKey: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    sha1: leaf.fingerprint.replaceAll(':', ''),
    sha256: leaf.fingerprint256.replaceAll(':', ''),
    chain: orderChain(leaf, all).map((certificate) => certificate.toString()),
    notBefore: Date.parse(leaf.validFrom) / 1000,
    notAfter: Date.parse(leaf.validTo) / 1000,
    subject: leaf.subject?.split('\n').join(', ') ?? '',
  };
}

function orderChain(leaf: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  const left = new Set(all.filter(({ fingerprint256 }) => fingerprint256 !== leaf.fingerprint256));
  for (let last = leaf; ; ) {
    const issuer = [...left].find((one) => isIssuer(one, last));
    if (!issuer || isIssuer(issuer, issuer)) return chain;
    left.delete(issuer);
    chain.push(issuer);
    last = issuer;
  }
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  const [key] = publicKeyOf(issuer);
  return key !== undefined && certificate.checkIssued(issuer) && certificate.verify(key);
}

/** Node throws for kinds of keys that it does not know; such a certificate certifies nothing. */
function publicKeyOf(certificate: X509Certificate): KeyObject[] {
  try {
    return [certificate.publicKey];
  } catch {
    return [];
  }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CliError('invalid_data', 'the certificate is damaged', { cause });
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new CliError('invalid_data', 'the private key is damaged', { cause });
  }
}

/** @param seconds since the epoch. @returns `2026-01-31`, in UTC */
export function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function wrong(message: string, hint: string): CliError {
  return new CliError('invalid_data', message, { hint });
}
