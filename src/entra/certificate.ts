import { type KeyObject, X509Certificate } from 'node:crypto';
import { isoDay } from '../core/duration.ts';
import { CliError } from '../core/errors.ts';
import type { Credential } from '../core/oauth.ts';
import type { PemContent } from './pem.ts';
import {
  checkKey,
  isRsaPss,
  isStrong,
  publicKeyOf,
  readKey,
  refuseKeyKinds,
  restrictedKey,
} from './rsa-key.ts';

export type CertificateCredential = Extract<Credential, { kind: 'certificate' }>;

const DAY_SECONDS = 86_400;
const WARN_DAYS = 30;
/** Seconds: a clock that is a little slow must not refuse a certificate that was just made. */
const TOLERATED_SKEW = 300;

interface Pair {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

/**
 * Finds the certificate that belongs to a key, one that is valid now and of those the one that lives
 * longest, and puts its chain in order: leaf, then the intermediates by who issued whom. A root is
 * left out (RFC 7515 section 4.1.6 wants each certificate to certify the previous one; the verifier
 * has the root), unless it is the leaf itself.
 * @param now seconds since the epoch
 * @throws CliError invalid_data when Entra ID could not accept it: no key, no certificate, no match,
 * not RSA, fewer than 2048 bits
 */
export function chooseCertificate(
  { keys, certificates }: PemContent,
  now: number,
): CertificateCredential {
  if (certificates.length === 0) {
    throw wrong('there is no certificate beside the private key', 'put both into one file');
  }
  if (keys.length === 0) {
    throw wrong('there is no private key beside the certificate', 'put both into one file');
  }
  const all = certificates.map(readCertificate);
  const usable = keys.filter((pem) => !isRsaPss(pem)).map(readKey);
  const pairs = usable.flatMap((key) =>
    all
      .filter((certificate) => belongTogether(certificate, key))
      .map((certificate): Pair => ({ key, certificate })),
  );
  const [best] = pairs.sort((a, b) => rankOf(b, now) - rankOf(a, now) || endOf(b) - endOf(a));
  if (best) return describe(checkKey(best.key), best.certificate, all);
  if (usable.length < keys.length) throw restrictedKey();
  refuseKeyKinds([...usable, ...all.flatMap(publicKeyOf)]);
  throw wrong(
    'the private key does not belong to the certificate',
    'compare openssl x509 -in FILE -noout -pubkey with openssl pkey -in FILE -pubout',
  );
}

/** First what Entra ID could accept at all, then what it would accept now. */
function rankOf({ key, certificate }: Pair, now: number): number {
  const starts = Date.parse(certificate.validFrom) / 1000;
  const isValid = starts - TOLERATED_SKEW <= now && now * 1000 < Date.parse(certificate.validTo);
  return (isStrong(key) ? 2 : 0) + (isValid ? 1 : 0);
}

function endOf({ certificate }: Pair): number {
  return Date.parse(certificate.validTo);
}

/**
 * @param now seconds since the epoch
 * @returns a warning when the certificate ends within 30 days
 * @throws CliError invalid_data when it is expired or not yet valid
 */
export function checkValidity(certificate: CertificateCredential, now: number): string | undefined {
  const { notBefore, notAfter } = certificate;
  if (now >= notAfter) {
    throw wrong(
      `the certificate expired on ${isoDay(notAfter)}`,
      'make a new one, register it with the app, then run tokencli config edit',
    );
  }
  if (now < notBefore - TOLERATED_SKEW) {
    throw wrong(
      `the certificate is not valid before ${isoDay(notBefore)}`,
      'check the clock: date -u',
    );
  }
  const daysLeft = Math.floor((notAfter - now) / DAY_SECONDS);
  if (notAfter - now > WARN_DAYS * DAY_SECONDS) return undefined;
  const when = daysLeft === 0 ? 'today' : daysLeft === 1 ? 'in 1 day' : `in ${daysLeft} days`;
  return `the certificate expires ${when}, on ${isoDay(notAfter)}`;
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
    const issuers = [...left].filter((one) => last.checkIssued(one));
    const issuer = issuers.find((one) => isSignedBy(last, one)) ?? issuers[0];
    if (!issuer || issuer.checkIssued(issuer)) return chain;
    left.delete(issuer);
    chain.push(issuer);
    last = issuer;
  }
}

/** False also for a signature that the runtime cannot check, such as RSA-PSS in BoringSSL. */
function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const [key] = publicKeyOf(issuer);
  return key !== undefined && certificate.verify(key);
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CliError('invalid_data', 'the certificate is damaged', { cause });
  }
}

function wrong(message: string, hint: string): CliError {
  return new CliError('invalid_data', message, { hint });
}
