import { CliError } from '../core/errors.ts';
import { scanJson } from '../core/json-scan.ts';

/** Levels of objects and lists in a file of somebody else's. */
const DEEPEST = 8;
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];

/**
 * Reads a JSON file of ours: UTF-8, a byte order mark allowed.
 * @throws CliError invalid_data with line and column, and with nothing of the content
 */
export function parseJsonFile(bytes: Uint8Array, path: string): unknown {
  const refuse = (what: string) =>
    new CliError('invalid_data', `${path} ${what}`, {
      hint: `put ${path} right by hand, or move it away; tokencli does not write to it as it is`,
    });
  if (bytes.includes(0)) throw refuse('holds NUL bytes; it must be JSON in UTF-8');
  const text = decodeUtf8(bytes, refuse);
  try {
    return JSON.parse(text);
  } catch {
    const before = text.slice(0, findMistake(text)).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw refuse(`is not valid JSON (line ${before.length}, column ${column})`);
  }
}

/**
 * Reads JSON that somebody else may have written: UTF-8, shallow, no name twice, no name that means
 * a prototype (CWE-1321).
 * @param name of the file, for messages
 * @throws CliError invalid_data; nothing of the content is shown
 */
export function parseTransferJson(bytes: Uint8Array, name: string): unknown {
  const refuse = (what: string) =>
    new CliError('invalid_data', `${name} ${what}`, { hint: 'nothing was imported' });
  const text = decodeUtf8(bytes, refuse);
  const { flaw, duplicates } = scanJson(text, DEEPEST);
  if (flaw) throw refuse(`is not valid JSON (character ${flaw.position}: ${flaw.what})`);
  if (duplicates.length > 0) throw refuse('names a field twice');
  return JSON.parse(text, (key: string, value: unknown) => {
    if (PROTOTYPE_NAMES.includes(key)) throw refuse(`names a field '${key}'`);
    return value;
  });
}

function decodeUtf8(bytes: Uint8Array, refuse: (what: string) => CliError): string {
  if (bytes.length === 0) throw refuse('is empty');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('is not UTF-8');
  }
}

/**
 * Where a JSON text stops being one. The runtime says so only in its message, only sometimes, and
 * together with what stands there.
 */
export function findMistake(text: string): number {
  return scanJson(text, Number.POSITIVE_INFINITY).flaw?.position ?? text.length;
}
