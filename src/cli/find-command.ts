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
  /** The words of the line that name a command: `config`, `create`. */
  readonly path: readonly string[];
  /** The command or group with that path; undefined if the line does not begin with one. */
  readonly entry: AnyCommand | CommandGroup | undefined;
  /**
   * The line, split by the options of the command; if there is no command, by those of all
   * commands.
   */
  readonly line: SplitLine;
}

/** Finds the command of a line, even if options precede it. */
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

/** All options of a command, with the global ones. */
export function optionsOf(command: AnyCommand): OptionTable {
  return { ...command.options, ...GLOBAL_OPTIONS, ...HELP_OPTIONS };
}

/**
 * The options of all commands: tells which options have a value while the command is not known yet.
 */
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
