import { writeSync } from 'node:fs';
import { getBuiltinModule } from 'node:process';
import type { CodeLoader } from './code-loader.ts';
import { keepCompiledCode } from './compile-cache.ts';
import type { EarlyFacts } from './core/ports.ts';
import { tryQuick } from './quick.ts';
import { quickText } from './quick-text.ts';

const STDOUT = 1;
const STDOUT_CLOSED = 141;
const IO = 10;

/**
 * The process edge: answers what is known at once, else starts the full command line. What is
 * answered at once waits for nothing: a promise more is a function more to compile.
 */
function main(): void {
  const argv = process.argv.slice(2);
  if (deliver(quickText(argv, __dirname))) return;
  const userHome = findHome();
  const call = { argv, env: process.env, userHome, now: Date.now() / 1000 };
  tryQuick(call, ({ text, early }) => {
    if (!deliver(text)) void startAll(argv, userHome, early);
  });
}

async function startAll(
  argv: readonly string[],
  userHome: string,
  early: EarlyFacts | undefined,
): Promise<void> {
  // before the code that a trace may name is loaded; it costs as much as a start (measured)
  if (argv.includes('--debug')) process.setSourceMapsEnabled(true);
  const folder = workingFolder();
  const kept = keepCompiledCode(userHome, process.env['TOKENCLI_HOME'], process.getuid?.());
  // a call for a token needs what the check of kept code needs; others would wait for it
  const files = kept !== undefined && early ? await openFiles(kept) : undefined;
  const { start } = files ? loadStart(files) : await import('./cli/start.ts');
  await start(process, userHome, folder, early, { kept, files });
}

async function openFiles(kept: string): Promise<CodeLoader> {
  const { createCodeLoader } = await import('./code-loader.ts');
  return createCodeLoader(require, { built: __dirname, kept });
}

function loadStart(files: CodeLoader): typeof import('./cli/start.ts') {
  return files.load('./start.cjs') as typeof import('./cli/start.ts');
}

/** What `os.homedir()` says; loading `node:os` costs a fiftieth of a start (measured). */
function findHome(): string {
  const home = process.platform === 'win32' ? '' : process.env['HOME'];
  if (home) return home;
  const { homedir, userInfo } = getBuiltinModule('node:os');
  // an empty HOME must not make the current folder, which may be anybody's, the home
  return homedir() || userInfo().homedir;
}

/** A folder that was deleted under our feet matters only to who names a file in it. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    // yargs asks for it as well, as soon as it is loaded
    process.chdir('/');
    return process.env['PWD'] ?? '/';
  }
}

/**
 * Writes an answer and ends the process, which has nothing left to do: taking apart what Node has set
 * up would only take time.
 * @returns false if not a byte has left, so that somebody else can still fail properly
 */
function deliver(text: string | undefined): boolean {
  if (text === undefined) return false;
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(STDOUT, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') pause();
      else if (done === 0) return false;
      else return process.exit(code === 'EPIPE' ? STDOUT_CLOSED : IO);
    }
  }
  return process.exit();
}

/** A reader that does not block leaves us to wait for it. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

main();
