import { CliError } from '../../core/errors.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { describeDate } from '../../output/dates.ts';
import { compactJson, prettyJson } from '../../output/json-text.ts';
import { cleanText } from '../../output/terminal-text.ts';
import { LAST_SECOND } from '../../tokens/claims.ts';
import { compareItems, compareMembers, type Difference, plainText } from '../../tokens/diff.ts';
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
  const [first = '', second = ''] = files;
  if (first === '-' && second === '-') throw new CliError('usage', 'stdin holds one token only');
  const a = await readReadable(app, first);
  const b = await readReadable(app, second);
  const header = compareMembers(a.header.text, b.header.text);
  const payload = compareMembers(claimsOf(a), claimsOf(b));
  const same = a.compact === b.compact;
  if (json) return { stdout: `${documentOf(same, header, payload)}\n` };
  return { stdout: `${pageLines(same, header, payload).join('\n')}\n` };
}

async function readReadable(app: App, file: string): Promise<SignedToken | EncryptedToken> {
  const token = await readToken(app, { file });
  if (token.kind !== 'opaque') return token;
  throw new CliError('invalid_data', `the token in ${file} is opaque: there is nothing to compare`);
}

function claimsOf(token: SignedToken | EncryptedToken): string {
  return token.kind === 'signed' ? token.payload.text : '{}';
}

type Differences = readonly Difference[];

function documentOf(same: boolean, header: Differences, payload: Differences): string {
  const listOf = (differences: Differences) => differences.map(memberText).join(',');
  return prettyJson(`{"same":${same},"header":[${listOf(header)}],"payload":[${listOf(payload)}]}`);
}

function memberText({ name, a, b }: Difference): string {
  const sides = [a !== undefined && `"a":${a}`, b !== undefined && `"b":${b}`].filter(Boolean);
  return `{${[`"name":${JSON.stringify(name)}`, ...sides]}}`;
}

function pageLines(same: boolean, header: Differences, payload: Differences): string[] {
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
  if (difference.a !== undefined) lines.push(`  - ${valueText(name, difference.a)}`);
  if (difference.b !== undefined) lines.push(`  + ${valueText(name, difference.b)}`);
  return lines;
}

function valueText(name: string, json: string): string {
  const date = DATES.includes(name) && !json.startsWith('"') ? Number(json) : Number.NaN;
  if (Math.abs(date) <= LAST_SECOND) return describeDate(date);
  return cleanText(json.startsWith('"') ? plainText(json) : compactJson(json));
}
