import { CliError } from '../core/errors.ts';
import { scanJson } from '../core/json-scan.ts';

/**
 * Parses a JSON file of tokencli: UTF-8, with or without byte order mark.
 * @throws CliError invalid_data; the message has line and column, but no content, which may be a
 *   secret
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

/**
 * Index of the first character that is not valid JSON. `JSON.parse` tells it only in some messages,
 * and those also quote the content.
 */
export function findMistake(text: string): number {
  return scanJson(text, Number.POSITIVE_INFINITY).flaw?.position ?? text.length;
}
