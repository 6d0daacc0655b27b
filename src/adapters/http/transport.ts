import { request as startPlainRequest } from 'node:http';
import { Agent, type RequestOptions, request as startRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { readBody } from './body.ts';
import { connect, type Way } from './connect.ts';
import { LARGEST_HEADERS } from './limits.ts';

export interface TransportRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

export interface TransportAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * An agent that opens connections with `connect`.
 * @param reuse keep a connection for the next request to the same server. Not for a request that
 *   must not be repeated: if the server closes the idle connection, it cannot be known to have arrived
 */
export function createConnections(reuse: boolean): Agent {
  return Object.assign(new Agent({ keepAlive: reuse }), { createConnection });
}

interface OwnOptions extends RequestOptions {
  readonly reach: () => Promise<TLSSocket>;
}

type Done = (error: Error | null, socket?: TLSSocket) => void;

function createConnection({ reach }: OwnOptions, done: Done): undefined {
  reach().then((socket) => done(null, socket), done);
}

/**
 * Sends one request. Does not follow a redirect.
 * @throws the error of the socket, TLS or parser
 */
export function sendRequest(
  { url, method, headers, body, signal }: TransportRequest,
  way: Way,
  agent: Agent,
): Promise<TransportAnswer> {
  return new Promise((resolve, reject) => {
    const options: OwnOptions = {
      ...{ method, headers, signal, agent },
      maxHeaderSize: LARGEST_HEADERS,
      reach: () => connect(url, way, signal),
    };
    const { agent: _, ...plain } = options;
    const request =
      url.protocol === 'http:' ? startPlainRequest(url, plain) : startRequest(url, options);
    // never removed, because an error after the response has begun must not end the process
    request.on('error', reject);
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      readBody(response).then((text) => resolve({ status, headers: answered, body: text }), reject);
    });
    request.end(body);
  });
}
