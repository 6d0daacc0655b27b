/** What a program asks for. */
export interface Asked {
  /** As sent: a resource's URI, or the GUID of its application. */
  readonly resource: string;
  readonly tenant?: string;
}

/** What it gets. */
export interface ServedToken {
  readonly accessToken: string;
  readonly tokenType: string;
  /** Seconds since the epoch. */
  readonly expiresOn: number;
  /** Seconds from now. */
  readonly expiresIn: number;
  readonly clientId: string;
}

/** Why it gets none. The message is for whoever reads the program's output. */
export class Refused extends Error {
  /** An OAuth error code (RFC 6749 section 5.2) or one of ours. */
  readonly error: string;
  readonly correlationId: string | undefined;
  /** True if `--allow` is the reason. */
  readonly forbidden: boolean;

  constructor(error: string, message: string, correlationId?: string, forbidden = false) {
    super(message);
    this.error = error;
    this.correlationId = correlationId;
    this.forbidden = forbidden;
  }
}
