import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Deadline, unlessAborted } from '../core/deadline.ts';
import type { App, Env } from '../core/ports.ts';
import type { CommandEnd, CommandRunner } from '../core/programs.ts';
import { readStream } from '../core/read-stream.ts';

/** Bytes. */
const LARGEST_OUTPUT = 64 * 1024;
/**
 * How long a command's stdout may stay open after its end, when a process that it started still
 * holds it.
 */
const OPEN_MILLISECONDS = 1000;

type Child = ChildProcessByStdio<null, Readable, null>;
type World = Pick<App, 'env' | 'io' | 'log' | 'platform'>;

/** Runs commands of the user that print a secret. No shell is involved. */
export function createCommandRunner(world: World): CommandRunner {
  return { run: (...command) => run(world, ...command) };
}

/**
 * The process gets a group of its own, so that all that it has started can be killed with it, and a
 * session of its own, so that Ctrl+C in the terminal reaches tokencli alone.
 */
async function run(
  world: World,
  program: string,
  args: readonly string[],
  env: Env,
  { signal }: Deadline,
): Promise<CommandEnd> {
  signal.throwIfAborted();
  // under `exec` the terminal is that of its program
  const shows = world.io.stderrIsTty && world.log.hasTerminal;
  let child: Child;
  try {
    child = spawn(program, args, {
      env: env as Record<string, string>,
      detached: world.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', shows ? 'inherit' : 'ignore'],
    });
  } catch (cause) {
    return { failed: 'start', cause };
  }
  try {
    const end = await unlessAborted(signal, endOf(child));
    if ('failed' in end || !child.stdout.readableEnded) killGroup(child, world);
    return end;
  } catch (reason) {
    killGroup(child, world);
    throw reason;
  } finally {
    child.stdout.destroy();
    child.unref();
  }
}

/** Resolves when the command has ended, or it failed. */
function endOf(child: Child): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.on('error', (cause) => resolve({ failed: 'start', cause }));
    const exited = new Promise<number | NodeJS.Signals>((done) => {
      child.on('exit', (code, name) => done(code ?? name ?? 'SIGKILL'));
    });
    const enough = exited.then(() => pause(OPEN_MILLISECONDS, undefined, { ref: false }));
    const parts = untilThen(child.stdout, enough);
    // a pipe that broke has brought nothing that could be used
    const output = readStream(parts, LARGEST_OUTPUT).catch(() => Buffer.alloc(0));
    void output.then(async (stdout) =>
      resolve(stdout ? { exit: await exited, stdout } : { failed: 'size' }),
    );
  });
}

/** The parts of a stream until it ends, or until `then` resolves. */
async function* untilThen(stream: Readable, then: Promise<unknown>): AsyncGenerator<Buffer> {
  const parts: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const end = then.then(() => ({ done: true, value: undefined }) as const);
  for (;;) {
    const { done, value } = await Promise.race([parts.next(), end]);
    if (done) return;
    yield value;
  }
}

/** Kills a command with all that it has started. Never fails: it may have ended already. */
function killGroup({ pid }: Child, { env, platform }: World): void {
  if (pid === undefined) return;
  try {
    if (platform !== 'win32') return void process.kill(-pid, 'SIGKILL');
    const taskkill = join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
    spawnSync(taskkill, ['/pid', String(pid), '/t', '/f'], { windowsHide: true, stdio: 'ignore' });
  } catch {
    // it has just ended
  }
}
