import { CliError } from '../core/errors.ts';
import { scanJson } from '../core/json-scan.ts';
import { textOf } from './parse-json.ts';

/** Levels of objects and lists in a file of somebody else's. */
const DEEPEST = 8;
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];

/**
 * Parses JSON from an untrusted file. Refuses duplicate names, deep nesting, and names by which a
 * prototype could be changed (CWE-1321).
 * @param name of the file, for messages
 * @throws CliError invalid_data; the message does not contain values of the file
 */
export function parseTransferJson(bytes: Uint8Array, name: string): unknown {
  const refuse = (what: string) =>
    new CliError('invalid_data', `${name} ${what}`, { hint: 'nothing was imported' });
  const text = textOf(bytes, refuse);
  const { flaw, duplicates } = scanJson(text, DEEPEST);
  if (flaw) throw refuse(`is not valid JSON (character ${flaw.position + 1}: ${flaw.what})`);
  if (duplicates.length > 0) throw refuse('names a field twice');
  return JSON.parse(text, (key: string, value: unknown) => {
    if (PROTOTYPE_NAMES.includes(key)) throw refuse(`names a field '${key}'`);
    return value;
  });
}
