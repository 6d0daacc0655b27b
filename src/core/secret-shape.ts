/** PEM, also on one line, with `\n` written out, or cut off. The match ends at a double quote. */
const PEM_BLOCKS =
  /-----BEGIN [A-Z0-9 ]{1,40}-----[^"]*?(?:-----END [A-Z0-9 ]{1,40}-----|(?=\\*"|$))/g;

/**
 * A PFX, a key or PEM in base64, on one line or several. DER of that length begins with these letters
 * (`MHcCAQEE`: an EC key of SEC 1), and a digit or `+` must follow soon, which tells it from a path. The
 * last three are the base64 of `-----BEGIN `, which depends on how many bytes stand before it.
 */
const BASE64_FILE =
  /(?:(?:MI[GHI]|MHcCAQEE)(?=[A-Za-z/]{0,57}[0-9+])|LS0tLS1CRUdJTi|0tLS0tQkVHSU4g|tLS0tLUJFR0lOI)[A-Za-z0-9+/]{60,}(?:(?:\s|\\+[nr])+[A-Za-z0-9+/]{60,})*(?:(?:\r?\n|\\+[nr])[A-Za-z0-9+/]{1,75})?={0,2}/g;

/** The private members of a JSON Web Key (RFC 7518 section 6), also with its quotes escaped. */
const PRIVATE_JWK = /(?<=\b(?:d|p|q|dp|dq|qi|k)\\*"\s*:\s*\\*")[\w-]{40,}/g;

/** The value of a client secret as Entra makes them: 40 characters with `Q~` in the fifth place. */
export const ENTRA_SECRET = /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g;

/** A JWS or JWE in compact form: `eyJ` is the base64url of `{"`, the beginning of every header. */
const COMPACT_JOSE = /\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}/g;

/** A refresh token of Entra, or of a personal Microsoft account; see `tokens/jwt.ts`. */
const MICROSOFT_REFRESH_TOKEN =
  /(?<![\w.-])(?:[01]\.A[\w-]{20,}|M\.[A-Z]\d+_[A-Z0-9]+\.[\w.*!$-]{16,})[\w.*!$-]*/g;

const CERTIFICATE_SHAPES = [PEM_BLOCKS, BASE64_FILE, PRIVATE_JWK];

/** Patterns of texts that are secrets by their form, whatever is around them. */
export const SECRET_SHAPES: readonly RegExp[] = [
  ...CERTIFICATE_SHAPES,
  ENTRA_SECRET,
  COMPACT_JOSE,
  MICROSOFT_REFRESH_TOKEN,
];

/** True if the text contains a certificate or a key. */
export function looksLikeCertificate(text: string): boolean {
  return CERTIFICATE_SHAPES.some((shape) => text.search(shape) !== -1);
}

/** True if the text contains what has the form of a secret. It must not be shown. */
export function looksLikeSecret(text: string): boolean {
  return SECRET_SHAPES.some((shape) => text.search(shape) !== -1);
}
