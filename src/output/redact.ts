import { replaceEncoded, SECRET_SHAPES } from '../core/secret-shape.ts';

/** Replaces a secret. */
export const REDACTED = '[redacted]';

const NAMES =
  '(?:client[_-]secret|client_assertion|access_token|refresh_token|id_token|subject_token|device_code|code_verifier|password|passphrase|pwd|assertion)';
/**
 * A string in JSON after the name of a secret. Backslashes may stand before its quotes, because JSON may
 * be inside a JSON string; a quote with more of them is in the secret.
 */
const NAMED_STRING = new RegExp(
  String.raw`((?:${NAMES}|clientSecret|accessToken|refreshToken|idToken)\\*"\s*[=:]\s*(\\*)")(?:[^"\\]|\\+(?!["\\])|\2\\+")+(?=\2")`,
  'gi',
);
/** Any value after such a name. An object is no secret: `{"access_token":{"nbf":…}}` is a claims request. */
const NAMED_VALUE = new RegExp(
  String.raw`(${NAMES}\\*["']?\s*[=:]\s*\\*["']?)(?!\{\s*\\*["}])((?:[^"'&\s,}\\]|\\+(?!["'\\]))+)`,
  'gi',
);
/**
 * A password like `certificate` stays in a sentence: without it nobody could read the sentence, and
 * everybody could guess the password.
 */
const ORDINARY_WORD = /^[A-Za-z]?[a-z]{3,11}$/;
// a backslash before a quote belongs to the quote, so that JSON stays JSON
const AUTHORIZATION_CODE = /([?&]code=)(?:[^&\s"'\\]|\\+(?!["'\\]))+/gi;
const AUTHORIZATION =
  /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)(?:[^"'\s,}\\]|\\+(?!["'\\]))+/gi;
/**
 * Up to the last `@`; a password may hold a slash that should have been encoded. Bounded, because a server
 * could send a text that takes minutes.
 */
const URL_USER =
  /(?<=[a-z0-9]:\/\/)(?:[^\s/"'\\]+|[^\s/@"':\\]+:(?!\d+(?:[/?#\s]|$))[^\s"'\\]{1,1024})@/gi;

/**
 * Replaces the known secrets, in every encoding in which they may occur, and what looks like a
 * secret.
 * @param known values given to `Log.registerSecret`
 */
export function redact(text: string, known: Iterable<string>): string {
  const secrets = [...known];
  if (secrets.includes(text)) return REDACTED;
  const searched = secrets.filter((secret) => secret.length >= 4 && !ORDINARY_WORD.test(secret));
  let clean = replaceEncoded(
    text,
    REDACTED,
    (decoded) =>
      searched.some((secret) => decoded.includes(secret)) ||
      SECRET_SHAPES.some((shape) => decoded.search(shape) !== -1),
  );
  for (const secret of secrets) {
    for (const spelling of spellings(secret)) clean = clean.replaceAll(spelling, REDACTED);
  }
  for (const shape of SECRET_SHAPES) clean = clean.replace(shape, REDACTED);
  return clean
    .replace(NAMED_STRING, `$1${REDACTED}`)
    .replace(NAMED_VALUE, `$1${REDACTED}`)
    .replace(AUTHORIZATION_CODE, `$1${REDACTED}`)
    .replace(AUTHORIZATION, `$1${REDACTED}`)
    .replace(URL_USER, `${REDACTED}@`);
}

function spellings(secret: string): string[] {
  if (secret.length < 4) return [];
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const plain = [secret, json, form];
  const all = [
    ...(ORDINARY_WORD.test(secret) ? [] : plain),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}
