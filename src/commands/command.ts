import type { InferredOptionTypes, Options } from 'yargs';
import { PROFILE_ALIAS, PROFILE_OPTION } from '../core/option-names.ts';
import type { App, Outcome } from '../core/ports.ts';

export type OptionTable = Readonly<Record<string, Options>>;

/** A command as data: what `parser.ts` tells yargs, and one lazy import that does the work. */
export interface Command<
  O extends OptionTable = OptionTable,
  P extends OptionTable = Record<never, never>,
> {
  /** The name and its positionals in yargs' spelling: `rename <old> <new>`. */
  readonly command: string;
  readonly describe: string;
  readonly options: O;
  /** Positionals, declared like options. */
  readonly positionals?: P;
  /** Command line, what it is for. */
  readonly examples?: readonly (readonly [string, string])[];
  run(app: App, args: InferredOptionTypes<O> & InferredOptionTypes<P>): Promise<Outcome>;
}

/** A command that only holds others: `config`. */
export interface CommandGroup {
  readonly command: string;
  readonly describe: string;
  readonly children: readonly AnyCommand[];
}

// Options are an input of `run`, so a table of commands has to forget them.
// biome-ignore lint/suspicious/noExplicitAny: see above; each command itself is fully typed
export type AnyCommand = Command<any, any>;

/** What a command line says: which command, and the values of its options by their long names. */
export interface CommandCall {
  readonly command: AnyCommand;
  readonly args: Readonly<Record<string, unknown>>;
}

export function defineCommand<
  const O extends OptionTable,
  const P extends OptionTable = Record<never, never>,
>(command: Command<O, P>): Command<O, P> {
  return command;
}

/** What an option may say besides its type, which must stay literal for `InferredOptionTypes`. */
type Extra = Pick<Options, 'alias' | 'choices' | 'global' | 'hidden' | 'nargs'> & Completed;

/** What a shell may offer as its value, where `choices` would say too much. */
export interface Completed {
  readonly completes?: 'files' | 'profiles' | readonly string[];
}

/** An option that must come with a value. */
export const value = (describe: string, rest: Extra = {}) =>
  ({ type: 'string', requiresArg: true, describe, ...rest }) as const;

/** An option that must come with the path of a file. */
export const path = (describe: string, rest: Extra = {}) =>
  value(describe, { completes: 'files', ...rest });

/** A positional that must be there. */
export const required = (describe: string, rest: Extra = {}) =>
  ({ type: 'string', demandOption: true, describe, ...rest }) as const;

/** An option that may come several times, each time with one value. */
export const values = (describe: string, rest: Extra = {}) =>
  ({ type: 'array', string: true, requiresArg: true, describe, ...rest }) as const;

export const flag = (describe: string, rest: Extra = {}) =>
  ({ type: 'boolean', describe, ...rest }) as const;

/** The options that every command has. */
export const GLOBAL_OPTIONS = {
  verbose: flag('tell on stderr what is being done', { global: true }),
  debug: flag('tell it in detail, without secrets', { global: true }),
  'no-color': flag('no colour (also NO_COLOR)', { global: true }),
} as const;

export const profileOption = {
  [PROFILE_OPTION]: value('the profile to use (else TOKENCLI_PROFILE, the default, the only one)', {
    alias: PROFILE_ALIAS,
    completes: 'profiles',
  }),
} as const;

export const tokenSourceOptions = {
  token: value('the token itself (stays in the shell history; better a pipe)', { alias: 't' }),
  file: path('a file that holds the token (- is stdin)', { alias: 'f' }),
} as const;
