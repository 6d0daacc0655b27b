import type { AnyCommand, Commands, Option } from '../commands/command.ts';
import { type FoundCommand, findCommand, isCommand } from './find-command.ts';
import { type GivenOption, lacksValues, type SplitLine } from './split-line.ts';

/** The values by the long names of the options. */
type Args = Readonly<Record<string, string | string[] | true>>;

/** What a command line asks for. */
export type Request =
  /** A valid line, with the words behind `--` for a command that runs a program. */
  | { readonly command: AnyCommand; readonly args: Args; readonly program: readonly string[] }
  /** The help page of a command, named by its path: `config create`; '' for the general page. */
  | { readonly page: string }
  | { readonly version: true }
  | { readonly mistake: Mistake };

export interface Mistake {
  /** What is wrong, in one line. */
  readonly message: string;
  /** Path of the command, as far as it is known: `config create`. */
  readonly path: string;
  /** The words that may be a misspelt command. */
  readonly typo?: readonly string[];
}

export interface ReadLine {
  readonly request: Request;
  /** The values of the given options, by long name. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

/** Reads a command line. Never throws: a wrong line results in a `mistake`. */
export function readLine(argv: readonly string[], commands: Commands): ReadLine {
  const found = findCommand(argv, commands);
  const given = new Map(found.line.options.map(({ name, values }) => [name, values]));
  return { request: readRequest(found, given, commands), given };
}

function readRequest(found: FoundCommand, given: ReadLine['given'], commands: Commands): Request {
  const { entry, line } = found;
  const path = found.path.join(' ');
  const mistake = (message: string) => ({ mistake: { message, path } });
  const word = line.words[found.path.length];
  if (!isCommand(entry) && word !== undefined) {
    const page = path === 'help' ? pageOf(line.words.slice(1), commands) : undefined;
    if (page !== undefined) return { page };
    // the word may be the value of an unknown option, and a secret
    const stray = line.options.find(({ option }) => !option);
    if (stray) return mistake(`unknown: ${stray.typed}`);
    return { mistake: { message: `unknown: ${word}`, path, typo: [...found.path, word] } };
  }
  if (given.has('help')) return { page: path };
  if (given.has('version')) return { version: true };
  if (!isCommand(entry)) {
    if (path === 'help') return { page: '' };
    return mistake(entry ? `say what to do with ${path}` : 'say what to do');
  }
  const program = entry.program ? line.behind : [];
  const places = line.words.slice(found.path.length, line.words.length - program.length);
  const missing = findMissingProgram(found);
  // without `--` the options of the program cannot be told from ours
  const options = missing ? line.options.filter(({ option }) => option) : line.options;
  const message =
    findMisplaced(found) ??
    findWrongOption(options) ??
    missing ??
    findWrongPositional(entry, places);
  if (message !== undefined) return mistake(message);
  return { command: entry, args: toArgs(entry, line, places), program };
}

/** @returns the page that `help config create` names, which `config create --help` shows too */
function pageOf(words: readonly string[], commands: Commands): string | undefined {
  const { path } = findCommand(words, commands);
  return path.length === words.length ? path.join(' ') : undefined;
}

/** The program of a command that runs one may look like anything, so it stands behind `--`. */
function findMissingProgram({ path, entry, line }: FoundCommand): string | undefined {
  if (!isCommand(entry) || !entry.program) return undefined;
  const isThere = line.behind.length > 0 && line.words.length - line.behind.length >= path.length;
  return isThere
    ? undefined
    : `a program goes behind --: tokencli ${path.join(' ')} -p NAME -- PROGRAM`;
}

/**
 * An option before the command may have been split as another command's option of the same name.
 */
function findMisplaced({ path, line }: FoundCommand): string | undefined {
  if (path.every((word, index) => line.words[index] === word)) return undefined;
  return `options of ${path.join(' ')} go behind its name`;
}

function findWrongOption(options: SplitLine['options']): string | undefined {
  const seen = new Set<string>();
  for (const given of options) {
    const { name, option } = given;
    const again = seen.has(name);
    seen.add(name);
    const message = option ? findWrongUse(given, option, again) : `unknown: ${given.typed}`;
    if (message !== undefined) return message;
  }
  return undefined;
}

function findWrongUse(given: GivenOption, option: Option, again: boolean): string | undefined {
  const { name, typed, values, inline } = given;
  if (option.type === 'boolean') return values.length > 0 ? `${typed} takes no value` : undefined;
  const [first = ''] = values;
  // the value was forgotten and an option follows; a value that begins with a dash is given after `=`
  const isOption = first.startsWith('-') && first !== '-' && !inline;
  if (lacksValues(given) || isOption)
    return `${typed} needs ${option.words ? `${option.words} values` : 'a value'}`;
  if (values.includes('')) return `--${name} needs a value that is not empty`;
  if (again && (option.type !== 'array' || option.words)) return `--${name} was given twice`;
  return values.map((value) => findWrongChoice(`--${name}`, option, value)).find(Boolean);
}

function findWrongPositional({ positionals = {} }: AnyCommand, places: readonly string[]) {
  const declared = Object.entries<Option>(positionals);
  const extra = places[declared.length];
  if (extra !== undefined) return `unknown: ${extra}`;
  for (const [index, [name, option]] of declared.entries()) {
    const value = places[index];
    if (value === undefined && option.required) return `<${name}> is missing`;
    if (value === '') return `<${name}> must not be empty`;
    const wrong = value === undefined ? undefined : findWrongChoice(`<${name}>`, option, value);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function findWrongChoice(name: string, { choices }: Option, value: string): string | undefined {
  if (!choices || choices.includes(value)) return undefined;
  return `${name} is one of ${choices.join(', ')}`;
}

function toArgs({ positionals = {} }: AnyCommand, { options }: SplitLine, places: string[]) {
  const args: Record<string, string | string[] | true> = {};
  for (const { name, option, values } of options) {
    const before = args[name];
    if (option?.type === 'array')
      args[name] = [...(Array.isArray(before) ? before : []), ...values];
    else args[name] = values[0] ?? true;
  }
  for (const [index, name] of Object.keys(positionals).entries()) {
    const place = places[index];
    if (place !== undefined) args[name] = place;
  }
  return args;
}
