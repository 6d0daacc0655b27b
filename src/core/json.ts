import { attempt } from './attempt.ts';

/** @returns undefined for anything that is not the text of a JSON object */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  const value: unknown = attempt(() => JSON.parse(text));
  return isObject(value) ? value : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Without the members that are null or nothing: some servers write all that they know in place of
 * leaving out those that are absent.
 */
export function withoutAbsent(object: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(object);
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== ''));
}

/** JSON text with sorted member names, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (!isObject(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
