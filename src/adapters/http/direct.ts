import { Agent, type RequestOptions, request as startRequest } from 'node:https';
import { isIP } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import {
  CONNECT_MILLISECONDS,
  LARGEST_HEADERS,
  type Trust,
  type Wire,
  type WireAnswer,
  type WireRequest,
} from './transport.ts';

/**
 * The way without a proxy: Node's own client, which is there anyway; undici's parser has to be
 * compiled at every start, which takes as long as everything else together (measured). Each request
 * has a connection of its own, so that nothing that is spent by arriving meets one that is just being
 * closed.
 */
export function createDirectWire(trust: Trust): Wire {
  compileAddressPatterns();
  const agent = new Agent({ keepAlive: false });
  const options: RequestOptions = { ...trust, agent, maxHeaderSize: LARGEST_HEADERS };
  return {
    send: (request) => send(request, options),
    close: async () => agent.destroy(),
  };
}

/**
 * Node holds each name of a host against a pattern of all IPv6 addresses. To optimize that takes V8
 * 7 ms, of 1 to compile it as it stands (measured), and a run needs it two or three times. The flag
 * is read where a pattern is compiled, and nowhere else.
 */
function compileAddressPatterns(): void {
  setFlagsFromString('--no-regexp-optimization');
  // bytecode the first time, machine code the second
  for (let times = 0; times < 2; times += 1) isIP('localhost');
  setFlagsFromString('--regexp-optimization');
}

function send(
  { url, method, headers, body, signal }: WireRequest,
  options: RequestOptions,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const request = startRequest(url, { ...options, method, headers });
    // Node's own `signal` has all streams of the request watched
    const stop = () => request.destroy(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const limit = setTimeout(() => {
      const error = new Error(`no connection within ${CONNECT_MILLISECONDS} ms`);
      request.destroy(Object.assign(error, { code: 'CONNECT_TIMEOUT' }));
    }, CONNECT_MILLISECONDS);
    request.once('socket', (socket) => socket.once('secureConnect', () => clearTimeout(limit)));
    request.once('close', () => {
      clearTimeout(limit);
      signal.removeEventListener('abort', stop);
    });
    request.once('error', reject);
    request.once('response', (response) => {
      // what goes wrong later is met by whoever reads the body
      request.on('error', () => {});
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
    });
    request.end(body);
  });
}
