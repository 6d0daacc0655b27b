import { CliError } from '../core/errors.ts';
import { isObject, parseJsonObject } from '../core/json.ts';
import { seal, unseal } from '../core/seal.ts';

/** The format of the sealed file store (`TOKENCLI_STORE=file`). */

const FORMAT = 'tokencli-secrets';
const VERSION = 1;

const SALT_BYTES = 16;
const LARGEST_COST = 2 ** 20;
const SMALLEST_COST = 2 ** 14;

export type Secrets = Readonly<Record<string, string>>;

/** How the encryption key is derived from a passphrase (RFC 7914). */
export interface Scrypt {
  readonly name: 'scrypt';
  readonly N: number;
  readonly r: 8;
  readonly p: 1;
  /** Base64, 16 bytes. */
  readonly salt: string;
}

/** What the file holds beside its format and version. */
export interface Envelope {
  /** Absent if the file is encrypted with a key and not with a passphrase. */
  readonly kdf: Scrypt | undefined;
  /**
   * The secrets as JSON, encrypted by `core/seal.ts`, as base64. The rest of the file is additional
   * authenticated data.
   */
  readonly sealed: string;
}

/**
 * @throws CliError invalid_data: damaged, written by a newer version, or with a scrypt cost that is
 *   not allowed
 */
export function parseEnvelope(bytes: Buffer): Envelope {
  const { format, version, kdf, sealed }: Readonly<Record<string, unknown>> =
    parseJsonObject(bytes.toString()) ?? {};
  if (format !== FORMAT) throw damaged();
  if (version !== VERSION) {
    throw new CliError('invalid_data', 'the sealed store was written by a newer tokencli', {
      hint: 'update tokencli',
    });
  }
  if (typeof sealed !== 'string' || (kdf !== undefined && !isScrypt(kdf))) throw damaged();
  // only one spelling is accepted, so that a change of the parts that are not encrypted is noticed
  // too
  if (!bytes.equals(formatEnvelope(kdf, Buffer.from(sealed, 'base64')))) throw damaged();
  return { kdf, sealed };
}

function formatEnvelope(kdf: Scrypt | undefined, sealed: Buffer): Buffer {
  const content = { format: FORMAT, version: VERSION, kdf, sealed: sealed.toString('base64') };
  return Buffer.from(JSON.stringify(content));
}

/** @returns undefined if the key is wrong or the file was changed */
export function openEnvelope(envelope: Envelope, key: Buffer): Secrets | undefined {
  const json = unseal(key, Buffer.from(envelope.sealed, 'base64'), aadOf(envelope.kdf));
  return json && (JSON.parse(json.toString()) as Secrets);
}

/** @returns the content of the file */
export function sealSecrets(secrets: Secrets, key: Buffer, kdf: Scrypt | undefined): Buffer {
  return formatEnvelope(kdf, seal(key, Buffer.from(JSON.stringify(secrets)), aadOf(kdf)));
}

/** Checks the cost before scrypt allocates the memory for it. */
function isScrypt(kdf: unknown): kdf is Scrypt {
  const { name, N, r, p, salt } = isObject(kdf) ? kdf : {};
  const power = Number.isInteger(N) && Number.isInteger(Math.log2(Number(N)));
  const size = Number(N) >= SMALLEST_COST && Number(N) <= LARGEST_COST;
  const salted = typeof salt === 'string' && Buffer.from(salt, 'base64').length === SALT_BYTES;
  return name === 'scrypt' && power && size && r === 8 && p === 1 && salted;
}

function aadOf(kdf: Scrypt | undefined): string {
  const how = kdf ? `${kdf.name}:${kdf.N}:${kdf.r}:${kdf.p}:${kdf.salt}` : 'key';
  return `${FORMAT}|${VERSION}|${how}`;
}

function damaged(): CliError {
  return new CliError('invalid_data', 'the sealed store is damaged', {
    hint: 'restore secrets.sealed from a copy, or move it away and set the secrets again',
  });
}
