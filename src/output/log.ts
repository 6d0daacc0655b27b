import type { Io, Log, Style } from '../core/ports.ts';
import { redact } from './redact.ts';
import { cleanLines } from './terminal-text.ts';

export interface LogOptions {
  readonly silent: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
  readonly interactive: boolean;
  /** Holds lines back until `release`; see `Log.release`. */
  readonly hold?: boolean;
  /** For colours; none without it. */
  readonly style?: Style;
}

/**
 * Creates the log on stderr. Everything that it prints passes `redact` with the registered secrets.
 */
export function createLog(io: Io, options: LogOptions): Log {
  const secrets = new Set<string>();
  let held: string[] | undefined = options.hold ? [] : undefined;
  let left = false;
  const style = options.style;
  const print = (line: string, colour = (text: string) => text) => {
    if (!left) io.writeStderr(`${colour(cleanLines(redact(line, secrets)))}\n`);
  };
  const printOrHold = (line: string, colour?: (text: string) => string) => {
    if (options.silent) return;
    if (held) held.push(line);
    else print(line, colour);
  };

  return {
    get interactive() {
      return options.interactive && !options.silent && !left;
    },
    silent: options.silent,
    get hasTerminal() {
      return !left;
    },
    say: (line) => printOrHold(line),
    done: (line) => printOrHold(`✓ ${line}`, style?.green),
    warn: (line) => printOrHold(`warning: ${line}`, style?.yellow),
    release: () => {
      const lines = held ?? [];
      held = undefined;
      for (const line of lines) print(line);
    },
    leaveTerminal: () => {
      left = true;
    },
    verbose: (line) => {
      if (options.verbosity !== 'normal') print(line, style?.dim);
    },
    debug: (line) => {
      if (options.verbosity === 'debug') print(line, style?.dim);
    },
    registerSecret: (secret) => {
      if (secret !== '') secrets.add(secret);
    },
    redact: (text) => redact(text, secrets),
  };
}
