import { isUtf8 } from 'node:buffer';
import { CliError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import { scanJson } from '../core/json-scan.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A decoded part of a token. */
export interface Part {
  /** The JSON text, exactly as in the token. */
  readonly text: string;
  readonly value: JsonObject;
  /** Paths of duplicate member names; `value` has the last one of each. */
  readonly duplicates: readonly string[];
}

/** A JWS in compact form (RFC 7515 section 7.1). Its signature has not been verified. */
export interface SignedToken {
  readonly kind: 'signed';
  readonly compact: string;
  readonly header: Part;
  readonly payload: Part;
  /** base64url; empty for `alg` none. */
  readonly signature: string;
}

/**
 * A JWE in compact form (RFC 7516 section 7.1). Only its header is readable; the rest is encrypted
 * for the API.
 */
export interface EncryptedToken {
  readonly kind: 'encrypted';
  readonly compact: string;
  readonly header: Part;
}

/** A token that is not a JWT: only the API for which it was issued can read it. */
export interface OpaqueToken {
  readonly kind: 'opaque';
  readonly compact: string;
}

export type DecodedToken = SignedToken | EncryptedToken | OpaqueToken;

/** Characters. Longer input is refused before it is parsed. */
export const LONGEST_TOKEN = 256 * 1024;
/** The characters of a bearer token (RFC 6750 section 2.1). */
const BEARER_TOKEN = /^[\w\-.~+/]{16,}=*$/;

/**
 * Decodes a token strictly: canonical base64url, valid UTF-8, JSON objects.
 * @param compact the token alone, without white space
 * @throws CliError invalid_data; the message says what is wrong at which character
 */
export function decodeToken(compact: string): DecodedToken {
  if (compact.length > LONGEST_TOKEN) {
    throw notAToken(`it has ${compact.length} characters, more than ${LONGEST_TOKEN}`);
  }
  if (isMicrosoftRefreshToken(compact)) return { kind: 'opaque', compact };
  const parts = compact.split('.', 6);
  if (parts.length === 3) return decodeSigned(compact, parts);
  if (parts.length === 5) return decodeEncrypted(compact, parts);
  if (parts.length < 3 && beginsLikeJwt(compact)) {
    throw notAToken(
      `it begins like a JWT, but ends in its ${['first', 'second'][parts.length - 1]} part: it is cut`,
    );
  }
  const stray = /[^\w\-.~+/=]/.exec(compact);
  if (stray) throw notAToken(`a character that no token has, at ${stray.index + 1}`);
  if (parts.length < 3 && BEARER_TOKEN.test(compact)) return { kind: 'opaque', compact };
  const count = parts.length > 5 ? 'more than five' : `${parts.length}`;
  throw notAToken(`a JWT has three parts (five when encrypted), this has ${count}`);
}

/** A JSON object that names an algorithm, be it whole or cut. */
function beginsLikeJwt(compact: string): boolean {
  const header = Buffer.from(compact.split('.', 1)[0] ?? '', 'base64url').toString('latin1');
  return /^\s*\{.*"alg"\s*:/s.test(header);
}

/**
 * A refresh token of Entra, or of a personal Microsoft account. It has dots, and as many parts as a
 * JWT may have, but none of a JWT's.
 */
export function isMicrosoftRefreshToken(compact: string): boolean {
  return /^(?:[01]\.A[\w-]{8,}|M\.[A-Z]\d+_[A-Z0-9]+\.)/.test(compact);
}

function decodeSigned(compact: string, parts: readonly string[]): SignedToken {
  const [first = '', second = '', signature = ''] = parts;
  const header = decodePart('header', first, 0);
  const payload = decodePart('payload', second, first.length + 1);
  decodeBytes('signature', signature, first.length + second.length + 2);
  return { kind: 'signed', compact, header, payload, signature };
}

function decodeEncrypted(compact: string, parts: readonly string[]): EncryptedToken {
  const names = ['header', 'encrypted key', 'initialization vector', 'ciphertext', 'tag'];
  const header = decodePart('header', parts[0] ?? '', 0);
  let offset = 0;
  parts.forEach((part, index) => {
    decodeBytes(names[index] ?? '', part, offset);
    offset += part.length + 1;
  });
  // RFC 7516 section 4.1.2: without it these are two signed tokens that were pasted as one
  if (!Object.hasOwn(header.value, 'enc')) {
    throw notAToken('it has five parts, but its header names no encryption (enc)');
  }
  return { kind: 'encrypted', compact, header };
}

function decodePart(name: string, encoded: string, offset: number): Part {
  const bytes = decodeBytes(name, encoded, offset);
  if (!isUtf8(bytes)) throw notAToken(`the ${name} is not UTF-8`);
  const text = bytes.toString('utf8');
  const { flaw, duplicates } = scanJson(text);
  if (flaw) throw notAToken(`the ${name} is not JSON: ${flaw.what} at ${flaw.position + 1}`);
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw notAToken(`the ${name} is not a JSON object`);
  return { text, value, duplicates };
}

/**
 * Node's decoder ignores invalid characters, so two different texts would decode to the same token.
 */
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
