import type { Deadline } from './deadline.ts';

/** Interfaces for HTTP requests. Implemented in `adapters/http/`. */

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A function is called anew each time that the request is sent. */
  readonly body?: string | (() => Promise<string>);
  readonly deadline: Deadline;
  /**
   * When a failed request is sent again.
   * `safe`: after any transient failure.
   * `single-use`: it carries something that works only once (a code, a rotating refresh token), so
   * it is sent again only if it certainly did not arrive, or after status 429 or 503.
   * `never`: the caller decides, as a polling loop with its own interval does.
   */
  readonly repeat: 'safe' | 'single-use' | 'never';
  /** Allows http without TLS to a server on this machine. */
  readonly plainOnLoopback?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** By header name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Seconds by which this machine's clock is ahead of the server's; absent for five minutes or less. */
  readonly clockSkew?: number | undefined;
  /** URL of the proxy in between, without its credentials. */
  readonly proxy?: string;
}

/** Sends https requests, follows no redirects, and limits the size of a response to 1 MiB. */
export interface Http {
  /** Resolves for every HTTP status. @throws CliError network, or the deadline's reason */
  send(request: HttpRequest): Promise<HttpResponse>;
}
