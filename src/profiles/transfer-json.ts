import { CliError } from '../core/errors.ts';
import { scanJson } from '../core/json-scan.ts';

const DEEPEST = 8;
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];

/**
 * Reads JSON that somebody else may have written: UTF-8, shallow, no name twice, no name that means
 * a prototype (CWE-1321).
 * @param name of the file, for messages
 * @throws CliError invalid_data; nothing of the content is shown
 */
export function parseTransferJson(bytes: Uint8Array, name: string): unknown {
  const text = decode(bytes, name);
  const { flaw, duplicates } = scanJson(text, DEEPEST);
  if (flaw) throw refused(name, `is not valid JSON (character ${flaw.position}: ${flaw.what})`);
  if (duplicates.length > 0) throw refused(name, 'names a field twice');
  return JSON.parse(text, (key: string, value: unknown) => {
    if (PROTOTYPE_NAMES.includes(key)) throw refused(name, `names a field '${key}'`);
    return value;
  });
}

function decode(bytes: Uint8Array, name: string): string {
  if (bytes.length === 0) throw refused(name, 'is empty');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused(name, 'is not UTF-8');
  }
}

function refused(name: string, what: string): CliError {
  return new CliError('invalid_data', `${name} ${what}`, { hint: 'nothing was imported' });
}
