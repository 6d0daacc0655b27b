import { INVISIBLE } from './invisible.ts';

const LONGEST = 2000;
// a range: asking for \p{Surrogate} loads Unicode's tables, which every start would pay for
const UNSAFE = new RegExp(`[\\u0000-\\u001f\\ud800-\\udfff${INVISIBLE}]`, 'gu');

/**
 * Makes text from outside harmless on a terminal: one line, controls shown as `\xNN` or `\u{…}`,
 * cut at 2,000 characters.
 */
export function cleanText(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replace(UNSAFE, escapeCharacter);
}

/** The same for a text of several lines: newlines and tabs stay. */
export function cleanLines(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escapeCharacter(character),
  );
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 10) return '\\n';
  if (code === 13) return '\\r';
  if (code === 9) return '\\t';
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
