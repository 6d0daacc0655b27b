import { CliError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import { scanJson } from '../core/json-scan.ts';
import { decodeText } from '../core/text.ts';
import { keepNumbers } from './exact-numbers.ts';
import { joinProblems } from './problems.ts';

/** Levels of objects and lists in a file of somebody else's. */
const DEEPEST = 8;
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];

/**
 * Parses a JSON file of tokencli.
 * @throws CliError invalid_data; the message has line and column, but no content, which may be a
 *   secret
 */
export function parseJsonFile(bytes: Uint8Array, path: string): unknown {
  return parseText(bytes, path).value;
}

/**
 * The same, with objects in place of the numbers that JavaScript would write differently
 * (`exact-numbers.ts`). The version of the file is none of them: it is compared.
 */
export function parseExactJsonFile(bytes: Uint8Array, path: string): unknown {
  const { text, value } = parseText(bytes, path);
  const exact: unknown = JSON.parse(keepNumbers(text));
  if (!isObject(exact) || !isObject(value) || !('schemaVersion' in value)) return exact;
  return { ...exact, schemaVersion: value['schemaVersion'] };
}

/**
 * A name that stands twice in an object is two answers to one question. `JSON.parse` would take the
 * last, and an edit would then delete the others.
 * @param bytes what `parseJsonFile` has parsed
 * @throws CliError invalid_data
 */
export function refuseRepeatedNames(bytes: Uint8Array, path: string): void {
  const refuse = refusalOf(path);
  const { duplicates } = scanJson(textOf(bytes, refuse), Number.POSITIVE_INFINITY);
  if (duplicates.length === 0) return;
  const names = duplicates.map((name) => `${shorten(name)}: stands twice`);
  throw refuse(`cannot be trusted: ${joinProblems(names)}`);
}

function refusalOf(path: string) {
  return (what: string) =>
    new CliError('invalid_data', `${path} ${what}`, {
      hint: `put ${path} right by hand, or move it away; tokencli does not write to it as it is`,
    });
}

function parseText(bytes: Uint8Array, path: string): { text: string; value: unknown } {
  const refuse = refusalOf(path);
  const text = textOf(bytes, refuse);
  if (text.includes('\0')) throw refuse('holds NUL bytes; it must be JSON in UTF-8');
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    const before = text.slice(0, findMistake(text)).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw refuse(`is not valid JSON (line ${before.length}, column ${column})`);
  }
}

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
  if (flaw) throw refuse(`is not valid JSON (character ${flaw.position}: ${flaw.what})`);
  if (duplicates.length > 0) throw refuse('names a field twice');
  return JSON.parse(text, (key: string, value: unknown) => {
    if (PROTOTYPE_NAMES.includes(key)) throw refuse(`names a field '${key}'`);
    return value;
  });
}

function textOf(bytes: Uint8Array, refuse: (what: string) => CliError): string {
  if (bytes.length === 0) throw refuse('is empty');
  const text = decodeText(bytes);
  if (text === undefined) throw refuse('is not UTF-8');
  return text;
}

/**
 * Index of the first character that is not valid JSON. `JSON.parse` tells it only in some messages,
 * and those also quote the content.
 */
export function findMistake(text: string): number {
  return scanJson(text, Number.POSITIVE_INFINITY).flaw?.position ?? text.length;
}

/** A name from a file may have any length, and may be a secret in the wrong place. */
function shorten(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}
