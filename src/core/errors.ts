/**
 * Exit codes. Scripts compare them, so a released number keeps its meaning for ever.
 * `tokencli help exit-codes` prints this table.
 */
export const EXIT_CODES = {
  ok: { code: 0, when: 'the result was fully delivered' },
  unexpected: { code: 1, when: 'a bug in tokencli; please report it' },
  usage: { code: 2, when: 'unknown option, missing value, refused combination' },
  profile_not_found: { code: 3, when: 'the named profile does not exist' },
  auth_failed: { code: 4, when: 'the identity provider refused for good' },
  interaction_required: { code: 5, when: 'only a person can help; the message says what to run' },
  token_expired: { code: 6, when: 'the token has ended, nothing renews it, or an end is near' },
  store_unavailable: { code: 7, when: 'a secret store or reference is absent, refused or slow' },
  network: { code: 8, when: 'DNS, TCP, TLS, time limit, throttling, or an unusable answer' },
  invalid_data: { code: 9, when: 'profiles.json, a certificate, a token or an export is wrong' },
  io: { code: 10, when: 'disk full, read-only, or an unsafe file or folder' },
  busy: { code: 11, when: 'another process held the lock for too long' },
  not_executable: { code: 126, when: 'exec: the program cannot be executed' },
  not_found: { code: 127, when: 'exec: there is no such program' },
  hangup: { code: 129, when: 'the terminal went away (SIGHUP)' },
  interrupted: { code: 130, when: 'interrupted (Ctrl+C)' },
  stdout_closed: { code: 141, when: 'the reader of stdout left early' },
  terminated: { code: 143, when: 'terminated (SIGTERM)' },
} as const;

export type ErrorCode = Exclude<keyof typeof EXIT_CODES, 'ok'>;

export interface ErrorDetails {
  /** What to do next: a command to type or a field to change. One line. */
  readonly hint?: string | undefined;
  /** The number of an Entra error without its prefix: 7000215 for AADSTS7000215. */
  readonly aadsts?: number | undefined;
  readonly correlationId?: string | undefined;
  readonly traceId?: string | undefined;
  /** When the identity provider reported the error, in the provider's own notation. */
  readonly timestamp?: string | undefined;
  /** True if the same command may succeed later without any change. */
  readonly retryable?: boolean;
  /** Seconds to wait before the next try. */
  readonly retryAfter?: number | undefined;
  /** HTTP status of the response that is the failure. */
  readonly status?: number | undefined;
  /** True if it is certain that the request has not reached the server, or the value the store. */
  readonly unsent?: boolean;
  /** True if something in tokencli's home must not be used (`core/files/ownership.ts`). */
  readonly unsafe?: boolean;
  /** The OAuth error code (RFC 6749 section 5.2) that the identity provider sent. */
  readonly oauthError?: string | undefined;
  /** Entra's `suberror`, which says more about it. */
  readonly suberror?: string | undefined;
  /** Seconds by which this machine's clock is ahead of the server's; absent if the two agree. */
  readonly clockSkew?: number | undefined;
  /** A claims challenge, as JSON: the next token request must pass it on. */
  readonly claims?: string | undefined;
  readonly cause?: unknown;
}

/** An expected failure with a one-line message. `output/failure.ts` prints it, once. */
export class CliError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CliError';
    this.code = code;
    this.details = details;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code].code;
  }

  /** A copy with these parts replaced. This error becomes its cause. */
  with(parts: Partial<Pick<CliError, 'code' | 'message'>> & Pick<ErrorDetails, 'hint'>): CliError {
    const { code = this.code, message = this.message, ...details } = parts;
    return new CliError(code, message, { ...this.details, ...details, cause: this });
  }
}

/** The `code` of a Node system error (`ENOENT`, `ECONNRESET`, …); undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const REASONS: Record<string, string> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or folder',
  EEXIST: 'there is something else in its place',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  ENXIO: 'it is not a regular file',
  ELOOP: 'a symbolic link is in the way',
  EMFILE: 'too many open files',
  EIO: 'input/output error',
  ENOEXEC: 'it is neither a program nor a script whose first line names one',
  E2BIG: 'its arguments and environment are too long',
  EFBIG: 'the file would be larger than it may be',
};

/** A Node system error in words, to follow a colon in a message: one line, without the path. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  return (code && REASONS[code]) ?? code ?? (error instanceof Error ? error.message : '');
}
