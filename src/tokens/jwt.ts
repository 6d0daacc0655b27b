export type Claims = Readonly<Record<string, unknown>>;

/** What a token shows without any key. Nothing of it is verified. */
export type ReadToken =
  | {
      readonly kind: 'jwt';
      readonly header: Claims;
      readonly payload: Claims;
      /** base64url, empty with `alg: none`. */
      readonly signature: string;
    }
  | { readonly kind: 'encrypted'; readonly header: Claims }
  | { readonly kind: 'opaque' };

/** Longest input that is looked at, in bytes. */
export const LONGEST_TOKEN = 1024 * 1024;

/** Removes what surrounds a token that was copied: white space, a BOM, `Bearer `, quotes. */
export function trimToken(text: string): string {
  return text
    .replace(/^[\ufeff\s]+|\s+$/g, '')
    .replace(/^authorization:\s*/i, '')
    .replace(/^bearer\s+/i, '')
    .replace(/^"(.*)"$/s, '$1');
}

/** Takes a compact JWS (RFC 7515 section 3.1) or JWE (RFC 7516 section 3.1) apart. */
export function readToken(token: string): ReadToken {
  const parts = token.split('.');
  const header = decodeObject(parts[0]);
  if (!header) return { kind: 'opaque' };
  if (parts.length === 5) return { kind: 'encrypted', header };
  const payload = decodeObject(parts[1]);
  const signature = parts[2];
  if (parts.length !== 3 || !payload || signature === undefined) return { kind: 'opaque' };
  return /^[\w-]*$/.test(signature)
    ? { kind: 'jwt', header, payload, signature }
    : { kind: 'opaque' };
}

function decodeObject(part: string | undefined): Claims | undefined {
  if (!part || !/^[\w-]+$/.test(part)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
