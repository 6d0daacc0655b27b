import { hash, pbkdf2Sync, scryptSync } from 'node:crypto';
import { CliError } from '../../core/errors.ts';

const MOST_ROUNDS = 1_000_000;
const MOST_ROUNDS_TOGETHER = 2_000_000;
/** N × r × p. */
const MOST_SCRYPT_WORK = 2 ** 23;
const MOST_SCRYPT_MEMORY = 2 ** 30 + 2 ** 20;

/** null is no password. PKCS#12 derives different keys from null and from an empty password. */
export type Password = string | null;

/** What a password protects, for error messages. */
export interface MessageTexts {
  readonly name: string;
  /** A command that converts it to a supported format. FILE stands for its name. */
  readonly hint: string;
}

interface Input {
  readonly password: Password;
  readonly salt: Buffer;
  /** Bytes wanted. */
  readonly length: number;
}

/**
 * Derives keys from a password. The file itself says how many rounds that takes, so a hostile file
 * could keep the process busy for hours: beyond a limit the methods throw `CliError invalid_data`.
 */
export function createKeyDerivation({ name, hint }: MessageTexts) {
  let left = MOST_ROUNDS_TOGETHER;
  const checkCost = (rounds: number, most: number) => {
    if (rounds < 1) throw new Error('an impossible number of rounds');
    left -= rounds * (MOST_ROUNDS / most);
    if (rounds <= most && left >= 0) return;
    throw new CliError('invalid_data', `${name} asks for too many key derivation rounds`, {
      hint,
    });
  };
  return {
    /** RFC 8018 section 5.2. The password is encoded as UTF-8. */
    pbkdf2(hashName: string, rounds: number, { password, salt, length }: Input): Buffer {
      checkCost(rounds, MOST_ROUNDS);
      return pbkdf2Sync(password ?? '', salt, rounds, length, hashName);
    },
    /** RFC 7914. The password is encoded as UTF-8. */
    scrypt(
      { N, r, p }: { N: number; r: number; p: number },
      { password, salt, length }: Input,
    ): Buffer {
      checkCost(N * r * p, MOST_SCRYPT_WORK);
      const cost = { N, r, p, maxmem: MOST_SCRYPT_MEMORY };
      return scryptSync(password ?? '', salt, length, cost);
    },
    /** RFC 7292 appendix B. The password is encoded as UTF-16 with a final zero; null as no bytes. */
    pkcs12(hashName: string, id: number, rounds: number, input: Input): Buffer {
      checkCost(rounds, MOST_ROUNDS);
      return deriveForPkcs12(hashName, id, rounds, input);
    },
  };
}

/**
 * RFC 7292 appendix B.2. node:crypto does not have it, and node-forge's is about ten times slower.
 */
function deriveForPkcs12(hashName: string, id: number, rounds: number, input: Input): Buffer {
  const { password, salt, length } = input;
  const block = hashName === 'sha512' || hashName === 'sha384' ? 128 : 64;
  const secret =
    password === null ? Buffer.alloc(0) : Buffer.from(`${password}\0`, 'utf16le').swap16();
  const material = Buffer.concat([fill(salt, block), fill(secret, block)]);
  const parts: Buffer[] = [];
  for (let size = 0; size < length; size += parts.at(-1)?.length ?? length) {
    let digest: Buffer = Buffer.concat([Buffer.alloc(block, id), material]);
    for (let round = 0; round < rounds; round++) digest = hash(hashName, digest, 'buffer');
    parts.push(digest);
    addToBlocks(material, Buffer.alloc(block, digest), block);
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Repeats the bytes up to the next multiple of the block size. */
function fill(bytes: Buffer, block: number): Buffer {
  if (bytes.length === 0) return bytes;
  return Buffer.alloc(block * Math.ceil(bytes.length / block), bytes);
}

/** Step 6C: adds the addend and 1 to every block, modulo 2^(8 × block size). */
function addToBlocks(material: Buffer, addend: Buffer, block: number): void {
  for (let start = 0; start < material.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at--) {
      carry += (material[start + at] ?? 0) + (addend[at] ?? 0);
      material[start + at] = carry & 0xff;
      carry >>= 8;
    }
  }
}
