import type { Readable } from 'node:stream';
import type { SecureContext } from 'node:tls';

export const CONNECT_MILLISECONDS = 10_000;
export const REQUEST_MILLISECONDS = 30_000;
export const LARGEST_ANSWER = 1024 * 1024;
export const LARGEST_HEADERS = 32 * 1024;

/** One request on its way, whichever way that is. */
export interface WireRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

/** Rejects with the error of the socket, TLS or parser as it is; redirects are answers. */
export interface Wire {
  send(request: WireRequest): Promise<WireAnswer>;
  close(): Promise<void>;
}

export interface Trust {
  readonly rejectUnauthorized: true;
  /** Whom to believe. */
  readonly secureContext: SecureContext;
}
