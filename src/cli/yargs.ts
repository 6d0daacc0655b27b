import yargs, { type Argv, type Options } from 'yargs';
import {
  type AnyCommand,
  type CommandGroup,
  type Commands,
  GLOBAL_OPTIONS,
  HELP_OPTIONS,
  type Option,
  type OptionTable,
} from '../commands/command.ts';
import { findCommand, isCommand } from './find-command.ts';

/** @returns `did you mean get-token?`; undefined if no command has a similar name */
export async function suggestCommand(
  words: readonly string[],
  commands: Commands,
): Promise<string | undefined> {
  const parser = createParser(commands).fail((text, error) => {
    throw error ?? new Error(text);
  });
  try {
    await parser.parseAsync([...words], {}, () => {});
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return /^did you mean [^\n]+/i.exec(text)?.[0].replace('Did', 'did');
  }
}

/** All help pages by the path of their command: `config create`; '' for the general page. */
export async function renderHelp(commands: Commands): Promise<Record<string, string>> {
  const pages: Record<string, string> = {};
  for (const path of listPaths(commands)) {
    await createParser(commands).parseAsync([...path, '--help'], {}, (_error, _args, output) => {
      pages[path.join(' ')] = `${output}\n${examplesOf(path, commands)}`;
    });
  }
  return pages;
}

/** The examples of a command. yargs does not print them, because it would wrap the command lines. */
function examplesOf(path: readonly string[], commands: Commands): string {
  const { entry } = findCommand(path, commands);
  const examples = isCommand(entry) ? (entry.examples ?? []) : [];
  const lines = examples.map(([line, what]) => `  # ${what}\n  ${line}\n`);
  return lines.length === 0 ? '' : `\nExamples:\n${lines.join('')}`;
}

function listPaths(commands: Commands): string[][] {
  const below = commands.flatMap((entry) => {
    const inside = 'children' in entry ? listPaths(entry.children) : [[]];
    return inside.map((path) => [entry.name, ...path]);
  });
  return [[], ...below];
}

function createParser(commands: Commands): Argv {
  const parser = yargs()
    .scriptName('tokencli')
    .locale('en')
    .updateStrings({ 'Show help': 'show help', 'Show version number': 'show version number' })
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .exitProcess(false)
    .strict()
    .recommendCommands()
    .demandCommand(1, 'say what to do')
    .options(optionsFor(GLOBAL_OPTIONS))
    .wrap(80)
    .epilogue('Begin with: tokencli config create\nExit codes: tokencli help exit-codes');
  for (const entry of commands) addEntry(parser, entry);
  return groupGlobals(parser);
}

function groupGlobals(parser: Argv): Argv {
  return parser.group(Object.keys({ ...GLOBAL_OPTIONS, ...HELP_OPTIONS }), 'Every command:');
}

function addEntry(parser: Argv, entry: AnyCommand | CommandGroup): void {
  if ('children' in entry) {
    parser.command(entry.name, entry.describe, (group) => {
      for (const child of entry.children) addEntry(group, child);
      return group.demandCommand(1, `say what to do with ${entry.name}`);
    });
    return;
  }
  const places = Object.entries<Option>(entry.positionals ?? {});
  const usage = places.map(([name, { required }]) => (required ? `<${name}>` : `[${name}]`));
  parser.command(
    [entry.name, ...usage].join(' '),
    entry.describe,
    (command) => {
      for (const [name, place] of places) {
        command.positional(name, { ...optionFor(place), type: 'string' });
      }
      if (entry.program)
        command.usage(`$0 ${entry.name} [OPTION…] -- PROGRAM [ARG…]\n\n${entry.describe}`);
      const own = command.options(optionsFor(entry.options));
      return groupGlobals(own.group(Object.keys(entry.options), 'Options:'));
    },
    () => {},
  );
}

function optionsFor(table: OptionTable): Record<string, Options> {
  return Object.fromEntries(Object.entries(table).map(([name, each]) => [name, optionFor(each)]));
}

function optionFor({ type, describe, alias, choices, words, required }: Option): Options {
  return {
    ...{ type, describe, requiresArg: type !== 'boolean', string: type === 'array' },
    ...(alias !== undefined && { alias }),
    ...(choices && { choices }),
    ...(words !== undefined && { nargs: words }),
    ...(required && { demandOption: true }),
  };
}
