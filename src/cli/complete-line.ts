import {
  type AnyCommand,
  type CommandCall,
  type CommandGroup,
  type Completed,
  defineCommand,
  GLOBAL_OPTIONS,
  type OptionTable,
} from '../commands/command.ts';
import type { Offer, Words } from '../usecases/completion/complete.ts';

type Entries = readonly (AnyCommand | CommandGroup)[];
type Option = OptionTable[string] & Completed;
type Options = Readonly<Record<string, Option>>;

const HELP = { help: { type: 'boolean', describe: 'show help' } } as const;
const VERSION = { version: { type: 'boolean', describe: 'show version number' } } as const;

/**
 * The call that answers a shell.
 * @param argv `=` and what is typed of the word, then the words before it
 */
export function answerShell([typed = '', ...before]: readonly string[], entries: Entries) {
  const word = typed.slice(1);
  const offer = completeLine(before, word, entries);
  const command = defineCommand({
    command: '',
    describe: '',
    options: {},
    run: async (app) => {
      const { complete } = await import('../usecases/completion/complete.ts');
      return complete(app, { word, offer });
    },
  });
  return { command, args: {} } satisfies CommandCall;
}

/**
 * How a line may go on.
 * @param before the words behind the name of the program
 * @param word what is typed of the next one; an offer for `--name=` is for what follows it
 */
export function completeLine(before: readonly string[], word: string, entries: Entries): Offer {
  const [name, ...rest] = before;
  if (name === undefined) {
    if (word.startsWith('-')) return describeOptions({ ...GLOBAL_OPTIONS, ...HELP, ...VERSION });
    return entries.map(({ command, describe }) => [command.split(' ', 1)[0] ?? '', describe]);
  }
  const entry = entries.find(({ command }) => command.split(' ', 1)[0] === name);
  if (!entry) return [];
  return 'children' in entry
    ? completeLine(rest, word, entry.children)
    : completeCommand(entry, rest, word);
}

function completeCommand(command: AnyCommand, before: readonly string[], word: string): Offer {
  const left: Record<string, Option> = { ...command.options, ...GLOBAL_OPTIONS, ...HELP };
  const options: Options = { ...left };
  const places = Object.values<Option>(command.positionals ?? {});
  const queue = [...before];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next === '--') return [];
    const name = findOption(next, options);
    const option = name === undefined ? undefined : options[name];
    if (name === undefined || !option) {
      if (!next.startsWith('-')) places.shift();
      continue;
    }
    if (option.type !== 'array') delete left[name];
    const wanted = option.type === 'boolean' || next.includes('=') ? 0 : (option.nargs ?? 1);
    if (queue.splice(0, wanted).length < wanted) return valuesOf(option);
  }
  if (word.startsWith('-') && word.includes('=')) {
    return valuesOf(options[findOption(word, options) ?? ''] ?? {});
  }
  const [place] = places;
  return place && !word.startsWith('-') ? valuesOf(place) : describeOptions(left);
}

function findOption(word: string, options: Options): string | undefined {
  const bare = /^--?([^=]+)/.exec(word)?.[1];
  if (bare === undefined) return undefined;
  return Object.keys(options).find(
    (name) => name === bare || [options[name]?.alias].flat().includes(bare),
  );
}

function valuesOf({ completes, choices }: Option): Offer {
  if (completes === 'files' || completes === 'profiles') return completes;
  return (completes ?? choices ?? []).map((choice) => [String(choice)]);
}

function describeOptions(options: Options): Words {
  return Object.entries(options).map(([name, { describe }]) => [`--${name}`, describe]);
}
