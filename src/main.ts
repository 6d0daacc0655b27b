import { writeSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { tryQuick } from './quick.ts';

const STDOUT = 1;
const STDOUT_CLOSED = 141;
const IO = 10;

/** The process edge: answers a plain cached call at once, else starts the full command line. */
function main(): void {
  // an empty HOME must not make the current folder, which may be anybody's, the home
  const userHome = homedir() || userInfo().homedir;
  const quick = tryQuick({
    argv: process.argv.slice(2),
    env: process.env,
    userHome,
    now: Date.now() / 1000,
  });
  if (quick === undefined || !deliver(Buffer.from(quick))) {
    const folder = workingFolder();
    void import('./start.ts').then(({ start }) => start(process, userHome, folder));
  }
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

/** @returns false if not a byte has left, so that somebody else can still fail properly */
function deliver(bytes: Buffer): boolean {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(STDOUT, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') pause();
      else if (done === 0) return false;
      else {
        process.exitCode = code === 'EPIPE' ? STDOUT_CLOSED : IO;
        return true;
      }
    }
  }
  return true;
}

/** A reader that does not block leaves us to wait for it. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

main();
