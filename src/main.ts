import { homedir, userInfo } from 'node:os';
import { createApp, type Host } from './cli/app.ts';
import { createProcessIo } from './cli/process-io.ts';
import { type AppFactory, run } from './cli/run.ts';
import { CliError, type ErrorCode } from './core/errors.ts';
import type { Io } from './core/ports.ts';
import type { Runtime } from './core/runtime.ts';
import { createLog } from './output/log.ts';

declare const TOKENCLI_VERSION: string;

const SIGNALS = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hangup' } as const;
/** How long a command may clean up after a signal. */
const GRACE_MILLISECONDS = 500;

/** The process edge: everything below is told what it needs of the process. */
export async function main(runtime: Runtime): Promise<void> {
  const argv = process.argv.slice(2);
  const userHome = findHome();
  runtime.keepCompiledCode(userHome, process.env['TOKENCLI_HOME'], process.getuid?.());
  // traces then name the lines of the source; the maps take as long to load as Node itself
  if (argv.includes('--debug')) process.setSourceMapsEnabled?.(true);
  const io = createProcessIo(process);
  const nativeCalls = { running: 0 };
  const end = (code: number): never =>
    nativeCalls.running > 0 ? runtime.exitWithThreads(code) : process.exit(code);
  const host: Host = {
    io,
    runtime,
    nativeCalls,
    userHome,
    env: process.env,
    version: TOKENCLI_VERSION,
    platform: process.platform,
    workingFolder: findWorkingFolder(),
    clock: { now: () => Date.now() / 1000 },
    interrupted: listenForSignals(end),
  };
  const code = await run(argv, appFactory(host, io), TOKENCLI_VERSION);
  // on Windows what was written to stderr has not left yet
  if (process.platform === 'win32' && nativeCalls.running === 0) process.exitCode = code;
  else end(code);
}

function appFactory(host: Host, io: Io): AppFactory {
  const { env } = process;
  return async ({ silent, json, verbosity, color }) => {
    const colour = color && io.stderrIsTty && !env['NO_COLOR'];
    const interactive = io.stdinIsTty && io.stderrIsTty && !env['CI'];
    const { createStyle } = colour ? await import('./adapters/terminal/style.ts') : {};
    const style = createStyle?.();
    // a script reads the failure as one JSON document; a person wants to see what goes on
    const hold = json && !io.stderrIsTty;
    const log = createLog(io, { silent, verbosity, interactive, hold, ...(style && { style }) });
    return createApp(host, log);
  };
}

/** @returns a signal that is aborted when the process is to end; a second one ends it at once */
function listenForSignals(end: (code: number) => never): AbortSignal {
  const controller = new AbortController();
  for (const [signal, code] of Object.entries(SIGNALS) as [NodeJS.Signals, ErrorCode][]) {
    process.on(signal, () => {
      const error = new CliError(code, code);
      if (controller.signal.aborted) end(error.exitCode);
      controller.abort(error);
      setTimeout(() => end(error.exitCode), GRACE_MILLISECONDS).unref();
    });
  }
  return controller.signal;
}

/**
 * An empty HOME must not make the current folder, which may be anybody's, the home. A user whom the
 * system does not know, as in a container, has none; there `/` stands for it, as Docker sets it.
 */
function findHome(): string {
  try {
    return homedir() || userInfo().homedir;
  } catch {
    return '/';
  }
}

/** A folder that was deleted under our feet matters only to who names a file in it. */
function findWorkingFolder(): string {
  try {
    return process.cwd();
  } catch {
    // yargs asks for it as well, as soon as it is loaded
    process.chdir('/');
    return process.env['PWD'] ?? '/';
  }
}
