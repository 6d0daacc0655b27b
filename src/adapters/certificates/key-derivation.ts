import { hash, pbkdf2Sync, scryptSync } from 'node:crypto';
import { CliError } from '../../core/errors.ts';

const MOST_ROUNDS = 1_000_000;
const MOST_ROUNDS_TOGETHER = 2_000_000;
/** N × r × p. */
const MOST_SCRYPT_WORK = 2 ** 23;
const MOST_SCRYPT_MEMORY = 2 ** 30 + 2 ** 20;

/** Null and an empty password are two things: PKCS#12 derives other keys from them. */
export type Password = string | null;

/** What a password opens, for messages. */
export interface Subject {
  readonly name: string;
  /** A command that makes something readable of it; FILE stands for its name. */
  readonly cure: string;
}

interface Input {
  readonly password: Password;
  readonly salt: Buffer;
  /** Bytes wanted. */
  readonly length: number;
}

export interface KeyDerivation {
  /** RFC 8018: the password is UTF-8. */
  pbkdf2(hashName: string, rounds: number, input: Input): Buffer;
  /** RFC 7914: the same. */
  scrypt(cost: { N: number; r: number; p: number }, input: Input): Buffer;
  /** RFC 7292 appendix B: the password is UTF-16 with a final zero, or nothing at all. */
  pkcs12(hashName: string, id: number, rounds: number, input: Input): Buffer;
}

/**
 * A file names the cost of its own keys, so a hostile one could keep us busy for hours.
 * @throws CliError invalid_data before a derivation that would cost too much
 */
export function createKeyDerivation({ name, cure }: Subject): KeyDerivation {
  let left = MOST_ROUNDS_TOGETHER;
  const spend = (rounds: number, most: number) => {
    if (rounds < 1) throw new Error('an impossible number of rounds');
    left -= rounds * (MOST_ROUNDS / most);
    if (rounds <= most && left >= 0) return;
    throw new CliError('invalid_data', `${name} asks for too many key derivation rounds`, {
      hint: cure,
    });
  };
  return {
    pbkdf2: (hashName, rounds, { password, salt, length }) => {
      spend(rounds, MOST_ROUNDS);
      return pbkdf2Sync(password ?? '', salt, rounds, length, hashName);
    },
    scrypt: ({ N, r, p }, { password, salt, length }) => {
      spend(N * r * p, MOST_SCRYPT_WORK);
      const cost = { N, r, p, maxmem: MOST_SCRYPT_MEMORY };
      return scryptSync(password ?? '', salt, length, cost);
    },
    pkcs12: (hashName, id, rounds, input) => {
      spend(rounds, MOST_ROUNDS);
      return derivePkcs12(hashName, id, rounds, input);
    },
  };
}

/** No runtime has it built in, and that of node-forge is some ten times slower. */
function derivePkcs12(hashName: string, id: number, rounds: number, input: Input): Buffer {
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

/** Repeats the bytes up to a multiple of the block. */
function fill(bytes: Buffer, block: number): Buffer {
  if (bytes.length === 0) return bytes;
  return Buffer.alloc(block * Math.ceil(bytes.length / block), bytes);
}

/** Step 6C: every block becomes (block + addend + 1) modulo 2^(8 × its length). */
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
