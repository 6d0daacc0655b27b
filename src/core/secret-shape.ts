/**
 * PEM, also on one line, with `\n` written out, or cut off, the like of SSH (RFC 4716), and a key file of
 * PuTTY. The match ends at a double quote.
 */
const KEY_FILES =
  /(?:-{4,5} ?BEGIN [A-Z0-9 ]{1,40}-{4}|PuTTY-User-Key-File-\d)[^"]*?(?:-{4,5} ?END [A-Z0-9 ]{1,40}-{4,5}|Private-MAC: *[0-9a-f]+|(?=\\*"|$))/g;

/** At least 40 characters of base64 or base64url, on one line or several. */
const BASE64_LINES = String.raw`[\w+/-]{40,}(?:(?:\s|\\+[nr])+[\w+/-]{40,})*(?:(?:\r?\n|\\+[nr])[\w+/-]{1,75}|\s[\w+/-]{16,75})?={0,2}`;

/**
 * A PFX, a key or a certificate in base64. The first letters are those of DER: a SEQUENCE, and in it a
 * version or another SEQUENCE. The last two begin a key of SSH and a gzip file.
 */
const BASE64_FILE = new RegExp(
  `(?:MII[\\w+/-]{2}(?:[AQgw]IB|[DTjz][ABC])|MI[GH][\\w+/-](?:AgE|M)|MHcCAQEE|MC4CAQAw|b3BlbnNzaC1rZXkt|H4sIA)${BASE64_LINES}`,
  'g',
);

/** The private members of a JSON Web Key (RFC 7518 section 6), also with its quotes escaped. */
const PRIVATE_JWK = /(?<=\b(?:d|p|q|dp|dq|qi|k)(?:\\*"|')\s*:\s*(?:\\*"|'))[\w-]{22,}/g;

/** The value of a client secret as Entra makes them: 40 characters with `Q~` in the fifth place. */
export const ENTRA_SECRET = /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g;

/**
 * A JWS or JWE in compact form: `eyJ` is the base64url of `{"`, the beginning of every header. Looked for
 * once per word, because a server could send a text that takes minutes.
 */
const COMPACT_JOSE = /(?<![\w-])(?=[\w-]*?\beyJ[\w-]{5})[\w-]+(?:\.[\w-]*){1,4}/g;

/** A refresh token of Entra, or of a personal Microsoft account; see `tokens/jwt.ts`. */
const MICROSOFT_REFRESH_TOKEN =
  /(?<![\w.-])(?:[01]\.A[\w-]{20,}|M\.[A-Z]\d+_[A-Z0-9]+\.[\w.*!$-]{16,})[\w.*!$-]*/g;

/** A secret key of age, and tokens of GitHub, GitLab and Azure DevOps, which mark them for scanners. */
const MARKED_TOKEN =
  /\b(?:AGE-SECRET-KEY-1[0-9A-Z]{50,}|gh[opsur]_\w{36,}|github_pat_\w{22,}|gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|soat|ffct|agent)-[\w-]{20,}|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4})(?!\w)/g;

/** The key in a connection string of Azure, and the signature in a link of Azure Storage. */
const AZURE_KEY = /(?<=\b(?:AccountKey|SharedAccessKey|sig)=)[\w+/%-]{40,}={0,2}/gi;

const CERTIFICATE_SHAPES = [KEY_FILES, BASE64_FILE, PRIVATE_JWK];

/** Patterns of texts that are secrets by their form, whatever is around them. */
export const SECRET_SHAPES: readonly RegExp[] = [
  ...CERTIFICATE_SHAPES,
  ENTRA_SECRET,
  COMPACT_JOSE,
  MICROSOFT_REFRESH_TOKEN,
  MARKED_TOKEN,
  AZURE_KEY,
];

/** A word with percent-encoding in it; 16 bytes and more in hexadecimal; and in base64. */
const ENCODED = new RegExp(
  String.raw`(?<![^\s"\\&=?#])[^\s"\\&=?#]*%[0-9a-f]{2}[^\s"\\&=?#]*|\b(?:[0-9a-f]{2}:?){16,}|${BASE64_LINES}`,
  'gi',
);

/**
 * Replaces each word that is the encoding of a secret, also if that was encoded before, `depth`
 * times in all: without a limit `%252525…` would take minutes.
 */
export function replaceEncoded(
  text: string,
  by: string,
  isSecret: (decoded: string) => boolean,
  depth = 3,
): string {
  const hides = (reading: string) =>
    isSecret(reading) ||
    (depth > 1 && replaceEncoded(reading, '', isSecret, depth - 1) !== reading);
  return text.replace(ENCODED, (word) => (readingsOf(word).some(hides) ? by : word));
}

/** @returns what the word may be the encoding of; hexadecimal in base64, which has the shapes of files */
function readingsOf(word: string): string[] {
  if (word.includes('%')) {
    return [word, word.replaceAll('+', ' ')].map((reading) =>
      reading.replace(/(?:%[0-9a-f]{2})+/gi, (run) => fromHex(run.replaceAll('%', '')).toString()),
    );
  }
  const runs = word.match(/(?:[0-9a-f]{2}:?){16,}/gi) ?? [];
  const hex = runs.map((run) => fromHex(run.replaceAll(':', '')));
  const base64 = word.replace(/\\+[nr]/g, '');
  return [
    ...hex.flatMap((bytes) => [bytes.toString(), bytes.toString('base64')]),
    // a path may stand before it, so that it may begin at any place in a group of four
    ...[0, 1, 2, 3].map((start) =>
      // without the zero bytes, UTF-16 reads like ASCII
      Buffer.from(base64.slice(start), 'base64').toString().replaceAll('\0', ''),
    ),
  ];
}

function fromHex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

/** True if the text contains a certificate or a key. */
export function looksLikeCertificate(text: string): boolean {
  return contains(text, CERTIFICATE_SHAPES);
}

/** True if the text contains what has the form of a secret. It must not be shown. */
export function looksLikeSecret(text: string): boolean {
  return contains(text, SECRET_SHAPES);
}

/** Looks into what is encoded too. */
function contains(text: string, shapes: readonly RegExp[]): boolean {
  const isIn = (reading: string) => shapes.some((shape) => reading.search(shape) !== -1);
  return isIn(text) || replaceEncoded(text, '', isIn) !== text;
}
