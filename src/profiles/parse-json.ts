import { CliError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import { decodeText, shorten } from '../core/text.ts';
import { keepNumbers } from './exact-numbers.ts';
import { joinProblems } from './problems.ts';

/**
 * Parses a JSON file of tokencli.
 * @throws CliError invalid_data; the message has line and column, but no content, which may be a
 *   secret
 */
export async function parseJsonFile(bytes: Uint8Array, path: string): Promise<unknown> {
  return (await parseText(bytes, path)).value;
}

/**
 * The same, with objects in place of the numbers that JavaScript would write differently
 * (`exact-numbers.ts`). `schemaVersion` stays a number, because it is compared.
 */
export async function parseExactJsonFile(bytes: Uint8Array, path: string): Promise<unknown> {
  const { text, value } = await parseText(bytes, path);
  const exact: unknown = JSON.parse(keepNumbers(text));
  if (!isObject(exact) || !isObject(value) || !('schemaVersion' in value)) return exact;
  return { ...exact, schemaVersion: value['schemaVersion'] };
}

/**
 * Refuses a file in which an object has a name twice: `JSON.parse` would take the last one, and an edit
 * would then delete the others. Also refuses one that is nested too deeply.
 * @param bytes what `parseJsonFile` has parsed
 * @throws CliError invalid_data
 */
export async function checkJsonShape(bytes: Uint8Array, path: string): Promise<void> {
  const refuse = refusalOf(path);
  const { scanJson } = await import('../core/json-scan.ts');
  const { flaw, duplicates } = scanJson(textOf(bytes, refuse));
  if (flaw) throw refuse(`is ${flaw.what}`);
  if (duplicates.length === 0) return;
  const names = duplicates.map((name) => `${shorten(name, 80)}: stands twice`);
  throw refuse(`cannot be trusted: ${joinProblems(names)}`);
}

function refusalOf(path: string) {
  return (what: string) =>
    new CliError('invalid_data', `${path} ${what}`, {
      hint: `put ${path} right by hand, or move it away; tokencli does not write to it as it is`,
    });
}

async function parseText(bytes: Uint8Array, path: string) {
  const refuse = refusalOf(path);
  const text = textOf(bytes, refuse);
  if (text.includes('\0')) throw refuse('holds NUL bytes; it must be JSON in UTF-8');
  try {
    return { text, value: JSON.parse(text) as unknown };
  } catch {
    const { findMistake } = await import('../core/json-scan.ts');
    const before = text.slice(0, findMistake(text)).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw refuse(`is not valid JSON (line ${before.length}, column ${column})`);
  }
}

/** @param refuse makes the error; its text follows the name of the file in the message */
export function textOf(bytes: Uint8Array, refuse: (what: string) => CliError): string {
  if (bytes.length === 0) throw refuse('is empty');
  const text = decodeText(bytes);
  if (text === undefined) throw refuse('is not UTF-8');
  return text;
}
