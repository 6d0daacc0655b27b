export interface TinyTerminal {
  write(text: string): void;
  /** What a person sees, without the empty lines at the end. */
  lines(): string[];
  /** Nothing was left behind: the cursor is shown, and long lines wrap. */
  isSane(): boolean;
}

/** As much of a terminal as our lines use. Throws at a control sequence that it does not know. */
export function createTinyTerminal(columns = 80): TinyTerminal {
  const rows: string[] = [''];
  const modes = new Map([
    ['?25', true],
    ['?7', true],
  ]);
  let column = 0;
  const row = () => rows.length - 1;
  const put = (character: string) => {
    if (column === columns && modes.get('?7')) feed();
    const at = Math.min(column, columns - 1);
    const line = (rows[row()] ?? '').padEnd(at);
    rows[row()] = line.slice(0, at) + character + line.slice(at + 1);
    column = at + 1;
  };
  const feed = () => {
    rows.push('');
    column = 0;
  };
  const obey = (sequence: string) => {
    if (sequence.endsWith('m')) return; // colours
    const [, mode = '', command] = /^(\?25|\?7)?([hlK])$/.exec(sequence) ?? [];
    if (command === 'K') rows[row()] = (rows[row()] ?? '').slice(0, column);
    else if (mode) modes.set(mode, command === 'h');
    else throw new Error(`unknown control sequence: ${JSON.stringify(sequence)}`);
  };
  return {
    write: (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
      for (const [part, sequence] of text.matchAll(/\u001b\[([?\d]*[A-Za-z])|./gs)) {
        if (sequence) obey(sequence);
        else if (part === '\n') feed();
        else if (part === '\r') column = 0;
        else put(part);
      }
    },
    lines: () => rows.join('\n').trimEnd().split('\n'),
    isSane: () => [...modes.values()].every(Boolean),
  };
}
