import type { Io, Log, Style } from '../core/ports.ts';
import { redact } from './redact.ts';
import { cleanLine, cleanText } from './terminal-text.ts';

export interface LogOptions {
  readonly silent: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
  readonly interactive: boolean;
  /** Holds lines back until `release`; see `Log.release`. */
  readonly hold?: boolean;
  /** For colours; none without it. */
  readonly style?: Style;
}

/** A link is not cut, since it is of no use without its end. */
const LINK = /^https:\/\/\S+$/;

/**
 * Creates the log on stderr. Everything that it prints passes `redact` with the registered secrets.
 */
export function createLog(io: Io, options: LogOptions): Log {
  const secrets = new Set<string>();
  let held: (() => void)[] | undefined = options.hold ? [] : undefined;
  let left = false;
  const style = options.style;
  // each message is one line, so that a name from outside cannot add lines of its own
  const print = (text: string, colour = (line: string) => line) => {
    const clean = LINK.test(text) ? cleanLine : cleanText;
    if (!left) io.writeStderr(`${colour(clean(redact(text, secrets)))}\n`);
  };
  const printOrHold = (text: string, colour?: (line: string) => string) => {
    if (options.silent) return;
    if (held) held.push(() => print(text, colour));
    else print(text, colour);
  };

  return {
    get interactive() {
      return options.interactive && !options.silent && !left;
    },
    silent: options.silent,
    get hasTerminal() {
      return !left;
    },
    say: (text) => printOrHold(text),
    done: (text) => printOrHold(`✓ ${text}`, style?.green),
    warn: (text) => printOrHold(`warning: ${text}`, style?.yellow),
    release: () => {
      for (const printLine of held ?? []) printLine();
      held = undefined;
    },
    leaveTerminal: () => {
      left = true;
    },
    verbose: (text) => {
      if (options.verbosity !== 'normal') print(text, style?.dim);
    },
    debug: (text) => {
      if (options.verbosity === 'debug') print(text, style?.dim);
    },
    registerSecret: (secret) => {
      if (secret !== '') secrets.add(secret);
    },
    redact: (text) => redact(text, secrets),
  };
}
