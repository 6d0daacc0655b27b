import type { App, Outcome } from '../core/ports.ts';

/** An option, or a positional, as data: the reader, the help and the completion are made from it. */
export interface Option {
  /** `array` may come several times, each time with one value. */
  readonly type: 'string' | 'boolean' | 'array';
  readonly describe: string;
  /** Other spellings without their dashes; one letter is a short option. */
  readonly alias?: string | readonly string[];
  readonly choices?: readonly string[];
  /** What a shell may offer as its value, where `choices` would say too much. */
  readonly completes?: 'files' | 'profiles' | readonly string[];
  /** How many words follow the option, all at once, where that is more than one. */
  readonly words?: number;
  /** Of a positional: it must be there. */
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

/** What a command is given: the values by the long names of their options. */
export type Args<T extends OptionTable> = {
  [Name in keyof T]: T[Name] extends { required: true }
    ? Value<T[Name]>
    : Value<T[Name]> | undefined;
};

/** A command as data, and one lazy import that does the work. */
export interface Command<
  O extends OptionTable = OptionTable,
  P extends OptionTable = Record<never, never>,
> {
  readonly name: string;
  readonly describe: string;
  readonly options: O;
  /** In the order in which they are typed, declared like options. */
  readonly positionals?: P;
  /** Command line, what it is for. */
  readonly examples?: readonly (readonly [string, string])[];
  run(app: App, args: Args<O> & Args<P>): Promise<Outcome>;
}

/** A command that only holds others: `config`. */
export interface CommandGroup {
  readonly name: string;
  readonly describe: string;
  readonly children: readonly AnyCommand[];
}

// Options are an input of `run`, so a table of commands has to forget them.
// biome-ignore lint/suspicious/noExplicitAny: see above; each command itself is fully typed
export type AnyCommand = Command<any, any>;

export type Commands = readonly (AnyCommand | CommandGroup)[];

/** What a command line says: which command, and the values of its options by their long names. */
export interface CommandCall {
  readonly command: AnyCommand;
  readonly args: Readonly<Record<string, string | string[] | true>>;
}

export function defineCommand<
  const O extends OptionTable,
  const P extends OptionTable = Record<never, never>,
>(command: Command<O, P>): Command<O, P> {
  return command;
}

/** What an option may say besides its type, which must stay literal for `Args`. */
type Extra = Pick<Option, 'alias' | 'choices' | 'completes' | 'words'>;

/** An option that must come with a value. */
export const value = (describe: string, rest: Extra = {}) =>
  ({ type: 'string', describe, ...rest }) as const;

/** An option that must come with the path of a file. */
export const path = (describe: string, rest: Extra = {}) =>
  value(describe, { completes: 'files', ...rest });

/** A positional that must be there. */
export const required = (describe: string, rest: Extra = {}) =>
  ({ type: 'string', required: true, describe, ...rest }) as const;

/** An option that may come several times, each time with one value. */
export const values = (describe: string, rest: Extra = {}) =>
  ({ type: 'array', describe, ...rest }) as const;

export const flag = (describe: string, rest: Extra = {}) =>
  ({ type: 'boolean', describe, ...rest }) as const;

/** The options that every command has. */
export const GLOBAL_OPTIONS = {
  verbose: flag('tell on stderr what is being done'),
  debug: flag('tell it in detail, without secrets'),
  'no-color': flag('no colour (also NO_COLOR)'),
} as const;

/** What every command line may ask for instead of a command. */
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
