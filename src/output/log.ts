import type { Io, Log, Style } from '../core/ports.ts';
import { redact } from './redact.ts';
import { cleanLines } from './terminal-text.ts';

export interface TalkOptions {
  readonly silent: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
  readonly interactive: boolean;
  /** Keep human lines back until `release`, so that a failure can be the only thing on stderr. */
  readonly hold?: boolean;
  /** Without it no colour. */
  readonly style?: Style;
}

/** The conversation on stderr. It knows the secrets of this run, so that none of them is printed. */
export function createLog(io: Io, options: TalkOptions): Log {
  const known = new Set<string>();
  let held: string[] | undefined = options.hold ? [] : undefined;
  const plain = (text: string) => text;
  const paint = options.style;
  const print = (line: string, colour: (text: string) => string = plain) =>
    io.writeStderr(`${colour(cleanLines(redact(line, known)))}\n`);
  const tell = (line: string, colour?: (text: string) => string) => {
    if (options.silent) return;
    if (held) held.push(line);
    else print(line, colour);
  };

  return {
    interactive: options.interactive && !options.silent,
    silent: options.silent,
    say: (line) => tell(line),
    done: (line) => tell(`✓ ${line}`, paint?.green),
    warn: (line) => tell(`warning: ${line}`, paint?.yellow),
    release: () => {
      const lines = held ?? [];
      held = undefined;
      for (const line of lines) print(line);
    },
    verbose: (line) => {
      if (options.verbosity !== 'normal') print(line, paint?.dim);
    },
    debug: (line) => {
      if (options.verbosity === 'debug') print(line, paint?.dim);
    },
    registerSecret: (secret) => {
      known.add(secret);
    },
    redact: (text) => redact(text, known),
  };
}
