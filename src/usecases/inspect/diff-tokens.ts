import { CliError } from '../../core/errors.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { describeDate } from '../../output/dates.ts';
import { jsonDocument, jsonLine } from '../../output/json-text.ts';
import { cleanText } from '../../output/terminal-text.ts';
import { LAST_SECOND } from '../../tokens/claims.ts';
import { compareItems, compareMembers, type Difference } from '../../tokens/diff.ts';
import type { EncryptedToken, SignedToken } from '../../tokens/jwt.ts';
import { readToken } from './read-token.ts';

const DATES = ['iat', 'nbf', 'exp', 'auth_time'];
/** Claims that differ between any two tokens, so that listing their values tells nothing. */
const PER_TOKEN_CLAIMS = ['aio', 'uti', 'rh', 'jti', 'xms_ftd', 'sid', 'at_hash'];

/**
 * Compares two tokens: the members of their headers, and their claims.
 * @param files two paths, one of which may be `-` for stdin
 * @throws CliError usage, invalid_data
 */
export async function diffTokens(
  app: App,
  files: readonly string[],
  json: boolean,
): Promise<Outcome> {
  const [first, second] = files;
  if (first === undefined || second === undefined || files.length !== 2) {
    throw new CliError('usage', '--diff takes two files', {
      hint: 'tokencli inspect --diff yesterday.txt today.txt',
    });
  }
  if (first === '-' && second === '-') throw new CliError('usage', 'stdin holds one token only');
  const a = await readReadable(app, first);
  const b = await readReadable(app, second);
  const header = compareMembers(a.header.value, b.header.value);
  const payload = compareMembers(claimsOf(a), claimsOf(b));
  const same = a.compact === b.compact;
  if (json) return { stdout: `${jsonDocument({ same, header, payload })}\n` };
  return { stdout: `${pageLines(same, header, payload).join('\n')}\n` };
}

async function readReadable(app: App, file: string): Promise<SignedToken | EncryptedToken> {
  const token = await readToken(app, { file });
  if (token.kind !== 'opaque') return token;
  throw new CliError('invalid_data', `the token in ${file} is opaque: there is nothing to compare`);
}

function claimsOf(token: SignedToken | EncryptedToken) {
  return token.kind === 'signed' ? token.payload.value : {};
}

function pageLines(
  same: boolean,
  header: readonly Difference[],
  payload: readonly Difference[],
): string[] {
  if (same) return ['the two are the same token'];
  const telling = payload.filter(({ name }) => !PER_TOKEN_CLAIMS.includes(name));
  const lines = [
    ...header.flatMap((difference) => differenceLines('header.', difference)),
    ...telling.flatMap((difference) => differenceLines('', difference)),
  ];
  const perToken = payload
    .filter(({ name }) => PER_TOKEN_CLAIMS.includes(name))
    .map(({ name }) => name);
  if (perToken.length > 0) lines.push(`and, as in every new token: ${perToken.join(', ')}`);
  return lines.length > 0 ? lines : ['only the signature differs'];
}

function differenceLines(prefix: string, difference: Difference): string[] {
  const { name } = difference;
  const items = compareItems(name, difference);
  const lines = [cleanText(`${prefix}${name}`)];
  if (items) {
    lines.push(...items.gone.map((item) => `  - ${cleanText(item)}`));
    lines.push(...items.added.map((item) => `  + ${cleanText(item)}`));
    if (lines.length === 1) lines.push('  the same items in another order');
    return lines;
  }
  if (Object.hasOwn(difference, 'a')) lines.push(`  - ${valueText(name, difference.a)}`);
  if (Object.hasOwn(difference, 'b')) lines.push(`  + ${valueText(name, difference.b)}`);
  return lines;
}

function valueText(name: string, value: unknown): string {
  const isDate =
    DATES.includes(name) && typeof value === 'number' && Math.abs(value) <= LAST_SECOND;
  if (isDate) return describeDate(value);
  return cleanText(typeof value === 'string' ? value : jsonLine(value));
}
