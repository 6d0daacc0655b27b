import { shorten } from '../core/text.ts';

/**
 * Characters, apart from C0 controls, that a terminal interprets or does not show: DEL and C1
 * controls, bidirectional and zero-width marks, line separators, tags, the byte order mark. To be
 * put between the brackets of a regular expression with the flag `u`.
 */
export const INVISIBLE =
  '\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';

const LONGEST = 2000;
const UNSAFE = new RegExp(`[\\u0000-\\u001f\\ud800-\\udfff${INVISIBLE}]`, 'gu');

/**
 * Makes untrusted text safe for a terminal: on one line, with `\xNN` or `\u{…}` instead of control
 * and invisible characters, cut at 2,000 characters.
 */
export function cleanText(text: string): string {
  return cleanLine(cut(text));
}

/** Does the same for a text of any length. */
export function cleanLine(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

/** Does the same for a text of any length and several lines: newlines and tabs stay. */
export function cleanLines(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escapeCharacter(character),
  );
}

/**
 * Cuts a text, because a server could fill the screen. The text must have been redacted before, because
 * half a secret is not recognised.
 */
export function cut(text: string): string {
  return shorten(text, LONGEST);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 10) return '\\n';
  if (code === 13) return '\\r';
  if (code === 9) return '\\t';
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
