import type { Deadline } from './deadline.ts';
import type { AgeFiles, CertificateMaker, Pkcs12Reader, SignatureChecker } from './formats.ts';
import type { Http } from './http.ts';
import type { Browser, Loopback, Progress, Prompter } from './interaction.ts';
import type { TokenClient } from './oauth.ts';
import type { Paths } from './paths.ts';
import type { CommandRunner, LocalServers, Programs } from './programs.ts';
import type { Runtime } from './runtime.ts';

/**
 * Interfaces to the world outside. Implemented in `adapters/`, except `Io` (`cli/`) and `Log`
 * (`output/`).
 */

export type Env = Readonly<Record<string, string | undefined>>;

export interface Io {
  /**
   * Resolves when the operating system has taken the whole text.
   * @throws CliError stdout_closed, io
   */
  writeStdout(text: string): Promise<void>;
  /** Never fails: if stderr is closed, the text is lost. */
  writeStderr(text: string): void;
  /**
   * Keeps a line at the bottom of the terminal, below what is written to stderr; undefined removes
   * it.
   */
  showStatus(line: string | undefined): void;
  /**
   * Reads stdin to its end, or as far as `end` if that comes first.
   * @throws CliError invalid_data if it holds more than `limit` bytes
   */
  readStdin(limit: number, end?: string): Promise<Buffer>;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** Width of the terminal on stderr. */
  readonly columns: number;
}

export interface Clock {
  /** Seconds since the epoch. */
  now(): number;
}

/** Messages for people, always on stderr. */
export interface Log {
  /**
   * True if a question may be asked: stdin and stderr are terminals, `CI` and `--silent` unset, and
   * no other program has the terminal.
   */
  readonly interactive: boolean;
  readonly silent: boolean;
  /** False as soon as another program has the terminal. */
  readonly hasTerminal: boolean;
  /** Prints a line; nothing with `--silent`. */
  say(line: string): void;
  /** The same, after a green check mark. */
  done(line: string): void;
  /** Prints a warning; nothing with `--silent`. */
  warn(line: string): void;
  /**
   * Prints the lines held back so far. `--json` holds them back until the command has succeeded, so
   * that after a failure stderr holds nothing but one JSON document.
   */
  release(): void;
  /** Leaves the terminal to another program: from now on nothing is printed, and nobody is asked. */
  leaveTerminal(): void;
  /** Prints a line with `--verbose` or `--debug` only. */
  verbose(line: string): void;
  /** Prints a line with `--debug` only. */
  debug(line: string): void;
  /** From now on `[redacted]` replaces this value wherever it would appear on stderr. */
  registerSecret(secret: string): void;
  /** Replaces secrets as every method above does, for text that is printed without them. */
  redact(text: string): string;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export type StoreKind = 'keyring' | 'file';

/**
 * A place for secrets. `get` has three outcomes: the value, `undefined` if the store has certainly
 * no such entry, and `CliError store_unavailable` if that is unknown (locked, denied, too slow,
 * absent).
 */
export interface SecretStore {
  readonly kind: StoreKind;
  /** A name for messages: `OS keyring (Secret Service)`. */
  label(): string;
  get(account: string): Promise<string | undefined>;
  /** Resolves only after the value has been read back. */
  set(account: string, value: string): Promise<void>;
  /** Idempotent. */
  delete(account: string): Promise<void>;
  /** The accounts of all entries that tokencli has in the store. */
  list(): Promise<readonly string[]>;
}

export type Release = () => void;

export interface Locks {
  /**
   * An exclusive lock that the kernel frees when this process dies.
   * @param name names the lock file below `~/.tokencli/locks`
   * @throws CliError busy if the deadline ends before the lock is free
   */
  acquire(name: string, deadline: Deadline): Promise<Release>;
}

/** What `main.ts` takes from the process. Everything else gets it from here. */
export interface Host {
  readonly io: Io;
  readonly env: Env;
  readonly version: string;
  readonly runtime: Runtime;
  /** Number of native calls that have not returned; see `Runtime.exitWithThreads`. */
  readonly nativeCalls: { running: number };
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
  readonly workingFolder: string;
  readonly clock: Clock;
  /** Aborted by a signal, with a `CliError` (interrupted, terminated, hangup) as its reason. */
  readonly interrupted: AbortSignal;
  /**
   * From now on `handle` gets SIGINT and every other signal that would end the command, and the command
   * goes on.
   * @returns a function that ends this
   */
  takeSignals(handle: (signal: NodeJS.Signals) => void): () => void;
}

/**
 * What a use case may use. Parts that are slow to load are behind functions that load them on first
 * use.
 */
export interface App extends Host {
  readonly paths: Paths;
  readonly log: Log;
  /**
   * Registers what must be closed (a connection, a server) when the command has succeeded or
   * failed.
   */
  atEnd(cleanUp: () => unknown): void;
  /**
   * From now on nothing is written for later calls, not even how long a server asked to wait, because
   * `@env` must leave no trace.
   */
  keepNothing(): void;
  /** Runs what `atEnd` registered. Only `cli/run.ts` calls it, once. */
  end(): Promise<void>;
  style(): Promise<Style>;
  prompter(): Promise<Prompter>;
  locks(): Promise<Locks>;
  secretStore(kind: StoreKind): Promise<SecretStore>;
  age(): Promise<AgeFiles>;
  pkcs12(): Promise<Pkcs12Reader>;
  certificateMaker(): Promise<CertificateMaker>;
  signatures(): Promise<SignatureChecker>;
  loopback(): Promise<Loopback>;
  browser(): Promise<Browser>;
  commandRunner(): Promise<CommandRunner>;
  localServers(): Promise<LocalServers>;
  programs(): Promise<Programs>;
  progress(): Promise<Progress>;
  /** @param caFile a PEM file with additional certificate authorities */
  http(caFile?: string): Promise<Http>;
  /** @param caFile as for `http` */
  tokenClient(caFile?: string): Promise<TokenClient>;
}

/** What a use case returns; `cli/run.ts` prints it. */
export interface Outcome {
  /** The exact content of stdout. */
  readonly stdout: string;
  /** Default 0. `discover`, for example, returns both a result and exit code 6. */
  readonly exitCode?: number;
}
