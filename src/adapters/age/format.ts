import { armor, Decrypter, Encrypter } from 'age-encryption';

/** Base-2 logarithm of scrypt's cost: about a second and 256 MiB, what the age command itself uses. */
export const WORK_FACTOR = 18;

/** A piece of work for the thread that does it. */
export type AgeJob =
  | {
      readonly plain: Uint8Array;
      readonly passphrase: string;
      readonly armor: boolean;
      readonly workFactor?: number;
    }
  | { readonly file: Uint8Array; readonly passphrase: string };

/** @returns the file, or its content; undefined for a file that does not open */
export async function runAgeJob(job: AgeJob): Promise<Uint8Array | undefined> {
  if (!('plain' in job)) return open(job.file, job.passphrase);
  const encrypter = new Encrypter();
  encrypter.setPassphrase(job.passphrase);
  encrypter.setScryptWorkFactor(job.workFactor ?? WORK_FACTOR);
  const file = await encrypter.encrypt(job.plain);
  return job.armor ? Buffer.from(armor.encode(file)) : file;
}

async function open(file: Uint8Array, passphrase: string): Promise<Uint8Array | undefined> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(fromArmor(file));
  } catch {
    return undefined;
  }
}

/** White space around the armor is allowed, and so is CRLF. */
function fromArmor(file: Uint8Array): Uint8Array {
  const text = Buffer.from(file).toString('latin1');
  return /^\s*-----BEGIN AGE/.test(text) ? armor.decode(text) : file;
}
