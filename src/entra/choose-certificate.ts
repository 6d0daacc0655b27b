import { type KeyObject, X509Certificate } from 'node:crypto';
import { attempt } from '../core/attempt.ts';
import { isoDay } from '../core/duration.ts';
import { CliError } from '../core/errors.ts';
import type { PemContent } from '../core/formats.ts';
import type { Credential } from '../core/oauth.ts';
import {
  checkKey,
  invalidData,
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
/** Seconds. With a clock that is slightly slow, a new certificate seems not to be valid yet. */
const TOLERATED_SKEW = 300;

interface Pair {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

/**
 * Chooses a certificate that belongs to one of the keys: one that is valid now if possible, and of
 * those the one that expires last. Its chain is the leaf and then each issuer (RFC 7515 section
 * 4.1.6). A root certificate is left out of the chain, because the verifier has it, unless it is
 * the leaf itself.
 * @param now seconds since the epoch
 * @throws CliError invalid_data if there is no key, no certificate, no match, or the key is not RSA
 *   with at least 2048 bits, which Entra ID requires
 */
export function chooseCertificate(
  { keys, certificates }: PemContent,
  now: number,
): CertificateCredential {
  if (certificates.length === 0) {
    throw invalidData('there is no certificate beside the private key', 'put both into one file');
  }
  if (keys.length === 0) {
    throw invalidData('there is no private key beside the certificate', 'put both into one file');
  }
  const all = certificates.map(readCertificate);
  const unrestricted = keys.filter((pem) => !isRsaPss(pem));
  const usable = unrestricted.flatMap(readKey);
  const pairs = usable.flatMap((key) =>
    all
      .filter((certificate) => attempt(() => certificate.checkPrivateKey(key)))
      .map((certificate): Pair => ({ key, certificate })),
  );
  const [best] = pairs.sort((a, b) => rankOf(b, now) - rankOf(a, now) || endOf(b) - endOf(a));
  if (best) return toCredential(checkKey(best.key), best.certificate, all);
  if (unrestricted.length < keys.length) throw restrictedKey();
  refuseKeyKinds([...keys, ...usable, ...all.flatMap(publicKeyOf)]);
  throw invalidData(
    'the private key does not belong to the certificate',
    'compare openssl x509 -in FILE -noout -pubkey with openssl pkey -in FILE -pubout',
  );
}

/** A strong key counts more than validity: Entra ID never accepts a weak key. */
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
 * @param renew how a profile gets another certificate, for the hint
 * @returns a warning if the certificate expires within 30 days
 * @throws CliError invalid_data if it has expired or is not valid yet
 */
export function checkValidity(
  certificate: CertificateCredential,
  now: number,
  renew = 'run tokencli config edit',
): string | undefined {
  const { notBefore, notAfter } = certificate;
  if (now >= notAfter) {
    throw invalidData(
      `the certificate expired on ${isoDay(notAfter)}`,
      `make a new one, register it with the app, then ${renew}`,
    );
  }
  if (now < notBefore - TOLERATED_SKEW) {
    throw invalidData(
      `the certificate is not valid before ${isoDay(notBefore)}`,
      'check the clock: date -u',
    );
  }
  const daysLeft = Math.floor((notAfter - now) / DAY_SECONDS);
  if (notAfter - now > WARN_DAYS * DAY_SECONDS) return undefined;
  const when = daysLeft === 0 ? 'today' : daysLeft === 1 ? 'in 1 day' : `in ${daysLeft} days`;
  return `the certificate expires ${when}, on ${isoDay(notAfter)}`;
}

/** What the secret store keeps: the decrypted key and the chain, leaf first, as PEM. */
export function toPemBundle({ privateKey, chain }: CertificateCredential): string {
  return [privateKey, ...chain].map((pem) => `${pem.trim()}\n`).join('');
}

function toCredential(
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

/** Also false if the runtime cannot check the signature, as Bun cannot check RSA-PSS. */
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
