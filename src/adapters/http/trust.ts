import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { CliError } from '../../core/errors.ts';
import type { Env } from '../../core/ports.ts';
import { decodeAnyText } from '../../core/text.ts';

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

export interface Trust {
  readonly rejectUnauthorized: true;
  /** Whom to believe; absent, the runtime's own authorities and those of NODE_EXTRA_CA_CERTS. */
  readonly secureContext?: tls.SecureContext;
}

/**
 * The authorities that are believed anyway, and those of the file. An authority of the file is
 * enough by itself, also when somebody else has signed it, as for curl.
 * @throws CliError invalid_data if no certificate can be read
 */
export function loadTrust(env: Env, caFile: string | undefined): Trust {
  if (caFile === undefined) return { rejectUnauthorized: true };
  const own = readAuthorities(caFile);
  // a list replaces the runtime's own one, and what NODE_EXTRA_CA_CERTS names with it
  const ca = [...usualAuthorities(), ...readExtra(env['NODE_EXTRA_CA_CERTS']), ...own];
  const secureContext = tls.createSecureContext({ ca, allowPartialTrustChain: true });
  return { rejectUnauthorized: true, secureContext };
}

/** Newer versions of Node can be told to believe the system's authorities too. */
function usualAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}

function readAuthorities(path: string): string[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new CliError('invalid_data', `cannot read the caFile ${path}`, { cause });
  }
  const certificates = soundCertificates(bytes);
  if (certificates.length > 0) return certificates;
  throw new CliError('invalid_data', `the caFile ${path} holds no sound certificate (PEM or DER)`);
}

function readExtra(path: string | undefined): string[] {
  try {
    return path ? soundCertificates(readFileSync(path)) : [];
  } catch {
    // Node has already warned about it at the start
    return [];
  }
}

/** Those that can be read, in PEM: a damaged one must not spoil the others. */
function soundCertificates(bytes: Buffer): string[] {
  const candidates = decodeAnyText(bytes).match(PEM) ?? [bytes];
  return candidates.flatMap((candidate) => {
    try {
      return [new X509Certificate(candidate).toString()];
    } catch {
      return [];
    }
  });
}
