import { CliError } from '../../core/errors.ts';
import { readInput } from '../../core/files/input.ts';
import { isObject } from '../../core/json.ts';
import type { Values } from '../../core/options.ts';
import type { App } from '../../core/ports.ts';
import { decodeText } from '../../core/text.ts';
import { farDates } from '../../tokens/claims.ts';
import {
  type DecodedToken,
  decodeToken,
  type JsonObject,
  LONGEST_TOKEN,
  type OpaqueToken,
} from '../../tokens/jwt.ts';

/** A token, or a file that holds it: a path, or `-` for stdin. */
export type TokenSource = Values<'token' | 'file'>;

/** Bytes of a file that holds a token or keys. */
export const LONGEST_INPUT = 4 * LONGEST_TOKEN;
/** Shorter input is not a token. It is not redacted, so that the error message can quote it. */
const SECRET_LENGTH = 16;
const NO_TOKEN_HINT = 'tokencli get-token --silent | tokencli inspect';

/**
 * Reads the token from `-t`, `-f` or stdin.
 * @throws CliError usage (none, or two sources), invalid_data (not a token)
 */
export async function readToken(app: App, source: TokenSource): Promise<DecodedToken> {
  const compact = extractToken(await readSource(app, source));
  if (compact.length >= SECRET_LENGTH) app.log.registerSecret(compact);
  const token = decodeToken(compact);
  if (token.kind !== 'opaque') warnOfDuplicates(app, token);
  if (token.kind === 'signed') warnOfFarDates(app, token.payload.value);
  return token;
}

async function readSource(app: App, { token, file }: TokenSource): Promise<string> {
  if (token !== undefined && file !== undefined) {
    throw new CliError('usage', 'give the token by -t or by -f, not both');
  }
  if (token !== undefined && token !== '-') {
    app.log.warn('a token on the command line stays in the shell history and the process list');
    return token;
  }
  if (file !== undefined && file !== '-') return textOf(await readInput(app, file, LONGEST_INPUT));
  if (app.io.stdinIsTty && file === undefined && token === undefined) {
    throw new CliError('usage', 'no token given: pipe one in, or name one with -f or -t', {
      hint: NO_TOKEN_HINT,
    });
  }
  return textOf(await readInput(app, '-', LONGEST_INPUT));
}

function warnOfDuplicates(app: App, token: Exclude<DecodedToken, OpaqueToken>): void {
  const parts = token.kind === 'signed' ? [token.header, token.payload] : [token.header];
  const twice = parts.flatMap(({ duplicates }) => duplicates);
  if (twice.length === 0) return;
  app.log.warn(`${twice.join(', ')} comes twice: readers may take the first or the last`);
}

function warnOfFarDates(app: App, claims: JsonObject): void {
  const far = farDates(claims);
  if (far.length === 0) return;
  app.log.warn(`${far.join(', ')}: in milliseconds? A JWT counts seconds, so the date is far off`);
}

function textOf(bytes: Buffer): string {
  const text = decodeText(bytes);
  if (text !== undefined) return text;
  throw new CliError('invalid_data', 'not a token: the input is no text');
}

/**
 * Finds the token in a text: alone, after `Bearer ` or `Authorization: Bearer `, in quotes, in what
 * `get-token --format` prints, or in the JSON of a token endpoint. A JWT may be wrapped, as mails and
 * terminals do with long lines.
 * @throws CliError invalid_data
 */
export function extractToken(text: string): string {
  const bare = text.trim();
  if (bare === '') {
    throw new CliError('invalid_data', 'there is no token: the input is empty', {
      hint: NO_TOKEN_HINT,
    });
  }
  if (bare.startsWith('{')) return tokenOfJson(bare);
  const unquoted = /^(?:\w+\s*=\s*)?(["'])(.*)\1$/s.exec(bare)?.[2] ?? bare;
  const token = unquoted.replace(/^(?:authorization:\s*)?bearer\s+/i, '').trim();
  return token.startsWith('eyJ') ? token.replace(/[\s\u200b]+/g, '') : token;
}

function tokenOfJson(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError('invalid_data', 'not a token: it begins like JSON, but is none', {
      cause: error,
    });
  }
  const answer = isObject(value) ? value : {};
  const { token: forKubectl } = isObject(answer['status']) ? answer['status'] : {};
  const token = answer['accessToken'] ?? answer['access_token'] ?? forKubectl;
  if (typeof token === 'string' && token !== '') return extractToken(token);
  throw new CliError('invalid_data', 'not a token: the JSON has no accessToken');
}
