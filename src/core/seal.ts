import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { attempt } from './attempt.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Length of an AES-256 key. */
export const KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) and a random 96-bit nonce.
 * @param key 32 bytes
 * @param aad additional authenticated data: `unseal` fails unless it is given the same
 * @returns nonce (12 bytes), ciphertext, tag (16 bytes)
 */
export function seal(key: Uint8Array, content: Uint8Array, aad: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(Buffer.from(aad));
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @returns the content; undefined if the key, the `aad` or a single bit of `sealed` is not the
 *   original
 */
export function unseal(key: Uint8Array, sealed: Uint8Array, aad: string): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(sealed.subarray(end));
  const encrypted = sealed.subarray(NONCE_BYTES, end);
  return attempt(() => Buffer.concat([decipher.update(encrypted), decipher.final()]));
}
