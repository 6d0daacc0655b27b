import {
  type AnyCommand,
  type CommandCall,
  type CommandGroup,
  GLOBAL_OPTIONS,
  type OptionTable,
} from '../commands/command.ts';

type Entries = readonly (AnyCommand | CommandGroup)[];
type Option = OptionTable[string];
type Values = Record<string, string | string[] | true>;

/** What this reader understands about an option. */
const KNOWN = [
  ...['type', 'string', 'requiresArg', 'describe', 'alias', 'choices', 'global', 'hidden'],
  'completes',
];
/** What matters only to the option that has it, once it is given. */
const WHEN_GIVEN = ['nargs', 'coerce'];
/** `<needed>` says the same as this. */
const PLACE = [...KNOWN, 'demandOption'];
const WORD = /^[^-'"]/;
/** Behind a flag they would be its value. */
const TRUTH = ['true', 'false'];

/**
 * Reads a command line that can mean one thing only: a command, its options each written out, each
 * value a word of its own or behind `=`. A line is read as yargs would read it, or not at all.
 * @returns undefined for every other line, right or wrong
 */
export function readPlainLine(argv: readonly string[], entries: Entries): CommandCall | undefined {
  const found = findCommand(argv, entries);
  if (!found) return undefined;
  const { command, words } = found;
  const options: OptionTable = { ...GLOBAL_OPTIONS, ...command.options };
  if (!Object.values(options).every((option) => hasOnly(option, [...KNOWN, ...WHEN_GIVEN]))) {
    return undefined;
  }
  const args: Values = {};
  const places: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (WORD.test(word) && !TRUTH.includes(word)) {
      places.push(word);
      continue;
    }
    const [spelling = '', ...rest] = word.split('=');
    const name = findOption(spelling, options);
    const option = name === undefined ? undefined : options[name];
    if (name === undefined || !option || !hasOnly(option, KNOWN)) return undefined;
    const inline = rest.length > 0 ? rest.join('=') : undefined;
    const given = option.type === 'boolean' ? inline : (inline ?? words[++at] ?? '');
    if (!put(args, name, option, given)) return undefined;
  }
  return putPlaces(args, command, places) ? { command, args } : undefined;
}

function findCommand(argv: readonly string[], entries: Entries) {
  const [name, ...words] = argv;
  const entry = entries.find(({ command }) => command.split(' ', 1)[0] === name);
  if (!entry) return undefined;
  return 'children' in entry ? findCommandIn(entry, words) : { command: entry, words };
}

function findCommandIn(group: CommandGroup, argv: readonly string[]) {
  const [name, ...words] = argv;
  const command = group.children.find((child) => child.command.split(' ', 1)[0] === name);
  return command && { command, words };
}

function hasOnly(option: Option, keys: readonly string[]): boolean {
  return Object.keys(option).every((key) => keys.includes(key));
}

function findOption(spelling: string, options: OptionTable): string | undefined {
  const bare = spelling.replace(/^--?/, '');
  if (bare === '' || spelling !== (bare.length === 1 ? `-${bare}` : `--${bare}`)) return undefined;
  return Object.keys(options).find(
    (name) => name === bare || [options[name]?.alias ?? []].flat().includes(bare),
  );
}

/** @returns false if this reader is not sure what is meant */
function put(args: Values, name: string, option: Option, given: string | undefined): boolean {
  const before = args[name];
  if (option.type === 'boolean') {
    if (given !== undefined || before !== undefined) return false;
    args[name] = true;
    return true;
  }
  if (given === undefined || !WORD.test(given) || !isChoice(option, given)) return false;
  if (option.type === 'array') args[name] = [...(Array.isArray(before) ? before : []), given];
  else if (option.type === 'string' && before === undefined) args[name] = given;
  else return false;
  return true;
}

function isChoice({ choices }: Option, given: string): boolean {
  return !choices || choices.includes(given);
}

/** Positionals: `<needed>` and `[optional]`, one word each. */
function putPlaces(args: Values, { command, positionals }: AnyCommand, places: string[]): boolean {
  const declared = command.split(' ').slice(1);
  const needed = declared.filter((place) => place.startsWith('<')).length;
  if (places.length < needed || places.length > declared.length) return false;
  return places.every((word, index) => {
    const name = /^[<[]([\w-]+)[\]>]$/.exec(declared[index] ?? '')?.[1];
    const option: Option | undefined = name === undefined ? undefined : positionals?.[name];
    if (name === undefined || !option || !hasOnly(option, PLACE)) return false;
    if (!isChoice(option, word)) return false;
    args[name] = word;
    return true;
  });
}
