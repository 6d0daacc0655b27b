import { SECRET_SHAPES } from '../core/secret-shape.ts';

/** Replaces a secret. */
export const REDACTED = '[redacted]';

/**
 * A value after the name of a secret. An object is no secret: `{"access_token":{"nbf":…}}` is a claims
 * request. Backslashes may stand before quotes, because JSON may be inside a JSON string.
 */
const NAMED_VALUE =
  /((?:client_secret|client_assertion|access_token|refresh_token|id_token|device_code|code_verifier|password|passphrase|assertion)\\*["']?\s*[=:]\s*\\*["']?)(?!\{\s*\\*["}])((?:[^"'&\s,}\\]|\\+(?!["'\\]))+)/gi;
/**
 * A password like `certificate` stays in a sentence: without it nobody could read the sentence, and
 * everybody could guess the password.
 */
const ORDINARY_WORD = /^[A-Za-z]?[a-z]{3,11}$/;
// a backslash before a quote belongs to the quote, so that JSON stays JSON
const AUTHORIZATION_CODE = /([?&]code=)(?:[^&\s"'\\]|\\+(?!["'\\]))+/gi;
const AUTHORIZATION =
  /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)(?:[^"'\s,}\\]|\\+(?!["'\\]))+/gi;
const URL_USER = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;

/**
 * Replaces the known secrets, in every encoding in which they may occur, and what looks like a
 * secret.
 * @param known values given to `Log.registerSecret`
 */
export function redact(text: string, known: Iterable<string>): string {
  let clean = text;
  for (const secret of known) {
    if (text === secret) return REDACTED;
    for (const spelling of spellings(secret)) clean = clean.replaceAll(spelling, REDACTED);
    clean = redactEncoded(clean, secret);
  }
  for (const shape of SECRET_SHAPES) clean = clean.replace(shape, REDACTED);
  return clean
    .replace(NAMED_VALUE, `$1${REDACTED}`)
    .replace(AUTHORIZATION_CODE, `$1${REDACTED}`)
    .replace(AUTHORIZATION, `$1${REDACTED}`)
    .replace(URL_USER, `$1${REDACTED}@`);
}

/**
 * Replaces a percent-encoded secret. Programs encode different characters, and write `%2f` or `%2F`, so
 * the whole text is decoded, and the decoded text is used if the secret is in it.
 */
function redactEncoded(text: string, secret: string): string {
  if (!text.includes('%') || secret.length < 4 || ORDINARY_WORD.test(secret)) return text;
  const readings = [text, text.replaceAll('+', ' ')].map((reading) =>
    reading.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
    ),
  );
  const shown = readings.find((reading) => reading.includes(secret));
  return shown?.replaceAll(secret, REDACTED) ?? text;
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
