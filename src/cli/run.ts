import { COMMANDS } from '../commands/index.ts';
import { COMPLETER } from '../core/names.ts';
import type { App, Outcome } from '../core/ports.ts';
import { printFailure } from '../output/failure.ts';
import { type ReadLine, type Request, readLine } from './read-line.ts';

/** The values of options that concern every command. */
export interface GlobalOptions {
  readonly silent: boolean;
  readonly json: boolean;
  /** True if kubectl runs us, which it does several times for one command if we fail. */
  readonly plugin: boolean;
  readonly color: boolean;
  readonly verbosity: 'normal' | 'verbose' | 'debug';
}

export type AppFactory = (options: GlobalOptions) => Promise<App>;

/**
 * Reads the command line, runs the command, and prints its result or its failure.
 * @param stopped rejects if the command can never end
 * @returns the exit code
 */
export async function run(
  argv: readonly string[],
  createApp: AppFactory,
  stopped: Promise<never>,
): Promise<number> {
  // the words of an unfinished line must not be read as options of this call
  const completionWords = argv[0] === COMPLETER ? argv.slice(1) : undefined;
  const line = readLine(completionWords ? [] : argv, COMMANDS);
  const globals = readGlobals(line.given);
  // printing a failure needs the same app, because its log knows the secrets to redact
  const app = await createApp(globals);
  try {
    const work = completionWords
      ? import('./complete-line.ts').then((it) => it.answerShell(app, completionWords, COMMANDS))
      : handleRequest(app, line.request, argv);
    const outcome = await Promise.race([work, stopped]);
    if (outcome.stdout !== '') await app.io.writeStdout(outcome.stdout);
    app.log.release();
    return outcome.exitCode ?? 0;
  } catch (error) {
    return printFailure(app, error, globals);
  } finally {
    await app.end();
  }
}

async function handleRequest(
  app: App,
  request: Request,
  argv: readonly string[],
): Promise<Outcome> {
  if ('command' in request) {
    const useCase = await request.command.load();
    return useCase(app, request.args, request.program);
  }
  if ('version' in request) return { stdout: `${app.version}\n` };
  if ('page' in request) return { stdout: await helpPage(request.page) };
  const { toUsageError } = await import('./usage-error.ts');
  throw await toUsageError(request.mistake, argv, COMMANDS);
}

/**
 * What `--help` prints. The pages were written by yargs at development time (`npm run help`),
 * because loading yargs takes longer than most commands.
 * @param path path of the command: `config create`; '' for the general page
 */
async function helpPage(path: string): Promise<string> {
  const { default: pages } = await import('./help-pages.json', { with: { type: 'json' } });
  return (pages as Readonly<Record<string, string>>)[path] ?? '';
}

function readGlobals(given: ReadLine['given']): GlobalOptions {
  const [format] = given.get('format') ?? [];
  return {
    silent: given.has('silent'),
    json: given.has('json') || format === 'json',
    plugin: format === 'k8s',
    color: !given.has('no-color'),
    verbosity: given.has('debug') ? 'debug' : given.has('verbose') ? 'verbose' : 'normal',
  };
}
