import { armor, Decrypter, Encrypter } from 'age-encryption';
import { unlessAborted } from '../../core/deadline.ts';
import type { AgeFiles } from '../../core/formats.ts';
import type { App } from '../../core/ports.ts';
import { decodeText } from '../../core/text.ts';
import { createPassphraseIdentity, createPassphraseRecipient } from './passphrase.ts';

/** Base-2 logarithm of scrypt's cost, as the age command uses it: about a second and 256 MiB. */
const WORK_FACTOR = 18;

/** @param workFactor for encrypting */
export function createAgeFiles(
  { interrupted }: Pick<App, 'interrupted'>,
  workFactor = WORK_FACTOR,
): AgeFiles {
  return {
    encrypt: (content, passphrase, asText) =>
      unlessAborted(interrupted, seal(content, passphrase, asText, workFactor)),
    decrypt: (file, passphrase) => unlessAborted(interrupted, open(file, passphrase)),
  };
}

async function seal(content: Uint8Array, passphrase: string, asText: boolean, workFactor: number) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(createPassphraseRecipient(passphrase, workFactor));
  const file = await encrypter.encrypt(content);
  return asText ? Buffer.from(armor.encode(file)) : file;
}

async function open(file: Uint8Array, passphrase: string): Promise<Uint8Array | undefined> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(createPassphraseIdentity(passphrase));
  try {
    return await decrypter.decrypt(fromArmor(file));
  } catch {
    return undefined;
  }
}

/** Accepts white space around the text form, and CRLF line ends. */
function fromArmor(file: Uint8Array): Uint8Array {
  const text = decodeText(file) ?? '';
  return /^\s*-----BEGIN AGE/.test(text) ? armor.decode(text) : file;
}
