import { randomUUID } from 'node:crypto';

/** No file contains it, because each process makes a new one. */
const MARK = `number ${randomUUID()}`;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const MARKED = new RegExp(`\\{\\s*"${MARK}": *"([^"]*)"\\s*\\}`, 'g');

/**
 * Puts an object in place of each number that JavaScript would write differently than it stands in the
 * text: of many digits, `1.0`, `1e400`. `restoreNumbers` writes it as it stood.
 * @param text valid JSON
 */
export function keepNumbers(text: string): string {
  return text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') || JSON.stringify(JSON.parse(token)) === token
      ? token
      : `{"${MARK}":"${token}"}`,
  );
}

/** @param text what `JSON.stringify` makes of a value whose text went through `keepNumbers` */
export function restoreNumbers(text: string): string {
  return text.replace(MARKED, '$1');
}
