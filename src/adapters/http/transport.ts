import { type IncomingHttpHeaders, request as startPlainRequest } from 'node:http';
import { Agent, type RequestOptions, request as startRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';
import { readBody } from './body.ts';
import { connect, type Way } from './connect.ts';
import { LARGEST_HEADERS } from './proxy.ts';

/**
 * An agent that opens connections with `connect`.
 * @param reuse keep a connection for the next request to the same server. Not for a request that
 *   must not be repeated: if the server closes the idle connection, it cannot be known to have arrived
 */
export function createAgent(reuse: boolean): Agent {
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
 * @throws the signal's reason, or the error of the socket, TLS or parser
 */
export function sendRequest(
  { url: target, method, headers }: Pick<HttpRequest, 'url' | 'method' | 'headers'>,
  body: string | undefined,
  way: Way,
  agent: Agent,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const url = new URL(target);
  return new Promise((resolve, reject) => {
    const options = {
      ...{ method, signal, maxHeaderSize: LARGEST_HEADERS },
      headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
    };
    const reach = () => connect(url, way, signal);
    const own: OwnOptions = { ...options, agent, reach };
    const request =
      url.protocol === 'http:' ? startPlainRequest(url, options) : startRequest(url, own);
    // never removed, because an error after the response has begun must not end the process
    request.on('error', reject);
    // after HTTP 101 there is neither a response nor an error
    const unanswered = () => reject(new Error('the connection ended without an answer'));
    request.once('close', unanswered);
    request.once('response', (response) => {
      request.off('close', unanswered);
      const { statusCode: status = 0, headers: answered } = response;
      readBody(response).then(
        (text) => resolve({ status, headers: flatten(answered), body: text }),
        reject,
      );
    });
    request.end(body);
  });
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(', ')]));
}
