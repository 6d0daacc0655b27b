export interface JsonScan {
  /** A syntax error, and the index of its character, from 0. */
  readonly flaw?: { readonly what: string; readonly position: number };
  /** Member names that occur twice in the same object, as paths: `cnf.kid`, `keys[1].kid`. */
  readonly duplicates: readonly string[];
}

/** What may come next, as the message says it. */
type Expected =
  | 'a value'
  | 'a value or ]'
  | 'a member name'
  | 'a member name or }'
  | 'a colon'
  | 'a comma'
  | 'nothing more';

interface Frame {
  readonly path: string;
  /** The member names read so far; absent for an array. */
  readonly names?: Set<string>;
  name: string;
  /** Where in an array, from 0. */
  index: number;
}

// White space and then a token of RFC 8259, or nothing: string, number or literal, punctuation.
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the grammar forbids them in strings
  /[ \t\n\r]*(?:("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*")|((?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))|([{}[\],:])|)/y;
const MAY_END: readonly Expected[] = ['a value or ]', 'a member name or }', 'a comma'];
const MOST_DUPLICATES = 20;

/**
 * Checks a text against RFC 8259 and reports what `JSON.parse` does not: the position of a syntax
 * error, and duplicate member names. `JSON.parse` silently keeps the last duplicate, so another
 * reader may see a different value (RFC 8259 section 4).
 * @param depth how many levels of objects and arrays are allowed: code that walks a value calls itself
 *   for each level, and too many end the process
 */
export function scanJson(text: string, depth = 64): JsonScan {
  const token = new RegExp(TOKEN);
  const frames: Frame[] = [];
  const duplicates: string[] = [];
  let expected: Expected = 'a value';
  const afterValue = (): Expected => (frames.length > 0 ? 'a comma' : 'nothing more');
  const flaw = (what: string, position: number): JsonScan => ({
    flaw: { what, position },
    duplicates,
  });

  for (;;) {
    const [, string, scalar, mark] = token.exec(text) ?? [];
    const found = string ?? scalar ?? mark ?? '';
    const position = token.lastIndex - found.length;
    if (position === text.length) {
      return expected === 'nothing more' ? { duplicates } : flaw('it ends too early', position);
    }
    if (found === '') return flaw(`${expected} expected`, position);
    const isValue = mark === undefined;
    const frame = frames.at(-1);
    if (expected.startsWith('a value') && isValue) {
      expected = afterValue();
    } else if (expected.startsWith('a value') && (mark === '{' || mark === '[')) {
      if (frames.length === depth) return flaw(`nested deeper than ${depth} levels`, position);
      frames.push(openFrame(mark, frame));
      expected = mark === '{' ? 'a member name or }' : 'a value or ]';
    } else if (expected.startsWith('a member name') && string !== undefined && frame?.names) {
      frame.name = JSON.parse(string) as string;
      if (frame.names.has(frame.name) && duplicates.length < MOST_DUPLICATES) {
        duplicates.push(pathOf(frame));
      }
      frame.names.add(frame.name);
      expected = 'a colon';
    } else if (expected === 'a colon' && mark === ':') {
      expected = 'a value';
    } else if (expected === 'a comma' && mark === ',' && frame) {
      frame.index += 1;
      expected = frame.names ? 'a member name' : 'a value';
    } else if (MAY_END.includes(expected) && mark === (frame?.names ? '}' : ']')) {
      frames.pop();
      expected = afterValue();
    } else {
      return flaw(`${expected.replace(/ or .$/, '')} expected`, position);
    }
  }
}

/**
 * Index of the first character that is not valid JSON. `JSON.parse` tells it only in some messages,
 * and those also quote the content.
 */
export function findMistake(text: string): number {
  return scanJson(text).flaw?.position ?? text.length;
}

function openFrame(mark: '{' | '[', parent: Frame | undefined): Frame {
  const path = parent ? pathOf(parent) : '';
  return { path, name: '', index: 0, ...(mark === '{' && { names: new Set() }) };
}

function pathOf(frame: Frame): string {
  if (!frame.names) return `${frame.path}[${frame.index}]`;
  return [frame.path, frame.name].filter(Boolean).join('.');
}
