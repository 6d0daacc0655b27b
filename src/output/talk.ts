import type { Io, Style, Talk } from '../core/ports.ts';
import { redact } from './redact.ts';
import { cleanLines } from './terminal-text.ts';

export interface TalkOptions {
  readonly silent: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
  readonly interactive: boolean;
  /** Without it no colour. */
  readonly style?: Style;
}

/** The conversation on stderr. It knows the secrets of this run, so that none of them is printed. */
export function createTalk(io: Io, options: TalkOptions): Talk {
  const known = new Set<string>();
  const plain = (text: string) => text;
  const paint = options.style;
  const print = (line: string, colour: (text: string) => string = plain) =>
    io.writeStderr(`${colour(cleanLines(redact(line, known)))}\n`);

  return {
    interactive: options.interactive && !options.silent,
    silent: options.silent,
    say: (line) => {
      if (!options.silent) print(line);
    },
    done: (line) => {
      if (!options.silent) print(`✓ ${line}`, paint?.green);
    },
    warn: (line) => {
      if (!options.silent) print(`warning: ${line}`, paint?.yellow);
    },
    verbose: (line) => {
      if (options.verbosity !== 'normal') print(line, paint?.dim);
    },
    debug: (line) => {
      if (options.verbosity === 'debug') print(line, paint?.dim);
    },
    hide: (secret) => {
      known.add(secret);
    },
    redact: (text) => redact(text, known),
  };
}
