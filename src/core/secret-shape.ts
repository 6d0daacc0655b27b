/** PEM, also on one line, with `\n` written out, or cut off. The match ends at a double quote. */
const PEM_BLOCKS =
  /-----BEGIN [A-Z0-9 ]{1,40}-----[^"]*?(?:-----END [A-Z0-9 ]{1,40}-----|(?="|$))/g;

/**
 * A PFX or a key in base64, on one line or several. DER of that length begins with these letters
 * (`MHcCAQEE`: an EC key of SEC 1). A digit or `+` must follow soon, which tells it from a path.
 */
const BASE64_DER =
  /(?:MI[GHI]|MHcCAQEE)(?=[A-Za-z/]{0,57}[0-9+])[A-Za-z0-9+/]{60,}(?:(?:\s|\\+[nr])+[A-Za-z0-9+/]{60,})*(?:(?:\r?\n|\\+[nr])[A-Za-z0-9+/]{1,75})?={0,2}/g;

/** Matches a text that is nothing but a PFX, a key or a certificate in base64. */
export const WHOLE_BASE64_DER = /^\s*MI[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** The value of a client secret as Entra makes them: 40 characters with `Q~` in the fifth place. */
export const ENTRA_SECRET = /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g;

/** A JWS or JWE in compact form: `eyJ` is the base64url of `{"`, the beginning of every header. */
const COMPACT_JOSE = /\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}/g;

/** A refresh token of Entra, or of a personal Microsoft account; see `tokens/jwt.ts`. */
const MICROSOFT_REFRESH_TOKEN =
  /(?<![\w.-])(?:[01]\.A[\w-]{20,}|M\.[A-Z]\d+_[A-Z0-9]+\.[\w.*!$-]{16,})[\w.*!$-]*/g;

const CERTIFICATE_SHAPES = [PEM_BLOCKS, BASE64_DER];

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
