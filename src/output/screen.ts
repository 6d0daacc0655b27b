const ERASE = '\r\u001b[K';
// hides the cursor and turns off line wrap, so that the terminal cuts a line that is too long
const [BEFORE_STATUS, AFTER_STATUS] = ['\u001b[?25l\u001b[?7l', '\u001b[?7h\u001b[?25h'];

/**
 * Writes to a terminal that has a status line at its bottom. Each call prints one text that hides the
 * cursor and shows it again. So the terminal is in order whenever the process ends.
 * @param print writes to the terminal
 */
export function createScreen(print: (text: string) => void) {
  let status: string | undefined;
  let drawn = false;
  let atLineStart = true;
  const draw = () => {
    // after an unfinished line, such as a question, the status waits for the end of that line
    drawn = status !== undefined && atLineStart;
    return drawn ? `${BEFORE_STATUS}\r${status}\u001b[K${AFTER_STATUS}` : '';
  };
  return {
    write: (text: string) => {
      const erase = drawn ? ERASE : '';
      atLineStart = text === '' ? atLineStart : text.endsWith('\n');
      print(erase + text + draw());
    },
    showStatus: (line: string | undefined) => {
      const erase = drawn && line === undefined ? ERASE : '';
      status = line;
      const text = erase + draw();
      if (text) print(text);
    },
  };
}
