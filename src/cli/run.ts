import type { CommandCall } from '../commands/command.ts';
import { FREQUENT_COMMANDS } from '../commands/frequent.ts';
import type { App, Outcome } from '../core/ports.ts';
import { COMPLETER } from '../core/shell-names.ts';
import { printFailure } from '../output/failure.ts';
import { readPlainLine } from './plain-line.ts';

/** What the options that every command has say about this run. */
export interface GlobalOptions {
  readonly silent: boolean;
  readonly json: boolean;
  readonly color: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
}

export type AppFactory = (options: GlobalOptions) => Promise<App>;

/**
 * The whole command line: parses, runs one command, delivers its result or prints its failure.
 * @returns the exit code
 */
export async function run(
  argv: readonly string[],
  createApp: AppFactory,
  version: string,
): Promise<number> {
  // One app for the whole run: its conversation knows the secrets that a failure must not print.
  let app: App | undefined;
  let globals = readGlobals(
    Object.fromEntries(argv.map((word) => [word.replace(/^--/, ''), true])),
  );
  try {
    const call = await readLine(argv, version);
    if ('command' in call) globals = readGlobals(call.args);
    app = await createApp(globals);
    const outcome = 'command' in call ? await call.command.run(app, call.args) : call;
    await app.io.writeStdout(outcome.stdout);
    app.log.release();
    return outcome.exitCode ?? 0;
  } catch (error) {
    return printFailure(app ?? (await createApp(globals)), error, globals.json);
  } finally {
    await app?.end();
  }
}

/** A plain line needs no yargs, which costs more than most commands do (measured). */
async function readLine(argv: readonly string[], version: string): Promise<CommandCall | Outcome> {
  const frequent = readPlainLine(argv, FREQUENT_COMMANDS);
  if (frequent) return frequent;
  const { COMMANDS } = await import('../commands/index.ts');
  if (argv[0] === COMPLETER) {
    const { answerShell } = await import('./complete-line.ts');
    return answerShell(argv.slice(1), COMMANDS);
  }
  const plain = readPlainLine(argv, COMMANDS);
  if (plain) return plain;
  const { parseLine } = await import('./parser.ts');
  return parseLine(argv, version);
}

function readGlobals(args: Readonly<Record<string, unknown>>): GlobalOptions {
  return {
    silent: args['silent'] === true,
    json: args['json'] === true,
    color: args['no-color'] !== true,
    verbosity: args['debug'] === true ? 'debug' : args['verbose'] === true ? 'verbose' : 'normal',
  };
}
