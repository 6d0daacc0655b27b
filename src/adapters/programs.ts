import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync, type Stats, statSync } from 'node:fs';
import { constants } from 'node:os';
import { CliError, systemCode, systemReason } from '../core/errors.ts';
import type { App } from '../core/ports.ts';
import type { Programs, RunningProgram } from '../core/programs.ts';
import { shellWord } from '../core/shell-word.ts';

/** Starts programs of the user, which take over our stdin, stdout and stderr. */
export function createPrograms({ platform, runtime }: Pick<App, 'platform' | 'runtime'>): Programs {
  return {
    start: async ([program = '', ...args], env) => {
      try {
        const stdio = describeFiles(runtime.inheritedFiles());
        const child = spawn(program, args, { env, stdio });
        const running = follow(child, platform);
        await new Promise((resolve, reject) => {
          // the listener stays, because a signal that may not be sent is an error event too
          child.once('spawn', resolve).on('error', reject);
        });
        return running;
      } catch (error) {
        throw toStartError(error, program, platform);
      }
    },
  };
}

/** The program gets each open file under the same number; the numbers in between stay closed. */
function describeFiles(further: readonly number[]): StdioOptions {
  const files = [0, 1, 2, ...further];
  return Array.from({ length: Math.max(...files) + 1 }, (_, fd) =>
    files.includes(fd) ? fd : 'ignore',
  );
}

/** Listens at once: the program may end before anybody waits for it. */
function follow(child: ChildProcess, platform: NodeJS.Platform): RunningProgram {
  return {
    ended: new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]);
      });
    }),
    pass: (signal) => {
      if (signal !== 'SIGINT' || !reachesPrograms(platform)) child.kill(signal);
    },
  };
}

/**
 * A terminal sends SIGINT to every process in its foreground. A second one from us would make
 * programs such as Terraform stop without tidying up.
 */
function reachesPrograms(platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return true;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

function toStartError(error: unknown, program: string, platform: NodeJS.Platform): CliError {
  const code = systemCode(error) ?? '';
  const details = {
    cause: error,
    // only cmd.exe can start a .cmd file, and it has quoting rules of its own
    ...(platform === 'win32' && { hint: `cmd /c ${program} starts a .cmd or .bat file` }),
  };
  const found = /[\\/]/.test(program) ? statOf(program) : undefined;
  const isAbsent = code === 'ENOENT' || code === 'ENOTDIR' || program === '';
  if (isAbsent && !found?.isFile()) {
    return new CliError('not_found', `there is no program ${shellWord(program)}`, details);
  }
  const missing = isAbsent ? 'the interpreter or loader that it names is not there' : undefined;
  const reason = found?.isDirectory() ? 'it is a folder' : (missing ?? systemReason(error));
  const message = `cannot run ${shellWord(program)}: ${reason}`;
  return new CliError('not_executable', message, details);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
