import type { Deadline } from './deadline.ts';
import type { AgeFiles, CertificateMaker, Pkcs12Reader, SignatureChecker } from './formats.ts';
import type { Browser, Loopback, Progress, Prompter } from './interaction.ts';
import type { TokenClient } from './oauth.ts';
import type { Paths } from './paths.ts';
import type { Runtime } from './runtime.ts';

/** Interfaces between the rooms of the house. Implementations are in `adapters/`. */

export type Env = Readonly<Record<string, string | undefined>>;

export interface Io {
  /** Resolves when the text was handed over completely; rejects with `stdout_closed` or `io`. */
  writeStdout(text: string): Promise<void>;
  /** Never fails: a closed stderr is not our problem. */
  writeStderr(text: string): void;
  /** Keeps a line below what is written to a terminal on stderr; undefined takes it away. */
  showStatus(line: string | undefined): void;
  /** Everything on stdin, at most `limit` bytes. @throws CliError invalid_data when longer */
  readStdin(limit: number): Promise<Buffer>;
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

/** The conversation with the person at the terminal: stderr, never stdout. */
export interface Log {
  /** True if a question may be asked: stdin and stderr are terminals, `CI` and `--silent` unset. */
  readonly interactive: boolean;
  readonly silent: boolean;
  /** A human line; nothing with `--silent`. */
  say(line: string): void;
  /** The same with a green check mark. */
  done(line: string): void;
  /** A warning; nothing with `--silent`. */
  warn(line: string): void;
  /** Prints the human lines that `--json` kept back until the run had succeeded. */
  release(): void;
  /** Shown with `--verbose` and `--debug`. */
  verbose(line: string): void;
  /** Shown with `--debug`. */
  debug(line: string): void;
  /** From now on this value is replaced by `[redacted]` wherever it would be printed to stderr. */
  registerSecret(secret: string): void;
  /** The filter that every line above passes, for text that goes to stderr another way. */
  redact(text: string): string;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
  cyan(text: string): string;
}

export type StoreKind = 'keyring' | 'file';

/**
 * A place for secrets. Three answers are kept apart: a value, proven absence (`undefined`), and
 * `CliError store_unavailable` for everything else (locked, refused, too slow, not there).
 */
export interface SecretStore {
  readonly kind: StoreKind;
  /** For people: `OS keyring (Secret Service)`. */
  describe(): string;
  get(account: string): Promise<string | undefined>;
  /** Resolves only when a listing or a read-back has proven that the value is kept. */
  set(account: string, value: string): Promise<void>;
  /** Idempotent. */
  delete(account: string): Promise<void>;
  /** Accounts of this service that the store holds. */
  list(): Promise<readonly string[]>;
}

export type Release = () => void;

export interface Locks {
  /**
   * An exclusive lock that the kernel frees when this process dies.
   * @param name names the lock file below `~/.tokencli/locks`
   * @throws CliError busy when the deadline ends first
   */
  acquire(name: string, deadline: Deadline): Promise<Release>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadline: Deadline;
  /**
   * `safe`: may be sent again after any passing failure.
   * `single-use`: carries something that is spent by arriving (a code, a rotating refresh token);
   * sent again only when it surely did not arrive, or on 429 and 503.
   * `never`: the caller repeats at a pace of its own, as polling must.
   */
  readonly repeat: 'safe' | 'single-use' | 'never';
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Seconds by which our clock is ahead of the server's, if it is more than five minutes. */
  readonly clockSkew?: number;
  /** The proxy that it came through, without its credentials. */
  readonly proxy?: string;
}

/** https only; no redirects; limits of contract section 10. @throws CliError network */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** The world as a use case sees it: cheap parts as values, costly parts behind functions. */
export interface App {
  readonly io: Io;
  readonly env: Env;
  readonly version: string;
  readonly runtime: Runtime;
  /** How many native calls have begun and not come back; an end of the process must not wait for them. */
  readonly nativeCalls: { running: number };
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
  readonly workingFolder: string;
  readonly clock: Clock;
  readonly paths: Paths;
  readonly log: Log;
  /** Aborted with a `CliError` (interrupted, terminated, hangup) by a signal. */
  readonly interrupted: AbortSignal;
  /** Something to end (a connection, a child process) when the run is over, however it ends. */
  atEnd(cleanUp: () => unknown): void;
  /** Runs what `atEnd` collected; called once, by `cli/run.ts`. */
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
  progress(): Promise<Progress>;
  /** @param caFile a PEM file of further certificate authorities */
  http(caFile?: string): Promise<Http>;
  /** @param caFile as of `http` */
  tokenClient(caFile?: string): Promise<TokenClient>;
}

/** What a use case hands back; `cli.ts` delivers it. */
export interface Outcome {
  /** Exactly what stdout gets. */
  readonly stdout: string;
  /** Another code than 0 although there is a result, as `discover` has it. */
  readonly exitCode?: number;
}
