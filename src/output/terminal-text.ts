/**
 * Characters that a terminal obeys or hides, apart from C0: DEL and C1, bidirectional marks and
 * overrides, zero-width and line separators, tags, the byte order mark. For a class in a `u` pattern.
 */
export const INVISIBLE =
  '\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';

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
