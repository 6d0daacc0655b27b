const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** The tokens of a valid JSON text, in order, and where each begins. */
export function* jsonTokens(text: string): Generator<{ token: string; index: number }> {
  for (const match of text.matchAll(TOKEN)) yield { token: match[0], index: match.index };
}

/**
 * The members of a JSON object by name, or the items of a list by number, each as its own text: a
 * number keeps its digits, which parsing would round. Of a name that comes twice the last counts.
 * @param text valid JSON
 * @returns undefined for any other value
 */
export function splitJson(text: string): Map<string, string> | undefined {
  const parts = new Map<string, string>();
  let depth = 0;
  let isList = false;
  let name: string | undefined;
  let start: number | undefined;
  for (const { token, index } of jsonTokens(text)) {
    const closes = token === '}' || token === ']';
    if (closes) depth -= 1;
    if (depth === 0 && !closes) {
      if (token !== '{' && token !== '[') return undefined;
      isList = token === '[';
    } else if (depth === 0 || (depth === 1 && token === ',')) {
      if (start !== undefined) {
        parts.set(name ?? String(parts.size), text.slice(start, index).trim());
      }
      name = undefined;
      start = undefined;
    } else if (depth === 1 && !isList && name === undefined) {
      name = JSON.parse(token) as string;
    } else if (token !== ':') {
      start ??= index;
    }
    if (token === '{' || token === '[') depth += 1;
  }
  return parts;
}

/** The same text for values that are equal: sorted names, one spelling of strings and numbers. */
export function canonicalText(text: string): string {
  const parts = splitJson(text);
  if (!parts) return canonicalScalar(text.trim());
  if (text.trimStart().startsWith('[')) return `[${[...parts.values()].map(canonicalText)}]`;
  const members = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${canonicalText(value)}`)}}`;
}

function canonicalScalar(text: string): string {
  const value: unknown = JSON.parse(text);
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
  return isRounded ? text : JSON.stringify(value);
}
