import {
  type AnyCommand,
  type CommandGroup,
  type Commands,
  GLOBAL_OPTIONS,
  HELP_OPTIONS,
  type OptionTable,
} from '../commands/command.ts';
import { type SplitLine, splitLine } from './split-line.ts';

export interface FoundCommand {
  /** The names of the entry and of its group: `config`, `create`. */
  readonly path: readonly string[];
  /** What the path leads to; absent if the line names nothing of ours. */
  readonly entry: AnyCommand | CommandGroup | undefined;
  /** The line, read with the options of the command if it is one, else with those of all. */
  readonly line: SplitLine;
}

/** Which command a line calls, wherever its options stand. */
export function findCommand(argv: readonly string[], commands: Commands): FoundCommand {
  const line = splitLine(argv, optionsOfAll(commands));
  const { path, entry } = follow(line.words, commands);
  const isCommand = entry !== undefined && !('children' in entry);
  return { path, entry, line: isCommand ? splitLine(argv, optionsOf(entry)) : line };
}

/** Every option that may stand behind a command. */
export function optionsOf(command: AnyCommand): OptionTable {
  return { ...command.options, ...GLOBAL_OPTIONS, ...HELP_OPTIONS };
}

/** As long as the command is not known, this says which options have a value. */
function optionsOfAll(commands: Commands): OptionTable {
  const tables = commands.map((entry) =>
    'children' in entry ? optionsOfAll(entry.children) : optionsOf(entry),
  );
  return Object.assign({ ...GLOBAL_OPTIONS, ...HELP_OPTIONS }, ...tables);
}

function follow(words: readonly string[], commands: Commands) {
  const path: string[] = [];
  let below = commands;
  let entry: AnyCommand | CommandGroup | undefined;
  for (const word of words) {
    const next = below.find(({ name }) => name === word);
    if (!next) break;
    path.push(word);
    entry = next;
    below = 'children' in next ? next.children : [];
  }
  return { path, entry };
}
