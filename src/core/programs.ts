import type { Env } from './ports.ts';

/** Interfaces for running a program of the user's and for serving it. Implemented in `adapters/`. */

export interface RunningProgram {
  /**
   * Resolves as soon as the program itself has ended, whatever it has left running.
   * @returns its exit code, or 128 and the number of the signal that ended it
   */
  readonly ended: Promise<number>;
  /** Passes a signal on that this process got, unless the program got it as well. */
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
 * Judges a request by its head.
 * @returns the refusal, or what answers the request once its body has arrived
 */
export type Receptionist = (
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
   * slow or no HTTP is refused without asking the receptionist.
   * @throws CliError io
   */
  listen(receive: Receptionist): Promise<LocalServer>;
}
