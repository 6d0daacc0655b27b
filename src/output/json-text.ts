import type { Style } from '../core/ports.ts';
import { INVISIBLE } from './terminal-text.ts';

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
const UNSAFE = new RegExp(`[${INVISIBLE}]`, 'gu');

/**
 * Prints a JSON text with an indent of two spaces, as `JSON.stringify` would, but from the text: the
 * order of members and the spelling of numbers stay. Characters that a terminal would obey are
 * written as `\uXXXX`, which is the same JSON value.
 * @param json a valid JSON text
 * @param style colours for a terminal
 */
export function prettyJson(json: string, style?: Style): string {
  let indent = '';
  let out = '';
  let previous = '';
  for (const [token] of json.matchAll(TOKEN)) {
    const closes = token === '}' || token === ']';
    const empty = closes && (previous === '{' || previous === '[');
    if (closes) indent = indent.slice(2);
    const breaks = closes ? !empty : previous === '{' || previous === '[' || previous === ',';
    if (breaks) out += `\n${indent}`;
    if (token === '{' || token === '[') indent += '  ';
    if (previous === ':') out += ' ';
    out += token.startsWith('"') ? safeString(token) : token;
    previous = token;
  }
  return style ? colour(out, style) : out;
}

/** A value as one line of JSON, harmless on a terminal. */
export function jsonLine(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value));
}

/** A value as a document of several lines, harmless on a terminal. */
export function jsonDocument(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value, null, 2));
}

function safeString(token: string): string {
  return escapeUnsafe(JSON.stringify(JSON.parse(token)));
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
