/** A line of a `.env` file, or several where a value in quotes goes on. */
export interface DotenvEntry {
  readonly name: string;
  readonly value: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** True if the value stands for another one, such as `$NAME` or `<secret>`, and is not that. */
  readonly refers: boolean;
}

const NOTHING = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const NAME = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)[^\S\n]*=/y;
const QUOTED =
  /[^\S\n]*(?:'([^']*)'|`([^`]*)`|"((?:\\[\s\S]|[^"\\])*)")[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
/** Without quotes. A quote that does not close is no value. */
const BARE = /(?![^\S\n]*['"`])([^\n]*)(?:\n|$)/y;
/** What shells replace in a value that is not in single quotes. */
const REPLACED = /(?:^|[^\\])(?:\$[{(A-Za-z_]|`)|^\$['"]/;
/** What other programs replace wherever it stands, and what people put in the place of a secret. */
const STANDS_FOR =
  /^(?:op:\/\/.*|\$?\{\{.*\}\}|<.*>|%\w+%|@Microsoft\.KeyVault\(.*\)|\*+|null|undefined|changeme)$/i;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads a `.env` file: `NAME=VALUE` with or without `export`, a value in single quotes as it is, in
 * double quotes with `\n`, `\r`, `\t`, `\"`, `\\` and `\$`, without quotes up to a `#` behind white
 * space. No variable is put into a value. `util.parseEnv` would do, but tells neither which lines it
 * passes over nor which names stand twice.
 * @returns also the lines, counted from 1, that are neither empty, nor a comment, nor `NAME=VALUE`
 */
export function parseDotenv(given: string) {
  const text = given.replaceAll('\r\n', '\n');
  const entries: DotenvEntry[] = [];
  const wrongLines: number[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const nothing = matchAt(NOTHING, text, at);
    const name = nothing ? undefined : matchAt(NAME, text, at);
    const start = at + (name?.[0].length ?? 0);
    const value = name && (matchAt(QUOTED, text, start) ?? matchAt(BARE, text, start));
    if (name && value) entries.push({ name: name[1] ?? '', line, ...readValue(value) });
    else if (!nothing) wrongLines.push(line);
    const rest = text.indexOf('\n', at);
    const next = value ? start + value[0].length : rest === -1 ? text.length : rest + 1;
    line += text.slice(at, next).split('\n').length - 1;
    at = next;
  }
  return { entries, wrongLines };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function readValue(found: RegExpExecArray): Pick<DotenvEntry, 'value' | 'refers'> {
  const isQuoted = found.length > 2;
  const [, first, inBackticks, inDouble] = found;
  // a shell runs what is in backticks
  if (isQuoted && inBackticks !== undefined) return { value: inBackticks, refers: true };
  if (isQuoted && first !== undefined) return { value: first, refers: STANDS_FOR.test(first) };
  const text = (isQuoted ? inDouble : first) ?? '';
  const value = isQuoted
    ? text.replace(/\\([nrt"\\$`])/g, (_, sign: string) => ESCAPES[sign] ?? sign)
    : text.replace(/\s#.*$/, '').trim();
  return { value, refers: REPLACED.test(text) || STANDS_FOR.test(value) };
}
