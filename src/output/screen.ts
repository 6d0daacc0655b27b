/** Writes to a terminal that keeps a line at its bottom. */
export interface Screen {
  write(text: string): void;
  showStatus(line: string | undefined): void;
}

const ERASE = '\r\u001b[K';
// no cursor that jumps, and a line too long is cut by the terminal, which knows its width
const [QUIET, NORMAL] = ['\u001b[?25l\u001b[?7l', '\u001b[?7h\u001b[?25h'];

/**
 * Each call hands over one text that leaves the terminal as it was found, so that there is nothing
 * to restore whenever the process ends.
 */
export function createScreen(print: (text: string) => void): Screen {
  let status: string | undefined;
  let drawn = false;
  let atLineStart = true;
  const draw = () => {
    // what has not ended its line, such as a question, will go on: the status waits
    drawn = status !== undefined && atLineStart;
    return drawn ? `${QUIET}\r${status}\u001b[K${NORMAL}` : '';
  };
  return {
    write: (text) => {
      const erase = drawn ? ERASE : '';
      atLineStart = text === '' ? atLineStart : text.endsWith('\n');
      print(erase + text + draw());
    },
    showStatus: (line) => {
      const erase = drawn && line === undefined ? ERASE : '';
      status = line;
      const text = erase + draw();
      if (text) print(text);
    },
  };
}
