import { join } from 'node:path';
import { platform } from 'node:process';
import type { CodeLoader } from '../code-loader.ts';
import { CliError, type ErrorCode } from '../core/errors.ts';
import type { EarlyFacts } from '../core/ports.ts';
import { createLog } from '../output/log.ts';
import { createApp, type Host } from './app.ts';
import { createProcessIo } from './process-io.ts';
import { type AppFactory, run } from './run.ts';

declare const TOKENCLI_VERSION: string;
/** The `require` of the build. */
declare const TOKENCLI_LOADER: Loading;

interface Loading {
  /** Where the compiled code of large files is kept, if it is. */
  kept?: string | undefined;
  /** Absent as long as no such file was needed. */
  files?: CodeLoader | undefined;
}

const SIGNALS = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hangup' } as const;
const GRACE_MILLISECONDS = 500;
/**
 * When everything is written, elsewhere than on Windows synchronously: taking apart what Node and V8
 * have set up would only take time.
 */
const ENDS_AT_ONCE = platform !== 'win32';

/** The full command line in this process. */
export async function start(
  process: NodeJS.Process,
  userHome: string,
  workingFolder: string,
  early?: EarlyFacts,
  loading: Readonly<Loading> = {},
): Promise<void> {
  Object.assign(TOKENCLI_LOADER, loading);
  const interrupted = listenForSignals(process);
  const io = createProcessIo(process);
  const host: Host = {
    io,
    env: process.env,
    version: TOKENCLI_VERSION,
    nodeVersion: process.version,
    platform: process.platform,
    userHome,
    workingFolder,
    clock: { now: () => Date.now() / 1000 },
    interrupted,
    leaves: ENDS_AT_ONCE,
    keyringAgent: [process.execPath, join(import.meta.dirname, 'keyring-agent.cjs')],
    ...(early && { early }),
  };
  const factory: AppFactory = async ({ silent, json, verbosity, color }) => {
    const colour = color && io.stderrIsTty && !process.env['NO_COLOR'];
    const interactive = io.stdinIsTty && io.stderrIsTty && !process.env['CI'];
    const { createStyle } = colour ? await import('../adapters/terminal/style.ts') : {};
    const style = createStyle?.();
    const app = createApp(
      host,
      createLog(io, {
        silent,
        verbosity,
        interactive,
        // a script reads the failure as one JSON document; a person wants to see what goes on
        hold: json && !io.stderrIsTty,
        ...(style && { style }),
      }),
    );
    // its program starts in the time that everything else takes to be loaded
    if (early?.store === 'keyring') (await app.secretStore('keyring')).anticipate([]);
    return app;
  };
  process.exitCode = await run(process.argv.slice(2), factory, TOKENCLI_VERSION);
  const { kept, files } = TOKENCLI_LOADER;
  if (kept !== undefined && files?.hasNews() && process.exitCode === 0) {
    const { keepCode } = await import('../kept-code.ts');
    keepCode(files, kept);
  }
  await waitOrKill(process, early?.question?.givenUp);
  if (ENDS_AT_ONCE) process.exit();
}

/**
 * An exit waits for every thread. One that still waits for a person would have it wait for ever; all is
 * written, but the exit code is then that of the signal.
 */
async function waitOrKill(
  process: NodeJS.Process,
  thread: Promise<unknown> | undefined,
): Promise<void> {
  if (!thread) return;
  const limit = setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MILLISECONDS);
  await thread;
  clearTimeout(limit);
}

function listenForSignals(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  for (const [signal, code] of Object.entries(SIGNALS) as [NodeJS.Signals, ErrorCode][]) {
    process.on(signal, () => {
      const error = new CliError(code, code);
      if (controller.signal.aborted) process.exit(error.exitCode);
      controller.abort(error);
      setTimeout(() => process.exit(error.exitCode), GRACE_MILLISECONDS).unref();
    });
  }
  return controller.signal;
}
