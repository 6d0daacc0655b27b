/** What is wrong with a JSON text, and at which character (from 0). */
export interface JsonFlaw {
  readonly what: string;
  readonly position: number;
}

export interface JsonScan {
  readonly flaw?: JsonFlaw;
  /** Member names that an object holds twice, as paths: `cnf.kid`. */
  readonly duplicates: readonly string[];
}

type Wanted = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or end' | 'nothing';

interface Frame {
  readonly path: string;
  /** The names so far; absent in an array. */
  readonly names?: Set<string>;
  name: string;
}

// RFC 8259 tokens: string, number or literal, punctuation.
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the grammar forbids them in strings
  /[ \t\n\r]*(?:("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*")|((?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))|([{}[\],:])|$)/y;
const MOST_DUPLICATES = 20;

/**
 * Checks a text against RFC 8259 and tells what `JSON.parse` keeps to itself: the place of a flaw,
 * and names that come twice (of which it would silently keep the last; RFC 8725 section 3.7 has a
 * reader refuse or flag them).
 * @param depth how deeply objects and arrays may be nested
 */
export function scanJson(text: string, depth: number): JsonScan {
  const token = new RegExp(TOKEN);
  const frames: Frame[] = [];
  const duplicates: string[] = [];
  let wanted: Wanted = 'value';
  const flaw = (what: string, position: number): JsonScan => ({
    flaw: { what, position },
    duplicates,
  });

  for (;;) {
    const start = token.lastIndex;
    const match = token.exec(text);
    if (!match) return flaw(`${wordsFor(wanted)} expected`, skipSpace(text, start));
    const position = skipSpace(text, start);
    const [, string, scalar, mark] = match;
    const frame = frames.at(-1);

    if (string === undefined && scalar === undefined && mark === undefined) {
      return wanted === 'nothing' ? { duplicates } : flaw('it ends too early', text.length);
    }
    if (wanted === 'value' || wanted === 'value or ]') {
      if (mark === '{' || mark === '[') {
        if (frames.length === depth) return flaw(`nested deeper than ${depth} levels`, position);
        frames.push(openFrame(mark, frame));
        wanted = mark === '{' ? 'name or }' : 'value or ]';
        continue;
      }
      if (mark === ']' && wanted === 'value or ]') frames.pop();
      else if (mark !== undefined) return flaw('a value expected', position);
    } else if (wanted === 'name' || wanted === 'name or }') {
      if (string !== undefined && frame?.names) {
        frame.name = JSON.parse(string) as string;
        if (frame.names.has(frame.name) && duplicates.length < MOST_DUPLICATES) {
          duplicates.push(pathOf(frame));
        }
        frame.names.add(frame.name);
        wanted = 'colon';
        continue;
      }
      if (mark !== '}' || wanted === 'name') return flaw('a member name expected', position);
      frames.pop();
    } else if (wanted === 'colon') {
      if (mark !== ':') return flaw('a colon expected', position);
      wanted = 'value';
      continue;
    } else if (wanted === 'comma or end') {
      if (mark === ',') {
        wanted = frame?.names ? 'name' : 'value';
        continue;
      }
      if (mark !== (frame?.names ? '}' : ']')) return flaw('a comma expected', position);
      frames.pop();
    } else {
      return flaw('nothing more expected', position);
    }
    wanted = frames.length > 0 ? 'comma or end' : 'nothing';
  }
}

function skipSpace(text: string, start: number): number {
  let position = start;
  while (' \t\n\r'.includes(text.charAt(position)) && position < text.length) position += 1;
  return position;
}

function openFrame(mark: '{' | '[', parent: Frame | undefined): Frame {
  const path = parent ? pathOf(parent) : '';
  return mark === '{' ? { path, names: new Set(), name: '' } : { path, name: '' };
}

function pathOf(frame: Frame): string {
  return [frame.path, frame.name].filter(Boolean).join('.');
}

/** What should stand there, for a message. */
function wordsFor(wanted: Wanted): string {
  if (wanted === 'colon' || wanted.startsWith('comma')) return `a ${wanted.split(' ')[0]}`;
  return wanted === 'nothing' ? 'nothing more' : `a ${wanted.replace('name', 'member name')}`;
}
