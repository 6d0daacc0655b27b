import { CliError } from '../core/errors.ts';

/**
 * Reads a JSON file of ours: UTF-8, a byte order mark allowed.
 * @throws CliError invalid_data with line and column, and with nothing of the content
 */
export function parseJsonFile(bytes: Uint8Array, path: string): unknown {
  const text = decode(bytes, path);
  try {
    return JSON.parse(text);
  } catch {
    const before = text.slice(0, findMistake(text)).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw invalid(path, `is not valid JSON (line ${before.length}, column ${column})`);
  }
}

function decode(bytes: Uint8Array, path: string): string {
  if (bytes.length === 0) throw invalid(path, 'is empty');
  if (bytes.includes(0)) throw invalid(path, 'holds NUL bytes; it must be JSON in UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(path, 'is not UTF-8');
  }
}

function invalid(path: string, what: string): CliError {
  return new CliError('invalid_data', `${path} ${what}`, {
    hint: `put ${path} right by hand, or move it away; tokencli does not write to it as it is`,
  });
}

const SPACE = /[ \t\n\r]*/y;
const ATOM =
  /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])|"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;

/**
 * Where a JSON text stops being one (RFC 8259). The runtime says so only in its message, only
 * sometimes, and together with what stands there.
 */
export function findMistake(text: string): number {
  const open: string[] = [];
  let at = 0;
  let wants: 'value' | 'first' | 'key' | 'firstKey' | 'colon' | 'next' = 'value';
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length;
    if (length !== undefined) at += length;
    return length !== undefined;
  };
  for (;;) {
    match(SPACE);
    const character = text[at];
    if (character === undefined) return at;
    const closes = open.at(-1) === character && wants !== 'value' && wants !== 'key';
    if (closes && wants !== 'colon') {
      open.pop();
      at++;
      wants = 'next';
    } else if (wants === 'next') {
      if (character !== ',' || open.length === 0) return at;
      at++;
      wants = open.at(-1) === '}' ? 'key' : 'value';
    } else if (wants === 'colon') {
      if (character !== ':') return at;
      at++;
      wants = 'value';
    } else if (wants === 'key' || wants === 'firstKey') {
      if (character !== '"' || !match(ATOM)) return at;
      wants = 'colon';
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? '}' : ']');
      at++;
      wants = character === '{' ? 'firstKey' : 'first';
    } else {
      if (!match(ATOM)) return at;
      wants = 'next';
    }
  }
}
