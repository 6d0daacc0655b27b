import yargs, { type Argv } from 'yargs';
import {
  type AnyCommand,
  type CommandCall,
  type CommandGroup,
  GLOBAL_OPTIONS,
  type OptionTable,
} from '../commands/command.ts';
import { COMMANDS } from '../commands/index.ts';
import { CliError } from '../core/errors.ts';
import type { Outcome } from '../core/ports.ts';

type Arguments = Record<string, unknown>;

/**
 * Reads any command line with yargs.
 * @returns the command that it calls, or the text that it asks for
 * @throws CliError usage
 */
export async function parseLine(
  argv: readonly string[],
  version: string,
): Promise<CommandCall | Outcome> {
  let request: CommandCall | Outcome | undefined;
  const parser = createParser(argv, version, (args, command) => {
    request = { command, args };
  });
  await parser.parseAsync([...argv], {}, (_error, _args, output) => {
    if (output) request = { stdout: `${output}\n` };
  });
  if (!request) throw new CliError('usage', 'no command was run');
  return request;
}

/** What `--help` prints, by command: `''` for the whole, `config create`. */
export async function renderHelp(version: string): Promise<Record<string, string>> {
  const pages: Record<string, string> = {};
  for (const path of listPaths(COMMANDS)) {
    const page = await parseLine([...path, '--help'], version);
    if ('stdout' in page) pages[path.join(' ')] = page.stdout;
  }
  return pages;
}

function listPaths(entries: readonly (AnyCommand | CommandGroup)[]): string[][] {
  const below = entries.flatMap((entry) => {
    const inside = 'children' in entry ? listPaths(entry.children) : [[]];
    return inside.map((path) => [entry.command.split(' ')[0] ?? '', ...path]);
  });
  return [[], ...below];
}

function createParser(
  argv: readonly string[],
  version: string,
  choose: (args: Arguments, command: AnyCommand) => void,
): Argv {
  const parser = yargs()
    .scriptName('tokencli')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .exitProcess(false)
    .strict()
    .recommendCommands()
    .demandCommand(1, 'say what to do')
    .version(version)
    .options(GLOBAL_OPTIONS)
    .wrap(80)
    .epilogue('Exit codes: tokencli help exit-codes')
    .fail((message, error) => {
      if (error instanceof CliError) throw error;
      if (argv.some((word) => SECRET_FLAG.test(word))) throw secretError(argv);
      throw usageError(nameOptions(message || error.message, argv), knownCommand(argv));
    });
  for (const entry of COMMANDS) addEntry(parser, entry, '', choose);
  return groupGlobals(parser);
}

function groupGlobals(parser: Argv): Argv {
  return parser.group([...Object.keys(GLOBAL_OPTIONS), 'help', 'version'], 'Every command:');
}

function addEntry(
  parser: Argv,
  entry: AnyCommand | CommandGroup,
  parent: string,
  choose: (args: Arguments, command: AnyCommand) => void,
): void {
  const path = `${parent} ${entry.command.split(' ')[0]}`.trim();
  if ('children' in entry) {
    parser.command(entry.command, entry.describe, (group) => {
      for (const child of entry.children) addEntry(group, child, path, choose);
      return group.demandCommand(1, `say what to do with ${entry.command}`);
    });
    return;
  }
  parser.command(
    entry.command,
    entry.describe,
    (command) => {
      const positionals: OptionTable = entry.positionals ?? {};
      for (const [name, positional] of Object.entries(positionals)) {
        command.positional(name, { ...positional, type: 'string' });
      }
      for (const example of entry.examples ?? []) command.example(example[0], example[1]);
      const own = command.options(entry.options).group(Object.keys(entry.options), 'Options:');
      return groupGlobals(own);
    },
    (args) => {
      checkValues(args, entry, path);
      choose(args, entry);
    },
  );
}

/** yargs lets a single-valued option come twice and with an empty value; a script must not. */
function checkValues(args: Arguments, command: AnyCommand, path: string): void {
  // strict() does not look at what follows `--`
  const [extra] = (args['_'] as unknown[]).slice(path.split(' ').length);
  if (extra !== undefined) throw usageError(`unknown: ${extra}`, path);
  for (const [name, option] of Object.entries(command.options)) {
    const given = args[name];
    if (given === undefined) continue;
    const { type, nargs } = option as { type?: string; nargs?: number };
    const many = type === 'array' || nargs !== undefined;
    if (Array.isArray(given) && !many) throw usageError(`--${name} was given twice`, path);
    if (given === '' || (Array.isArray(given) && given.includes(''))) {
      throw usageError(`--${name} needs a value that is not empty`, path);
    }
  }
}

/** The command of this line as far as it is one of ours, for the hint. */
function knownCommand(argv: readonly string[]): string {
  const named = (list: readonly (AnyCommand | CommandGroup)[], word: string | undefined) =>
    list.find(({ command }) => command.split(' ')[0] === word);
  const entry = named(COMMANDS, argv[0]);
  const child = entry && 'children' in entry ? named(entry.children, argv[1]) : undefined;
  return [entry && argv[0], child && argv[1]].filter(Boolean).join(' ');
}

const SECRET_FLAG = /^--(client-secret|certificate-password|passphrase|secret|password)(=|$)/;

/** What was typed is in the shell's history now, so it is not repeated here. */
function secretError(argv: readonly string[]): CliError {
  const name = SECRET_FLAG.exec(argv.find((word) => SECRET_FLAG.test(word)) ?? '')?.[1];
  const kind = name === 'secret' || name === 'password' ? 'client-secret' : name;
  return new CliError('usage', `no option takes the value of a secret: --${name} would show it`, {
    hint: `hand it over with --${kind}-stdin, --${kind}-file or --${kind}-env`,
  });
}

/** yargs names an unknown option without its dashes; a person looks for what was typed. */
function nameOptions(message: string, argv: readonly string[]): string {
  const typed = argv.filter((word) => /^--?[a-z]/i.test(word)).map((word) => word.split('=', 1)[0]);
  return message.replace(/^(Unknown|Not enough) arguments?( following)?: (.*)$/s, (...match) => {
    const names = String(match[3])
      .split(', ')
      // yargs adds its camelCase twin of every option it does not know
      .filter((name, _, all) => !all.some((each) => each !== name && camelCase(each) === name))
      .map((name) => typed.find((word) => word?.replace(/^-+/, '') === name) ?? name);
    return match[2] ? `${names.join(', ')} needs a value` : `unknown: ${names.join(', ')}`;
  });
}

const camelCase = (name: string) => name.replace(/-(.)/g, (match) => match.slice(1).toUpperCase());

function usageError(message: string, command: string): CliError {
  const line = message.split('\n').join(' ').replace(/\s+/g, ' ').trim();
  const text = line.charAt(0).toLowerCase() + line.slice(1);
  return new CliError('usage', text, { hint: `tokencli ${command} --help`.replace('  ', ' ') });
}
