import { hash, pbkdf2Sync } from 'node:crypto';
import { CliError } from '../../core/errors.ts';

const MOST_ROUNDS = 1_000_000;
const MOST_ROUNDS_TOGETHER = 2_000_000;

/** The key derivations of PKCS#12 files, with a limit on what one file may cost. */
export interface KeyDerivation {
  /** PBKDF2 (RFC 8018) as PBES2 uses it: the password is UTF-8. */
  pbkdf2(hashName: string, input: DerivationInput): Buffer;
  /** RFC 7292 appendix B: the password is UTF-16 with a final zero, or nothing at all. */
  pkcs12(hashName: string, id: number, input: DerivationInput): Buffer;
}

export interface DerivationInput {
  readonly password: string | null;
  readonly salt: Uint8Array;
  readonly rounds: number;
  /** Bytes wanted. */
  readonly length: number;
}

/**
 * A file names its own number of rounds, so a hostile one could keep us busy for hours.
 * @throws CliError invalid_data before the round that would be too many
 */
export function createKeyDerivation(): KeyDerivation {
  let left = MOST_ROUNDS_TOGETHER;
  const spend = (rounds: number) => {
    if (!Number.isInteger(rounds) || rounds < 1) {
      throw new CliError('invalid_data', 'the PKCS#12 file names an impossible number of rounds');
    }
    left -= rounds;
    if (rounds <= MOST_ROUNDS && left >= 0) return;
    throw new CliError('invalid_data', 'the PKCS#12 file asks for too many key derivation rounds', {
      hint: 'export it again with fewer rounds, for example openssl pkcs12 -export -iter 2048',
    });
  };
  return {
    pbkdf2(hashName, { password, salt, rounds, length }) {
      spend(rounds);
      return pbkdf2Sync(Buffer.from(password ?? ''), salt, rounds, length, hashName);
    },
    pkcs12(hashName, id, input) {
      spend(input.rounds);
      return derivePkcs12(hashName, id, input);
    },
  };
}

function derivePkcs12(hashName: string, id: number, input: DerivationInput): Buffer {
  const { password, salt, rounds, length } = input;
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
function fill(bytes: Uint8Array, block: number): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0);
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
