import type { Deadline } from './deadline.ts';
import type { Env } from './ports.ts';

/** Interfaces for running the user's programs and for serving them. Implemented in `adapters/`. */

/** How a command that a reference names, and that prints a secret, has ended. */
export type CommandEnd =
  | {
      /** Its exit code, or the signal that ended it. */
      readonly exit: number | NodeJS.Signals;
      readonly stdout: Buffer;
    }
  /** It printed more than 64 KiB, so it was killed with all that it had started. */
  | { readonly failed: 'size' }
  | { readonly failed: 'start'; readonly cause: unknown };

/**
 * Runs a command and reads what it prints: no shell, nothing on stdin, stderr to the terminal if there
 * is one.
 */
export interface CommandRunner {
  /**
   * @param program absolute path
   * @param env its whole environment
   * @throws the deadline's reason, after the command and all that it had started were killed
   */
  run(program: string, args: readonly string[], env: Env, deadline: Deadline): Promise<CommandEnd>;
}

export interface RunningProgram {
  /**
   * Resolves as soon as the program itself has ended, whatever it has left running.
   * @returns its exit code, or 128 and the number of the signal that ended it
   */
  readonly ended: Promise<number>;
  /** Passes a signal of this process on, unless the program has got it too. */
  pass(signal: NodeJS.Signals): void;
}

export interface Programs {
  /**
   * Starts a program with our stdin, stdout and stderr, without a shell.
   * @param command the program, looked up in PATH, and its arguments
   * @throws CliError not_found, not_executable
   */
  start(command: readonly string[], env: Env): Promise<RunningProgram>;
}

/** What a request says before its body. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** All values of each header, by its name in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** The port at which it arrived. */
  readonly port: number;
}

export interface LocalAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

/**
 * Decides by method, path and headers, before the body is read.
 * @returns the refusal, or what answers the request once its body has arrived
 */
export type RequestHandler = (
  head: RequestHead,
) => LocalAnswer | ((body: string) => Promise<LocalAnswer>);

export interface LocalServer {
  readonly port: number;
  /** Frees the port and closes every connection. */
  close(): Promise<void>;
}

export interface LocalServers {
  /**
   * Serves programs on this machine: http on 127.0.0.1, at any free port. What is too large, too
   * slow or no HTTP is refused without calling the handler.
   * @throws CliError io
   */
  listen(handle: RequestHandler): Promise<LocalServer>;
}
