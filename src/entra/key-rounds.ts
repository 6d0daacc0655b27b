const SEQUENCE = 0x30;
const INTEGER = 0x02;
const CONSTRUCTED = 0x20;
const MOST_ROUNDS = 1_000_000;
const MOST_SCRYPT_WORK = 2 ** 23;

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly end: number;
}

/**
 * An encrypted PKCS#8 key (RFC 5958) names the cost of its own decryption, which nothing in Node
 * limits: one damaged byte is enough to keep us busy for hours.
 * @returns true if the cost is bearable: at most 1,000,000 rounds, or scrypt with N × r × p ≤ 2^23;
 * undefined if the bytes are not such a key
 */
export function isKdfCostAllowed(encryptedKey: Buffer): boolean | undefined {
  const outer = readElement(encryptedKey, 0);
  const algorithm = outer?.tag === SEQUENCE ? readElement(outer.content, 0) : undefined;
  if (algorithm?.tag !== SEQUENCE) return undefined;
  const numbers = integersIn(algorithm.content);
  if (!numbers) return undefined;
  // PBKDF2 holds the rounds and perhaps a key length, scrypt N, r, p and perhaps a key length
  if (numbers.length <= 2) return numbers.every((number) => number <= MOST_ROUNDS);
  return numbers.slice(0, 3).reduce((product, number) => product * number) <= MOST_SCRYPT_WORK;
}

function integersIn(bytes: Buffer): number[] | undefined {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = readElement(bytes, at);
    if (!element) return undefined;
    if (element.tag === INTEGER) found.push(unsigned(element.content));
    if (element.tag & CONSTRUCTED) {
      const inner = integersIn(element.content);
      if (!inner) return undefined;
      found.push(...inner);
    }
    at = element.end;
  }
  return found;
}

/** Definite lengths only, as DER has them (X.690 section 10.1). */
function readElement(bytes: Buffer, at: number): Element | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || first === 0x80) return undefined;
  const sizeBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + sizeBytes;
  if (sizeBytes > 4 || start > bytes.length) return undefined;
  const length = sizeBytes === 0 ? first : bytes.readUIntBE(at + 2, sizeBytes);
  const end = start + length;
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(start, end), end };
}

/** A negative number reads as a large one, which is refused as well. */
function unsigned(content: Buffer): number {
  return content.length > 6
    ? Number.POSITIVE_INFINITY
    : Number(`0x${content.toString('hex') || 0}`);
}
