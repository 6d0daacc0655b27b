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

/** Not cut, since it is of no use without its end. */
const LINK = /^https:\/\/\S+$/;

/** Printed as one line whatever is in it: a name from outside cannot write lines of its own. */
interface Line {
  readonly text: string;
  readonly colour?: ((text: string) => string) | undefined;
}

/**
 * Creates the log on stderr. Everything that it prints passes `redact` with the registered secrets.
 */
export function createLog(io: Io, options: LogOptions): Log {
  const secrets = new Set<string>();
  let held: Line[] | undefined = options.hold ? [] : undefined;
  let left = false;
  const style = options.style;
  const print = ({ text, colour = (plain) => plain }: Line) => {
    const clean = LINK.test(text) ? cleanLine : cleanText;
    if (!left) io.writeStderr(`${colour(clean(redact(text, secrets)))}\n`);
  };
  const printOrHold = (line: Line) => {
    if (options.silent) return;
    if (held) held.push(line);
    else print(line);
  };

  return {
    get interactive() {
      return options.interactive && !options.silent && !left;
    },
    silent: options.silent,
    get hasTerminal() {
      return !left;
    },
    say: (text) => printOrHold({ text }),
    done: (text) => printOrHold({ text: `✓ ${text}`, colour: style?.green }),
    warn: (text) => printOrHold({ text: `warning: ${text}`, colour: style?.yellow }),
    release: () => {
      const lines = held ?? [];
      held = undefined;
      for (const line of lines) print(line);
    },
    leaveTerminal: () => {
      left = true;
    },
    verbose: (text) => {
      if (options.verbosity !== 'normal') print({ text, colour: style?.dim });
    },
    debug: (text) => {
      if (options.verbosity === 'debug') print({ text, colour: style?.dim });
    },
    registerSecret: (secret) => {
      if (secret !== '') secrets.add(secret);
    },
    redact: (text) => redact(text, secrets),
  };
}
