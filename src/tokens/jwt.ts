import { isUtf8 } from 'node:buffer';
import { CliError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import { scanJson } from '../core/json-scan.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object out of a token: parsed, and the text as it stood there. */
export interface Part {
  readonly text: string;
  readonly value: JsonObject;
  /** Paths of member names that come twice; the last of them is what `value` holds. */
  readonly duplicates: readonly string[];
}

/** RFC 7515 section 7.1: header, payload, signature. Nothing about it is verified. */
export interface SignedToken {
  readonly kind: 'signed';
  readonly compact: string;
  readonly header: Part;
  readonly payload: Part;
  /** base64url; empty for `alg` none. */
  readonly signature: string;
}

/** RFC 7516 section 7.1: only the header is readable, the rest is encrypted for the API. */
export interface EncryptedToken {
  readonly kind: 'encrypted';
  readonly compact: string;
  readonly header: Part;
}

/** Without the structure of a JWT: only the API that it was issued for can read it. */
export interface OpaqueToken {
  readonly kind: 'opaque';
  readonly compact: string;
}

export type DecodedToken = SignedToken | EncryptedToken | OpaqueToken;

/** Characters; S-TOK-2. */
export const LONGEST_TOKEN = 256 * 1024;
const DEEPEST = 64;
// RFC 6750 section 2.1: what may stand behind `Bearer `.
const BEARER_TOKEN = /^[\w\-.~+/]{16,}=*$/;

/**
 * Decodes a compact token strictly: canonical base64url, UTF-8, JSON objects.
 * @param compact the token alone, without white space
 * @throws CliError invalid_data with what is wrong and where
 */
export function decodeToken(compact: string): DecodedToken {
  if (compact.length > LONGEST_TOKEN) {
    throw notAToken(`it has ${compact.length} characters, more than ${LONGEST_TOKEN}`);
  }
  const parts = compact.split('.', 6);
  if (parts.length === 3) return decodeSigned(compact, parts);
  if (parts.length === 5) return decodeEncrypted(compact, parts);
  const stray = /[^\w\-.~+/=]/.exec(compact);
  if (stray) throw notAToken(`a character that no token has, at ${stray.index + 1}`);
  if (parts.length < 3 && BEARER_TOKEN.test(compact)) return { kind: 'opaque', compact };
  const count = parts.length > 5 ? 'more than five' : `${parts.length}`;
  throw notAToken(`a JWT has three parts (five when encrypted), this has ${count}`);
}

function decodeSigned(compact: string, parts: readonly string[]): SignedToken {
  const [header = '', payload = '', signature = ''] = parts;
  const signed: SignedToken = {
    kind: 'signed',
    compact,
    header: decodePart('header', header, 0),
    payload: decodePart('payload', payload, header.length + 1),
    signature,
  };
  decodeBytes('signature', signature, header.length + payload.length + 2);
  return signed;
}

function decodeEncrypted(compact: string, parts: readonly string[]): EncryptedToken {
  const names = ['header', 'encrypted key', 'initialization vector', 'ciphertext', 'tag'];
  const header = decodePart('header', parts[0] ?? '', 0);
  let offset = 0;
  parts.forEach((part, index) => {
    decodeBytes(names[index] ?? '', part, offset);
    offset += part.length + 1;
  });
  return { kind: 'encrypted', compact, header };
}

function decodePart(name: string, encoded: string, offset: number): Part {
  const bytes = decodeBytes(name, encoded, offset);
  if (!isUtf8(bytes)) throw notAToken(`the ${name} is not UTF-8`);
  const text = bytes.toString('utf8');
  const { flaw, duplicates } = scanJson(text, DEEPEST);
  if (flaw) throw notAToken(`the ${name} is not JSON: ${flaw.what} at ${flaw.position + 1}`);
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw notAToken(`the ${name} is not a JSON object`);
  return { text, value, duplicates };
}

/** Node's own decoder skips what does not belong there, so that two texts would mean one token. */
function decodeBytes(name: string, encoded: string, offset: number): Buffer {
  const stray = /[^\w-]/.exec(encoded);
  if (stray) throw notAToken(`the ${name} is not base64url at ${offset + stray.index + 1}`);
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) {
    throw notAToken(`the ${name} is not base64url: its end, at ${offset + encoded.length}, is cut`);
  }
  return bytes;
}

function notAToken(why: string): CliError {
  return new CliError('invalid_data', `not a token: ${why}`);
}
