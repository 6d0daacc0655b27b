import type { App, Outcome } from '../core/ports.ts';

/**
 * Declares an option or a positional. Reading a command line, `--help` and shell completion all use
 * it.
 */
export interface Option {
  /** An `array` option may be repeated; each occurrence has one value. */
  readonly type: 'string' | 'boolean' | 'array';
  readonly describe: string;
  /** Other names, without dashes. A single letter is a short option. */
  readonly alias?: string | readonly string[];
  readonly choices?: readonly string[];
  /** What shells offer as its value, if other values are allowed too. */
  readonly completes?: 'files' | 'profiles' | 'resources' | readonly string[];
  /** Number of values that follow the option, if more than one. */
  readonly words?: number;
  /** For positionals only. */
  readonly required?: boolean;
}

export type OptionTable = Readonly<Record<string, Option>>;

type Value<O extends Option> = O['type'] extends 'boolean'
  ? boolean
  : O['type'] extends 'array'
    ? string[]
    : O extends { choices: readonly (infer Choice)[] }
      ? Choice
      : string;

/** The arguments of a command: values by the long names of the options. */
export type Args<T extends OptionTable> = {
  [Name in keyof T]: T[Name] extends { required: true }
    ? Value<T[Name]>
    : Value<T[Name]> | undefined;
};

/** @param program the words behind `--` */
type UseCase<A> = (app: App, args: A, program: readonly string[]) => Promise<Outcome>;

export interface Command<
  O extends OptionTable = OptionTable,
  P extends OptionTable = Record<never, never>,
> {
  readonly name: string;
  readonly describe: string;
  readonly options: O;
  /** In the order in which they are typed. */
  readonly positionals?: P;
  /** Behind `--` it takes a program and its arguments, whatever they look like. */
  readonly program?: true;
  /** Pairs of a command line and what it is for. */
  readonly examples?: readonly (readonly [string, string])[];
  /** Imports what the command does, only when it is called, so that other commands start fast. */
  load(): Promise<UseCase<Args<O> & Args<P>>>;
}

/** A command with subcommands, such as `config`. */
export interface CommandGroup {
  readonly name: string;
  readonly describe: string;
  readonly children: readonly AnyCommand[];
}

// a use case takes the command's own arguments, so no common type of all commands can name them
// biome-ignore lint/suspicious/noExplicitAny: see above; each command itself is fully typed
export type AnyCommand = Command<any, any>;

export type Commands = readonly (AnyCommand | CommandGroup)[];

export function defineCommand<
  const O extends OptionTable,
  const P extends OptionTable = Record<never, never>,
>(command: Command<O, P>): Command<O, P> {
  return command;
}

/**
 * The optional properties of an option. The helpers below keep `type` a literal type, from which
 * `Args` is derived.
 */
type Extra = Pick<Option, 'alias' | 'choices' | 'completes' | 'words'>;

/** An option with a value. */
export const value = (describe: string, rest: Extra = {}) =>
  ({ type: 'string', describe, ...rest }) as const;

/** An option whose value is the path of a file. */
export const path = (describe: string, rest: Extra = {}) =>
  value(describe, { completes: 'files', ...rest });

/** A positional that must be given. */
export const required = (describe: string, rest: Extra = {}) =>
  ({ type: 'string', required: true, describe, ...rest }) as const;

/** An option with a value that may be repeated. */
export const values = (describe: string, rest: Extra = {}) =>
  ({ type: 'array', describe, ...rest }) as const;

/** An option without a value. */
export const flag = (describe: string, rest: Extra = {}) =>
  ({ type: 'boolean', describe, ...rest }) as const;

/** The options that every command has. */
export const GLOBAL_OPTIONS = {
  verbose: flag('tell on stderr what is being done'),
  debug: flag('tell it in detail, without secrets'),
  'no-color': flag('no colour (also NO_COLOR)'),
} as const;

/** The options that are valid with and without a command. */
export const HELP_OPTIONS = {
  help: flag('show help'),
  version: flag('show version number'),
} as const;

export const profileOption = {
  profile: value('the profile to use (else TOKENCLI_PROFILE, the default, the only one)', {
    alias: 'p',
    completes: 'profiles',
  }),
} as const;

export const tokenSourceOptions = {
  token: value('the token itself (stays in the shell history; better a pipe)', { alias: 't' }),
  file: path('a file that holds the token (- is stdin)', { alias: 'f' }),
} as const;
