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

/** Which command a line calls, also when options stand in front of it. */
export function findCommand(argv: readonly string[], commands: Commands): FoundCommand {
  const leading = follow(argv, commands);
  if (isCommand(leading.entry)) {
    return { ...leading, line: splitLine(argv, optionsOf(leading.entry)) };
  }
  const line = splitLine(argv, optionsOfAll(commands));
  const found = follow(line.words, commands);
  return isCommand(found.entry)
    ? { ...found, line: splitLine(argv, optionsOf(found.entry)) }
    : { ...found, line };
}

export function isCommand(entry: AnyCommand | CommandGroup | undefined): entry is AnyCommand {
  return entry !== undefined && !('children' in entry);
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
