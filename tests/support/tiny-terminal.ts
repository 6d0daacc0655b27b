export interface TinyTerminal {
  write(text: string): void;
  /** What a person sees, without the empty lines at the end. */
  lines(): string[];
  /** The same with its looks, in pieces of one look. */
  pieces(): Piece[][];
  /** Nothing was left behind: the cursor is shown, and long lines wrap. */
  isSane(): boolean;
}

export interface Piece {
  readonly text: string;
  /** `bold`, `dim` and a colour, behind each other: `bold green`; empty if it has none. */
  readonly look: string;
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const BLANK: Piece = { text: ' ', look: '' };

/** As much of a terminal as our lines use. Throws at a control sequence that it does not know. */
export function createTinyTerminal(columns = 80): TinyTerminal {
  const rows: Piece[][] = [[]];
  const modes = new Map([
    ['?25', true],
    ['?7', true],
  ]);
  const style = { weight: '', colour: '' };
  let [row, column] = [0, 0];
  const current = () => {
    rows[row] ??= [];
    return rows[row] ?? [];
  };
  const put = (text: string) => {
    if (column === columns && modes.get('?7')) feed();
    const at = Math.min(column, columns - 1);
    const line = current();
    while (line.length < at) line.push(BLANK);
    line[at] = { text, look: `${style.weight} ${style.colour}`.trim() };
    column = at + 1;
  };
  const feed = () => {
    row++;
    current();
    column = 0;
  };
  const paint = (code: number) => {
    if (code === 0 || code === 22) style.weight = '';
    if (code === 0 || code === 39) style.colour = '';
    if (code === 1 || code === 2) style.weight = code === 1 ? 'bold' : 'dim';
    if (code >= 30 && code < 38) style.colour = COLOURS[code - 30] ?? '';
  };
  const obey = (sequence: string) => {
    const [, mode, number = '', command = ''] =
      /^(\?25|\?7)?(\d*)([hlABGKm])$/.exec(sequence) ?? [];
    const count = Number(number || '1');
    if (mode !== undefined && 'hl'.includes(command)) modes.set(mode, command === 'h');
    else if (command === 'm') paint(Number(number));
    else if (command === 'K') current().splice(number === '2' ? 0 : column);
    else if (command === 'G') column = count - 1;
    else if (command === 'A') row = Math.max(0, row - count);
    else if (command === 'B') row = Math.min(rows.length - 1, row + count);
    else throw new Error(`unknown control sequence: ${JSON.stringify(sequence)}`);
  };
  const lines = () => {
    const texts = rows.map((line) => line.map(({ text }) => text).join(''));
    return texts.join('\n').trimEnd().split('\n');
  };
  return {
    write: (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
      for (const [part, sequence] of text.matchAll(/\u001b\[([?\d]*[A-Za-z])|./gsu)) {
        if (sequence) obey(sequence);
        else if (part === '\n') feed();
        else if (part === '\r') column = 0;
        else put(part);
      }
    },
    lines,
    pieces: () => rows.slice(0, lines().length).map(join),
    isSane: () => [...modes.values()].every(Boolean),
  };
}

function join(line: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const { text, look } of line) {
    const last = joined.at(-1);
    if (last?.look === look) joined[joined.length - 1] = { look, text: last.text + text };
    else joined.push({ text, look });
  }
  return joined;
}
