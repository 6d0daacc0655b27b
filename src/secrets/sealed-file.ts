import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CliError, systemCode } from '../core/errors.ts';
import type { Env } from '../core/ports.ts';
import { seal, unseal } from '../core/seal.ts';

/** The sealed file store's format and key. Read by the quick lane too: nothing heavy in here. */

const FORMAT = 'tokencli-secrets';
const VERSION = 1;
const KEY = /^[A-Za-z0-9+/]{43}=$/;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const LARGEST_KEY_FILE = 4096;
const PIPE_MILLISECONDS = 2000;
const LARGEST_COST = 2 ** 20;
const SMALLEST_COST = 2 ** 14;

export type Secrets = Readonly<Record<string, string>>;

/** How the key comes from a passphrase (RFC 7914). */
export interface Scrypt {
  readonly name: 'scrypt';
  readonly N: number;
  readonly r: 8;
  readonly p: 1;
  /** Base64, 16 bytes. */
  readonly salt: string;
}

export interface Envelope {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** Absent when the key was given as it is. */
  readonly kdf?: Scrypt;
  /** Base64 of `core/seal.ts` over the JSON of the secrets, bound to everything above. */
  readonly sealed: string;
}

/** @returns undefined for anything but an intact file of this key */
export function readSealedSecrets(bytes: Buffer, key: Buffer): Secrets | undefined {
  try {
    return openEnvelope(parseEnvelope(bytes), key);
  } catch {
    return undefined;
  }
}

/** @throws CliError invalid_data: damaged, made by a newer version, or beyond the scrypt limits */
export function parseEnvelope(bytes: Buffer): Envelope {
  const envelope = toObject(bytes);
  if (envelope.format !== FORMAT) throw damaged();
  if (envelope.version !== VERSION) {
    throw new CliError('invalid_data', 'the sealed store was written by a newer tokencli', {
      hint: 'update tokencli',
    });
  }
  const { kdf, sealed } = envelope;
  if (typeof sealed !== 'string' || (kdf !== undefined && !isScrypt(kdf))) throw damaged();
  const parsed: Envelope = { format: FORMAT, version: VERSION, ...(kdf && { kdf }), sealed };
  // one way to write it: what is not sealed cannot be changed unseen either
  if (!bytes.equals(Buffer.from(JSON.stringify(parsed)))) throw damaged();
  if (Buffer.from(sealed, 'base64').toString('base64') !== sealed) throw damaged();
  return parsed;
}

/** @returns undefined if this is not the key, or the file was changed */
export function openEnvelope(envelope: Envelope, key: Buffer): Secrets | undefined {
  const plain = unseal(key, Buffer.from(envelope.sealed, 'base64'), boundTo(envelope.kdf));
  return plain && (JSON.parse(plain.toString()) as Secrets);
}

/** @returns the file's whole content */
export function sealSecrets(secrets: Secrets, key: Buffer, kdf: Scrypt | undefined): Buffer {
  const sealed = seal(key, Buffer.from(JSON.stringify(secrets)), boundTo(kdf)).toString('base64');
  const envelope: Envelope = { format: FORMAT, version: VERSION, ...(kdf && { kdf }), sealed };
  return Buffer.from(JSON.stringify(envelope));
}

/**
 * The key from `TOKENCLI_STORE_KEY`, else from the file that `TOKENCLI_STORE_KEY_FILE` names.
 * @param warn told when others can read that file. Without it a pipe in its place, which gives its
 *   content once only, is left to somebody else
 * @returns 32 bytes, or undefined if neither is set
 * @throws CliError usage for another content, store_unavailable for a file that cannot be read
 */
export function storeKeyFromEnv(env: Env, warn?: (line: string) => void): Buffer | undefined {
  const text = env['TOKENCLI_STORE_KEY'];
  if (text) return parseKey(text, 'TOKENCLI_STORE_KEY');
  const file = env['TOKENCLI_STORE_KEY_FILE'];
  if (!file) return undefined;
  return parseKey(readKeyFile(file, warn), 'TOKENCLI_STORE_KEY_FILE');
}

function readKeyFile(file: string, warn: ((line: string) => void) | undefined): string {
  try {
    // a pipe that nobody writes to must not make us wait for ever
    const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = fstatSync(fd);
      if (found.isFIFO() && !warn) throw new Error('it is a pipe');
      if (found.isFile() && (found.mode & 0o077) !== 0) {
        warn?.(`others can read the key file ${file}`);
      }
      // a device has no end
      const bytes = Buffer.alloc(LARGEST_KEY_FILE);
      return bytes.toString('utf8', 0, readPatiently(fd, bytes));
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new CliError('store_unavailable', `cannot read the key file ${file}`, {
      hint: 'TOKENCLI_STORE_KEY_FILE must name a file that holds the store key',
      cause,
    });
  }
}

/** The writer of `<(…)` may need a moment. */
function readPatiently(fd: number, bytes: Buffer): number {
  for (const end = performance.now() + PIPE_MILLISECONDS; ; ) {
    try {
      const count = readSync(fd, bytes);
      if (count > 0 || fstatSync(fd).isFile() || performance.now() > end) return count;
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN' || performance.now() > end) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

function parseKey(text: string, variable: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (KEY.test(trimmed) && key.length === KEY_BYTES) return key;
  throw new CliError('usage', `${variable} does not hold 32 bytes as base64`, {
    hint: 'make one: openssl rand -base64 32',
  });
}

function toObject(bytes: Buffer): Partial<Envelope> {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // the same answer for everything that is not ours
  }
  throw damaged();
}

/** Checked before a byte of memory is spent on it. */
function isScrypt({ name, N, r, p, salt }: Partial<Scrypt>): boolean {
  const power = Number.isInteger(N) && Number.isInteger(Math.log2(Number(N)));
  const size = Number(N) >= SMALLEST_COST && Number(N) <= LARGEST_COST;
  const salted = typeof salt === 'string' && Buffer.from(salt, 'base64').length === SALT_BYTES;
  return name === 'scrypt' && power && size && r === 8 && p === 1 && salted;
}

function boundTo(kdf: Scrypt | undefined): string {
  const how = kdf ? `${kdf.name}:${kdf.N}:${kdf.r}:${kdf.p}:${kdf.salt}` : 'key';
  return `${FORMAT}|${VERSION}|${how}`;
}

function damaged(): CliError {
  return new CliError('invalid_data', 'the sealed store is damaged', {
    hint: 'restore secrets.sealed from a copy, or move it away and set the secrets again',
  });
}
