import { canonicalText, splitJson } from '../core/json-parts.ts';

export interface Difference {
  readonly name: string;
  /** JSON texts; `a` or `b` is absent if that token has no such member. */
  readonly a?: string | undefined;
  readonly b?: string | undefined;
}

/**
 * The members that differ between two JSON objects, sorted by name. The order inside objects does
 * not count. The texts are compared, not what JavaScript makes of them: it rounds large numbers.
 */
export function compareMembers(left: string, right: string): Difference[] {
  const [before, after] = [splitJson(left), splitJson(right)];
  const names = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].sort();
  return names.flatMap((name) => {
    const [a, b] = [before?.get(name), after?.get(name)];
    if (a !== undefined && b !== undefined && canonicalText(a) === canonicalText(b)) return [];
    return [{ name, a, b }];
  });
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

function itemsOf(name: string, json = ''): string[] | undefined {
  if (json.startsWith('"') && (name === 'scp' || name === 'scope')) {
    return (JSON.parse(json) as string).split(' ').filter(Boolean);
  }
  if (!json.startsWith('[')) return undefined;
  return [...(splitJson(json)?.values() ?? [])].map(plainText);
}

/** A string without quotes, anything else as canonical JSON. */
export function plainText(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : canonicalText(json);
}
