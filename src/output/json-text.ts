import { jsonTokens } from '../core/json-parts.ts';
import type { Style } from '../core/ports.ts';
import { INVISIBLE } from './terminal-text.ts';

const UNSAFE = new RegExp(`[${INVISIBLE}]`, 'gu');

/**
 * Indents a JSON text as `JSON.stringify` with two spaces does, but keeps the order of members and
 * the spelling of numbers, which parsing would lose. Control and invisible characters are written
 * as `\uXXXX`, which is the same JSON value.
 * @param json a valid JSON text
 * @param style for colours; none without it
 */
export function prettyJson(json: string, style?: Style): string {
  let indent = '';
  let out = '';
  let previous = '';
  for (const { token } of jsonTokens(json)) {
    const closes = token === '}' || token === ']';
    const empty = closes && (previous === '{' || previous === '[');
    if (closes) indent = indent.slice(2);
    const breaks = closes ? !empty : previous === '{' || previous === '[' || previous === ',';
    if (breaks) out += `\n${indent}`;
    if (token === '{' || token === '[') indent += '  ';
    if (previous === ':') out += ' ';
    out += safeToken(token);
    previous = token;
  }
  return style ? colour(out, style) : out;
}

/** A JSON text in one line, with the same care. */
export function compactJson(json: string): string {
  return Array.from(jsonTokens(json), ({ token }) => safeToken(token)).join('');
}

/** A value as one line of JSON without control characters. */
export function jsonLine(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value));
}

/** A value as indented JSON without control characters. */
export function jsonDocument(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value, null, 2));
}

function safeToken(token: string): string {
  return token.startsWith('"') ? escapeUnsafe(JSON.stringify(JSON.parse(token))) : token;
}

function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      const unit = character.charCodeAt(index);
      return `\\u${unit.toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

const COLOURED = /("[^"\\]*(?:\\.[^"\\]*)*")(: )?|(-?\d[^\s,\]}]*|true|false|null)/g;

function colour(pretty: string, style: Style): string {
  return pretty.replace(COLOURED, (whole, string?: string, name?: string) => {
    if (string === undefined) return style.yellow(whole);
    return name ? `${style.cyan(string)}${name}` : style.green(string);
  });
}
