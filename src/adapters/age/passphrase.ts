import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { type Identity, type Recipient, Stanza } from 'age-encryption';

// The classes of age-encryption compute scrypt in JavaScript on the main thread, which for more
// than a second can handle no signal. The scrypt of node:crypto runs in another thread.

const LABEL = 'age-encryption.org/v1/scrypt';
const SALT_BYTES = 16;
const WRAPPED_BYTES = 32;
/** The limit of age-encryption too. It needs 1 GiB of memory. */
const HIGHEST_WORK_FACTOR = 20;
const MOST_MEMORY = 2 ** 30 + 2 ** 20;
/** The format's constant. Safe, because each derived key encrypts only one file key. */
const NONCE = new Uint8Array(12);

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

/** Encrypts for a passphrase (https://c2sp.org/age#the-scrypt-recipient-type). */
export function createPassphraseRecipient(passphrase: string, workFactor: number): Recipient {
  return {
    wrapFileKey: async (fileKey) => {
      const salt = randomBytes(SALT_BYTES);
      const key = await keyOf(passphrase, salt, workFactor);
      const body = chacha20poly1305(key, NONCE).encrypt(fileKey);
      return [new Stanza(['scrypt', withoutPadding(salt), String(workFactor)], body)];
    },
  };
}

/**
 * Decrypts with a passphrase. The returned identity throws for a header that the format does not
 * allow.
 */
export function createPassphraseIdentity(passphrase: string): Identity {
  return {
    unwrapFileKey: async ([stanza, ...others]) => {
      const [type, written = '', factor = '', ...more] = stanza?.args ?? [];
      if (type !== 'scrypt') return null;
      const salt = Buffer.from(written, 'base64');
      const right =
        others.length === 0 &&
        more.length === 0 &&
        salt.length === SALT_BYTES &&
        withoutPadding(salt) === written &&
        /^[1-9][0-9]?$/.test(factor) &&
        Number(factor) <= HIGHEST_WORK_FACTOR &&
        stanza?.body.length === WRAPPED_BYTES;
      if (!right) throw new Error('not a file with one passphrase');
      const key = await keyOf(passphrase, salt, Number(factor));
      return chacha20poly1305(key, NONCE).decrypt(stanza.body);
    },
  };
}

function keyOf(passphrase: string, salt: Buffer, workFactor: number): Promise<Buffer> {
  const cost = { N: 2 ** workFactor, r: 8, p: 1, maxmem: MOST_MEMORY };
  return derive(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, cost);
}

function withoutPadding(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
