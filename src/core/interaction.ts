import type { Deadline } from './deadline.ts';

/** Interfaces for meeting a person. Implementations are in `adapters/`. */

export interface Question {
  readonly message: string;
  readonly default?: string;
  /** Returns what is wrong, or undefined. */
  readonly validate?: (answer: string) => string | undefined;
  /** Answers that Tab completes. */
  readonly suggestions?: readonly string[];
  /** Takes the question away; the answer is then the reason, as a rejection. */
  readonly signal?: AbortSignal;
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly name: string;
  readonly description?: string;
}

/** Asks on stderr. Every method throws `CliError interrupted` on Ctrl+C. */
export interface Prompter {
  input(question: Question): Promise<string>;
  /** No echo. */
  password(question: Question): Promise<string>;
  select<T extends string>(message: string, choices: readonly Choice<T>[]): Promise<T>;
  confirm(message: string, initial: boolean): Promise<boolean>;
}

/** What came back to the redirect URI (RFC 6749 section 4.1.2): whose it is was checked, not what. */
export interface Redirect {
  /** Query or form parameters; none of them came twice. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Shows the closing page; resolves when it was sent or the browser has gone. */
  answer(page: 'success' | 'failure'): Promise<void>;
}

export interface RedirectListener {
  /** With the port that was bound, to the letter as the request must name it. */
  readonly redirectUri: string;
  /** The one redirect that carries our state. @throws the deadline's reason */
  redirect(deadline: Deadline): Promise<Redirect>;
  /** Frees the port and ends every connection; idempotent. */
  close(): Promise<void>;
}

export interface RedirectWish {
  /** `http://localhost`, `http://localhost:8080/signed-in`, `http://127.0.0.1`. */
  readonly redirectUri: string;
  /** Exactly this port; else the port of the URI; else one that is free. */
  readonly port?: number;
  /** The only `state` that is accepted. */
  readonly state: string;
  readonly responseMode: 'query' | 'form_post';
}

/** Receives the answer of a sign-in on this machine (RFC 8252 section 7.3). */
export interface Loopback {
  /** @throws CliError io when the port is in use, usage when the URI is not one of this machine */
  listen(wish: RedirectWish): Promise<RedirectListener>;
}

export interface Browser {
  /**
   * Why a browser on this machine is not to be expected, for people (`an SSH session`).
   * @param command the profile's own, which knows better
   * @returns undefined if nothing speaks against it
   */
  reasonAgainst(command?: readonly string[]): string | undefined;
  /**
   * Starts the opener with one argument and leaves it to itself; its output goes nowhere.
   * @param url https
   * @param command the profile's own: a program and its arguments, to which the link is added
   * @returns false if there is no opener, or each of them failed within a second
   * @throws CliError invalid_data when the link is not https
   */
  open(url: string, command?: readonly string[]): Promise<boolean>;
}

/**
 * A line of waiting below everything else on the terminal, drawn anew every second; nothing where
 * stderr is no terminal, with `--silent` or with `CI` set.
 */
export interface Progress {
  /** @param line what to show now. @returns takes the line away; idempotent */
  start(line: () => string): () => void;
}
