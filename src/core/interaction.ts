import type { Deadline } from './deadline.ts';

/**
 * Interfaces for interacting with a person, in the terminal and in a browser. Implemented in
 * `adapters/`.
 */

export interface Question {
  readonly message: string;
  readonly default?: string;
  /** Returns what is wrong with the answer, or undefined if it is acceptable. */
  readonly validate?: (answer: string) => string | undefined;
  /** Answers that the Tab key completes. */
  readonly suggestions?: readonly string[];
  /** Aborting it withdraws the question; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly name: string;
  readonly description?: string;
}

/** Asks questions on stderr. Every method rejects with `CliError interrupted` on Ctrl+C. */
export interface Prompter {
  input(question: Question): Promise<string>;
  /** Does not echo what is typed. */
  password(question: Question): Promise<string>;
  select<T extends string>(message: string, choices: readonly Choice<T>[]): Promise<T>;
  confirm(message: string, initial: boolean): Promise<boolean>;
}

/**
 * The response that a browser brought to the redirect URI (RFC 6749 section 4.1.2). Only its
 * `state` has been checked.
 */
export interface Redirect {
  /** Query or form parameters. A response that repeats a parameter is never accepted. */
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * Shows the final page in the browser. Resolves when it was sent or the browser has disconnected.
   */
  answer(page: 'success' | 'failure'): Promise<void>;
}

export interface RedirectListener {
  /** With the port that was bound. The authorization request must contain exactly this text. */
  readonly redirectUri: string;
  /** Waits for the one redirect that carries the expected `state`. @throws the deadline's reason */
  redirect(deadline: Deadline): Promise<Redirect>;
  /** Frees the port and closes every connection. Idempotent. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** `http://localhost`, `http://localhost:8080/signed-in`, `http://127.0.0.1`. */
  readonly redirectUri: string;
  /** Without it the port of the URI is used, and without that one any free port. */
  readonly port?: number | undefined;
  /** The only `state` parameter that is accepted. */
  readonly state: string;
  readonly responseMode: 'query' | 'form_post';
}

/**
 * Receives the redirect of a sign-in on this machine's loopback interface (RFC 8252 section 7.3).
 */
export interface Loopback {
  /** @throws CliError io if the port is in use, usage if the URI is not a loopback URI */
  listen(options: ListenOptions): Promise<RedirectListener>;
}

export interface Browser {
  /**
   * Why opening a browser on this machine would probably fail, in words: `an SSH session`.
   * @param command the profile's `browserCommand`; with one there never is a reason
   * @returns undefined if there is no such reason
   */
  reasonNotToOpen(command?: readonly string[]): string | undefined;
  /** True if the person's browser may run on another machine, whether or not it can be opened. */
  isElsewhere(command?: readonly string[]): boolean;
  /**
   * Opens a link with the first program that works. Its output is discarded.
   * @param url https
   * @param command the profile's `browserCommand`: a program and its arguments; the link is
   *   appended
   * @param hidden further variables that the browser does not get; those whose name or value shows a
   *   secret are always left out
   * @returns false if there is no such program, or each one failed within a second
   * @throws CliError invalid_data if the link is not https
   */
  open(url: string, command?: readonly string[], hidden?: readonly string[]): Promise<boolean>;
}

/**
 * A status line below everything else on the terminal, redrawn every second. Shows nothing if
 * stderr is not a terminal, with `--silent`, or with `CI` set.
 */
export interface Progress {
  /**
   * @param line returns the text to show now.
   * @returns a function that removes the line; idempotent
   */
  start(line: () => string): () => void;
}
