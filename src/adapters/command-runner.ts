import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import type { Deadline } from '../core/deadline.ts';
import type { App, Env } from '../core/ports.ts';
import type { CommandEnd, CommandRunner } from '../core/programs.ts';

/** Bytes. */
const LARGEST_OUTPUT = 64 * 1024;

type World = Pick<App, 'env' | 'io' | 'log' | 'platform'>;

/** Runs commands of the user's that print a secret. No shell is involved. */
export function createCommandRunner(world: World): CommandRunner {
  return { run: (program, args, env, deadline) => run(world, [program, ...args], env, deadline) };
}

/**
 * The process gets a group of its own, so that all that it has started can be killed with it, and a
 * session of its own, so that Ctrl+C in the terminal reaches tokencli alone.
 */
function run(
  world: World,
  [program, ...args]: readonly [string, ...string[]],
  env: Env,
  deadline: Deadline,
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const { signal } = deadline;
    // under `exec` the terminal is that of its program
    const shows = world.io.stderrIsTty && world.log.hasTerminal;
    if (signal.aborted) return reject(signal.reason);
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        env: env as Record<string, string>,
        detached: world.platform !== 'win32',
        windowsHide: true,
        stdio: ['ignore', 'pipe', shows ? 'inherit' : 'ignore'],
      });
    } catch (cause) {
      return resolve({ failed: 'start', cause });
    }
    const stop = () => {
      endGroup(child, world);
      settle(() => reject(signal.reason));
    };
    const settle = (decide: () => void) => {
      signal.removeEventListener('abort', stop);
      child.stdout?.destroy();
      child.unref();
      decide();
    };
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (cause) => settle(() => resolve({ failed: 'start', cause })));
    const output: Buffer[] = [];
    const overflow = () => {
      endGroup(child, world);
      settle(() => resolve({ failed: 'size' }));
    };
    const ended = Promise.all([
      new Promise<number | NodeJS.Signals>((done) => {
        child.on('exit', (code, name) => done(code ?? name ?? 'SIGKILL'));
      }),
      collect(child.stdout, output, overflow),
    ]);
    void ended.then(([exit]) => {
      settle(() => resolve({ exit, stdout: Buffer.concat(output) }));
    });
  });
}

/** Collects the output of a stream up to a limit. @returns resolves at its end */
function collect(
  stream: ChildProcess['stdout'],
  parts: Buffer[],
  overflow: () => void,
): Promise<void> {
  let size = 0;
  return new Promise((resolve) => {
    if (!stream) return resolve();
    stream.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= LARGEST_OUTPUT) parts.push(part);
      else overflow();
    });
    stream.on('error', () => resolve());
    stream.on('close', () => resolve());
  });
}

/** Kills a command with all that it has started. Never fails: it may have ended already. */
function endGroup({ pid }: ChildProcess, { env, platform }: World): void {
  if (pid === undefined) return;
  try {
    if (platform !== 'win32') return void process.kill(-pid, 'SIGKILL');
    const taskkill = join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
    spawnSync(taskkill, ['/pid', String(pid), '/t', '/f'], { windowsHide: true, stdio: 'ignore' });
  } catch {
    // it has just ended
  }
}
