import { canonicalJson } from '../core/json.ts';
import type { JsonObject } from './jwt.ts';

export interface Difference {
  readonly name: string;
  /** `a` or `b` is absent if that token has no such member. */
  readonly a?: unknown;
  readonly b?: unknown;
}

/**
 * The members that differ between two objects, sorted by name. The order inside objects does not
 * count.
 */
export function compareMembers(a: JsonObject, b: JsonObject): Difference[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names
    .filter((name) => Object.hasOwn(a, name) !== Object.hasOwn(b, name) || !same(a[name], b[name]))
    .map((name) => ({
      name,
      ...(Object.hasOwn(a, name) && { a: a[name] }),
      ...(Object.hasOwn(b, name) && { b: b[name] }),
    }));
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/**
 * The items that only one of two lists contains. `scp` and `scope` are lists in one string.
 * @returns undefined unless both are lists
 */
export function compareItems(name: string, { a, b }: Difference) {
  const [left, right] = [itemsOf(name, a), itemsOf(name, b)];
  if (!left || !right) return undefined;
  return {
    gone: left.filter((item) => !right.includes(item)),
    added: right.filter((item) => !left.includes(item)),
  };
}

function itemsOf(name: string, value: unknown): string[] | undefined {
  if (typeof value === 'string' && (name === 'scp' || name === 'scope')) {
    return value.split(' ').filter(Boolean);
  }
  if (!Array.isArray(value)) return undefined;
  return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}
