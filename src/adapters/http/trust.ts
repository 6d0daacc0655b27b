import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import { CliError } from '../../core/errors.ts';
import { describeUnreadable, tryReadFile } from '../../core/files/bounded-read.ts';
import type { Env } from '../../core/ports.ts';
import { decodeAnyText } from '../../core/text.ts';

/** Bytes: several times the list of an operating system. */
const LARGEST_FILE = 4 << 20;
const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Trusts the authorities of the file besides the usual ones. A certificate of the file is trusted
 * even if it is an intermediate one whose root is not known, as in curl.
 * @returns undefined without a file: the runtime's own authorities and those of NODE_EXTRA_CA_CERTS
 * @throws CliError invalid_data if no certificate can be read
 */
export function loadTrust(env: Env, caFile: string | undefined): tls.SecureContext | undefined {
  if (caFile === undefined) return undefined;
  const own = readAuthorities(caFile);
  // `ca` replaces both the runtime's authorities and those of NODE_EXTRA_CA_CERTS
  const ca = [...usualAuthorities(), ...readExtra(env['NODE_EXTRA_CA_CERTS']), ...own];
  return tls.createSecureContext({ ca, allowPartialTrustChain: true });
}

/** Node >= 22.15 can be told to trust the system's authorities too (`--use-system-ca`). */
function usualAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}

function readAuthorities(path: string): string[] {
  const read = tryReadFile(path, { limit: LARGEST_FILE });
  if (!Buffer.isBuffer(read)) {
    const problem = `cannot read the caFile ${path}: ${describeUnreadable(read, LARGEST_FILE)}`;
    throw new CliError('invalid_data', problem, { cause: read.cause });
  }
  const certificates = readableCertificates(read);
  if (certificates.length > 0) return certificates;
  throw new CliError('invalid_data', `the caFile ${path} holds no sound certificate (PEM or DER)`);
}

function readExtra(path: string | undefined): string[] {
  const read = path ? tryReadFile(path, { limit: LARGEST_FILE }) : undefined;
  return Buffer.isBuffer(read) ? readableCertificates(read) : [];
}

/** In PEM, without those that are damaged. */
function readableCertificates(bytes: Buffer): string[] {
  const candidates = decodeAnyText(bytes).match(PEM) ?? [bytes];
  return candidates.flatMap((candidate) => {
    try {
      return [new X509Certificate(candidate).toString()];
    } catch {
      return [];
    }
  });
}
