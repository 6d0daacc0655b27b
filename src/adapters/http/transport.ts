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
 * Makes connections our own way.
 * @param reuse a connection that is idle serves the next request to the same server. Not for what is
 *   spent by arriving: the server may be closing that connection just then
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
 * Sends one request. A redirect is an answer like any other.
 * @throws the error of the socket, TLS or parser as it is
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
    const request = startRequest(url, options);
    // it stays: an error after the answer has begun must not end the process
    request.on('error', reject);
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      readBody(response).then((text) => resolve({ status, headers: answered, body: text }), reject);
    });
    request.end(body);
  });
}
