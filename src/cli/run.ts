import type { Commands } from '../commands/command.ts';
import { COMMANDS } from '../commands/index.ts';
import { COMPLETER } from '../core/names.ts';
import type { App, Outcome } from '../core/ports.ts';
import { printFailure } from '../output/failure.ts';
import { type ReadLine, readLine } from './read-line.ts';

/** What the options that every command has say about this run. */
export interface GlobalOptions {
  readonly silent: boolean;
  readonly json: boolean;
  readonly color: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
}

export type AppFactory = (options: GlobalOptions) => Promise<App>;

/**
 * The whole command line: reads it, runs one command, delivers its result or prints its failure.
 * @returns the exit code
 */
export async function run(
  argv: readonly string[],
  createApp: AppFactory,
  version: string,
): Promise<number> {
  // a shell asks about words that are no line of ours
  const asked = argv[0] === COMPLETER ? argv.slice(1) : undefined;
  const line = readLine(asked ? [] : argv, COMMANDS);
  const globals = readGlobals(line.given);
  // One app for the whole run: its conversation knows the secrets that a failure must not print.
  const app = await createApp(globals);
  try {
    const outcome = asked
      ? await answerShell(app, asked, COMMANDS)
      : await fulfil(app, line, argv, version);
    await app.io.writeStdout(outcome.stdout);
    app.log.release();
    return outcome.exitCode ?? 0;
  } catch (error) {
    return printFailure(app, error, globals.json);
  } finally {
    await app.end();
  }
}

async function answerShell(app: App, words: readonly string[], commands: Commands) {
  const { answer } = await import('./complete-line.ts');
  return answer(app, words, commands);
}

async function fulfil(
  app: App,
  { request }: ReadLine,
  argv: readonly string[],
  version: string,
): Promise<Outcome> {
  if ('command' in request) return request.command.run(app, request.args);
  if ('version' in request) return { stdout: `${version}\n` };
  if ('page' in request) {
    const { helpPage } = await import('./help-page.ts');
    return { stdout: await helpPage(request.page) };
  }
  const { wordMistake } = await import('./word-mistake.ts');
  throw await wordMistake(request.mistake, argv, COMMANDS);
}

function readGlobals(given: ReadonlySet<string>): GlobalOptions {
  return {
    silent: given.has('silent'),
    json: given.has('json'),
    color: !given.has('no-color'),
    verbosity: given.has('debug') ? 'debug' : given.has('verbose') ? 'verbose' : 'normal',
  };
}
