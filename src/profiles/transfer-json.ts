import { CliError } from '../core/errors.ts';
import { scanJson } from '../core/json-scan.ts';

const DEEPEST = 8;
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];

/**
 * Parses JSON from an untrusted file. Refuses duplicate names, deep nesting, and names by which a
 * prototype could be changed (CWE-1321).
 * @param name of the file, for messages
 * @throws CliError invalid_data; the message does not contain values of the file
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
