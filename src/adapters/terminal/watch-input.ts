import process from 'node:process';

/** What can happen to a terminal while a question waits. */
export interface TerminalEvents {
  /** The input has ended, or Ctrl+D said so. */
  end(): void;
  /** Ctrl+Z is about to give the terminal back to the shell. */
  beforeStop(): void;
  /** The shell's `fg` has given it back to us. */
  afterStop(): void;
}

const ENDS = ['end', 'close', 'error'] as const;

/**
 * Tells the end of the input from a stop by Ctrl+Z; inquirer would wait for ever after either. Its line
 * reader closes on Ctrl+D and leaves raw mode, but only pauses the input when the shell continues us.
 * @returns stops watching
 */
export function watchInput(input: NodeJS.ReadStream, events: TerminalEvents): () => void {
  const checkClosed = () => setImmediate(() => input.isRaw || events.end());
  const onKey = (_text: unknown, { ctrl, name }: { ctrl?: boolean; name?: string }) => {
    if (ctrl && name === 'z') events.beforeStop();
    // a line reader that was paused before closes without pausing the input
    if (ctrl && name === 'd') checkClosed();
  };
  const onContinue = () =>
    setImmediate(() => {
      // the shell may have changed it
      input.setRawMode(true);
      input.resume();
      events.afterStop();
    });
  input.on('pause', checkClosed).on('keypress', onKey);
  for (const event of ENDS) input.on(event, events.end);
  process.on('SIGCONT', onContinue);
  return () => {
    input.off('pause', checkClosed).off('keypress', onKey);
    for (const event of ENDS) input.off(event, events.end);
    process.off('SIGCONT', onContinue);
    input.pause();
  };
}
