import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import { describeUnreadable, tryReadFile } from '../../core/files/bounded-read.ts';
import type { App, Log } from '../../core/ports.ts';
import { decodeAnyText } from '../../core/text.ts';

/** Bytes: several times the list of an operating system. */
const LARGEST_FILE = 4 << 20;
const PEM = /-----BEGIN (?:(?:X509|TRUSTED) )?CERTIFICATE-----([^-]*)-----END /g;

/**
 * Trusts the authorities of the file and of NODE_EXTRA_CA_CERTS besides the usual ones. A certificate of
 * a file is trusted even if it is an intermediate one whose root is not known, as in curl.
 * @returns undefined without files: the runtime's own authorities
 * @throws CliError invalid_data if no certificate can be read in `caFile`
 */
export function loadTrust(
  { env, log, runtime }: Pick<App, 'env' | 'log' | 'runtime'>,
  caFile: string | undefined,
): tls.SecureContext | undefined {
  const extra = readVariable(env, 'NODE_EXTRA_CA_CERTS');
  if (caFile === undefined && !extra) return undefined;
  if (extra) runtime.disownExtraAuthorities();
  const own = caFile === undefined ? [] : readAuthorities(caFile);
  // Node and Bun read different forms of the extra file, and `ca` replaces what they have read
  const ca = [...usualAuthorities(), ...(extra ? readExtra(extra, log) : []), ...own];
  return tls.createSecureContext({ ca, allowPartialTrustChain: true });
}

/** Node >= 22.15 can be told to trust the system's authorities too (`--use-system-ca`). */
function usualAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}

function readAuthorities(path: string): string[] {
  const found = readCertificates(path);
  if (!('flaw' in found)) return found;
  throw new CliError('invalid_data', `cannot read the caFile ${path}: ${found.flaw}`, {
    hint: 'name another: tokencli config edit -p NAME --ca-file FILE, or --unset ca-file',
    cause: found.cause,
  });
}

/** A file that cannot be used is only a warning, because the variable may be set for other programs. */
function readExtra(path: string, log: Log): string[] {
  const found = readCertificates(path);
  if (!('flaw' in found)) return found;
  log.warn(`NODE_EXTRA_CA_CERTS is not used: ${path}: ${found.flaw}`);
  return [];
}

function readCertificates(path: string): string[] | { flaw: string; cause?: unknown } {
  const read = tryReadFile(path, LARGEST_FILE);
  if (!Buffer.isBuffer(read)) {
    return { flaw: describeUnreadable(read, LARGEST_FILE), cause: read.cause };
  }
  const certificates = readableCertificates(read);
  return certificates.length > 0
    ? certificates
    : { flaw: 'it holds no certificate that can be read (PEM or DER)' };
}

/**
 * In PEM, without those that are damaged. As in `entra/pem.ts` line ends do not matter, which the
 * runtimes mind in different ways.
 */
function readableCertificates(bytes: Buffer): string[] {
  const text = decodeAnyText(bytes).replace(/\\+[nrt]/g, '\n');
  const blocks = Array.from(text.matchAll(PEM), ([, body = '']) => Buffer.from(body, 'base64'));
  const candidates = blocks.length > 0 ? blocks : [bytes];
  return candidates.flatMap((candidate) => {
    try {
      return [new X509Certificate(candidate).toString()];
    } catch {
      return [];
    }
  });
}
