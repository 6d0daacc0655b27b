import { unseal } from '../core/seal.ts';

export const FORMAT = 'tokencli-secrets';
export const VERSION = 1;

export type Secrets = Readonly<Record<string, string>>;

const HEAD = `{"format":"${FORMAT}","version":${VERSION},"sealed":"`;
const TAIL = '"}';

/**
 * The sealed file store for who has its key, which is the quick lane: as little as will do.
 * @returns undefined for anything but an intact file that exactly this key seals
 */
export function openSealedByKey(bytes: Buffer, key: Buffer): Secrets | undefined {
  const text = bytes.toString('latin1');
  if (!text.startsWith(HEAD) || !text.endsWith(TAIL)) return undefined;
  const sealed = text.slice(HEAD.length, -TAIL.length);
  const raw = Buffer.from(sealed, 'base64');
  // base64 has several spellings of the same bytes; only ours is accepted
  const plain = raw.toString('base64') === sealed && unseal(key, raw, `${FORMAT}|${VERSION}|key`);
  return plain ? (JSON.parse(plain.toString()) as Secrets) : undefined;
}
