import yargs, { type Argv } from 'yargs';
import { type AnyCommand, type CommandGroup, flag, type OptionTable } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { CliError } from './core/errors.ts';
import type { App, Outcome } from './core/ports.ts';
import { printFailure } from './output/failure.ts';

/** What the options that every command has say about this run. */
export interface GlobalOptions {
  readonly silent: boolean;
  readonly json: boolean;
  readonly color: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
}

export type AppFactory = (options: GlobalOptions) => Promise<App>;

type Arguments = Record<string, unknown>;
type Work = (app: App) => Promise<Outcome>;

/**
 * The whole command line: parses, runs one command, delivers its result or prints its failure.
 * @returns the exit code
 */
export async function run(
  argv: readonly string[],
  createApp: AppFactory,
  version: string,
): Promise<number> {
  let work: Work | undefined;
  // One app for the whole run: its conversation knows the secrets that a failure must not print.
  let app: App | undefined;
  let globals = readGlobals(
    Object.fromEntries(argv.map((word) => [word.replace(/^--/, ''), true])),
  );
  try {
    const parser = createParser(argv, version, (args, command) => {
      globals = readGlobals(args);
      work = (app) => command.run(app, args);
    });
    const help = await parse(parser, argv);
    app = await createApp(globals);
    const outcome = help === undefined ? await work?.(app) : { stdout: help };
    if (outcome === undefined) throw new CliError('usage', 'no command was run');
    await app.io.writeStdout(outcome.stdout);
    app.talk.release();
    return outcome.exitCode ?? 0;
  } catch (error) {
    return printFailure(app ?? (await createApp(globals)), error, globals.json);
  } finally {
    await app?.end();
  }
}

async function parse(parser: Argv, argv: readonly string[]): Promise<string | undefined> {
  let help: string | undefined;
  await parser.parseAsync([...argv], {}, (_error, _args, output) => {
    if (output) help = `${output}\n`;
  });
  return help;
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
    .options({
      verbose: flag('tell on stderr what is being done', { global: true }),
      debug: flag('tell it in detail, without secrets', { global: true }),
      'no-color': flag('no colour (also NO_COLOR)', { global: true }),
    })
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
  return parser.group(['verbose', 'debug', 'no-color', 'help', 'version'], 'Every command:');
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

function readGlobals(args: Arguments): GlobalOptions {
  return {
    silent: args['silent'] === true,
    json: args['json'] === true,
    color: args['no-color'] !== true,
    verbosity: args['debug'] === true ? 'debug' : args['verbose'] === true ? 'verbose' : 'normal',
  };
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
  return new CliError('usage', `no option takes the value of a secret: --${name} would show it`, {
    hint: 'hand it over with --client-secret-stdin, --client-secret-file or --client-secret-env',
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
