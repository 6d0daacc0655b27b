import type { Log } from '../../src/core/ports.ts';

export interface RecordedLog {
  readonly log: Log;
  /** Lines for people, marked with the method that said them. */
  readonly lines: string[];
  /** Secrets that were registered. */
  readonly hidden: string[];
}

/** A log that prints nothing and hides nothing, but keeps what it was told. */
export function createRecordedLog(interactive = false): RecordedLog {
  const lines: string[] = [];
  const hidden: string[] = [];
  const tell = (how: string) => (line: string) => {
    lines.push(`${how}: ${line}`);
  };
  const log: Log = {
    interactive,
    silent: false,
    hasTerminal: true,
    say: tell('say'),
    done: tell('done'),
    warn: tell('warn'),
    verbose: tell('verbose'),
    debug: tell('debug'),
    registerSecret: (secret) => {
      hidden.push(secret);
    },
    release: () => {},
    leaveTerminal: () => {},
    redact: (text) => text,
  };
  return { log, lines, hidden };
}
