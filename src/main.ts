import { homedir, userInfo } from 'node:os';
import { createApp } from './cli/app.ts';
import { createProcessIo } from './cli/process-io.ts';
import { type AppFactory, run } from './cli/run.ts';
import { isCi } from './core/ci.ts';
import { CliError, type ErrorCode } from './core/errors.ts';
import { readExecInfo } from './core/kubectl.ts';
import type { Host } from './core/ports.ts';
import type { Runtime } from './core/runtime.ts';
import { createLog } from './output/log.ts';

declare const TOKENCLI_VERSION: string;

const SIGNALS = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hangup' } as const;
/**
 * Signals that would end us by default. A program that we run gets them instead: it still needs
 * its tokens.
 */
const PASSED_ON = ['SIGQUIT', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGXCPU', 'SIGIO'] as const;
/** How long a command may take to clean up after a signal. */
const GRACE_MILLISECONDS = 500;

/**
 * The process edge, and the only place that uses the `process` global: takes arguments, environment,
 * streams and signals from it, hands them on, and sets the exit code.
 */
export async function main(runtime: Runtime): Promise<void> {
  const argv = process.argv.slice(2);
  const userHome = findHome();
  runtime.keepCompiledCode(userHome, process.env['TOKENCLI_HOME'], process.getuid?.());
  // so that stack traces name lines of the source; loading the source maps is slow
  if (argv.includes('--debug')) process.setSourceMapsEnabled?.(true);
  const nativeCalls = { running: 0 };
  const end = (code: number): never =>
    nativeCalls.running > 0 ? runtime.exitWithThreads(code) : process.exit(code);
  const host: Host = {
    io: createProcessIo(process, runtime),
    runtime,
    nativeCalls,
    userHome,
    env: process.env,
    version: TOKENCLI_VERSION,
    platform: process.platform,
    workingFolder: findWorkingFolder(),
    clock: { now: () => Date.now() / 1000 },
    ...listenForSignals(end),
  };
  const code = await run(argv, appFactory(host), whenNothingIsLeft());
  // on Windows process.exit would lose what stderr has not written yet
  if (process.platform === 'win32' && nativeCalls.running === 0) process.exitCode = code;
  else end(code);
}

/**
 * Rejects if the command waits for something that can no longer happen, because the engine would
 * then end the process with 0, as after success.
 */
function whenNothingIsLeft(): Promise<never> {
  return new Promise((_, reject) => {
    process.once('beforeExit', () => {
      process.exitCode ??= 1;
      reject(new Error('the command stopped before its end'));
    });
  });
}

function appFactory(host: Host): AppFactory {
  const { io, env } = host;
  return async ({ json, verbosity, color, plugin, ...options }) => {
    const silent = options.silent || (plugin && readExecInfo(env)?.interactive === false);
    const colour = color && io.stderrIsTty && !env['NO_COLOR'];
    const interactive = io.stdinIsTty && io.stderrIsTty && !isCi(env);
    const { createStyle } = colour ? await import('./adapters/terminal/style.ts') : {};
    const style = createStyle?.();
    // a script must find nothing but the JSON document on stderr; a person wants to see the
    // progress
    const hold = json && !io.stderrIsTty;
    const log = createLog(io, { silent, verbosity, interactive, hold, ...(style && { style }) });
    return createApp(host, log);
  };
}

/**
 * The first SIGINT, SIGTERM or SIGHUP aborts `interrupted`, a second one ends the process at once;
 * neither while somebody else has taken the signals.
 */
function listenForSignals(end: (code: number) => never): Pick<Host, 'interrupted' | 'takeSignals'> {
  const controller = new AbortController();
  let taker: ((signal: NodeJS.Signals) => void) | undefined;
  for (const [signal, code] of Object.entries(SIGNALS) as [NodeJS.Signals, ErrorCode][]) {
    process.on(signal, () => {
      if (taker) return taker(signal);
      const error = new CliError(code, code);
      if (controller.signal.aborted) end(error.exitCode);
      controller.abort(error);
      setTimeout(() => end(error.exitCode), GRACE_MILLISECONDS).unref();
    });
  }
  // always, because without a listener Node opens its debugger, which obeys every user of this machine
  process.on('SIGUSR1', (signal) => taker?.(signal));
  // a parent may have it ignored, and then Bun cannot learn how a program ended
  process.on('SIGCHLD', () => {});
  const takeSignals: Host['takeSignals'] = (handle) => {
    taker = handle;
    // only now, because a listener replaces what they do by default, such as a core dump
    for (const signal of PASSED_ON) process.on(signal, handle);
    return () => {
      taker = undefined;
      for (const signal of PASSED_ON) process.off(signal, handle);
    };
  };
  return { interrupted: controller.signal, takeSignals };
}

/**
 * With an empty HOME, `homedir()` is empty too, and paths below it would be relative to the current
 * folder. A user without an entry in the system's user database, as in a container, has no home:
 * then it is `/`, as in Docker.
 */
function findHome(): string {
  try {
    return homedir() || userInfo().homedir;
  } catch {
    return '/';
  }
}

/** The current folder may have been deleted, in which case `process.cwd()` throws. */
function findWorkingFolder(): string {
  try {
    return process.cwd();
  } catch {
    // whatever asks for it later must not fail
    process.chdir('/');
    return process.env['PWD'] ?? '/';
  }
}
