import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { App } from '../core/ports.ts';
import type { LocalAnswer, LocalServers, RequestHandler } from '../core/programs.ts';
import { readStream } from '../core/read-stream.ts';
import { bind } from './loopback/bind.ts';
import { createConnections } from './loopback/connections.ts';
import { type Page, toHttpText } from './loopback/page.ts';

const ADDRESS = '127.0.0.1';
const MOST_CONNECTIONS = 512;
// bytes
const LONGEST_TARGET = 8 * 1024;
const LARGEST_BODY = 8 * 1024;
const LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 2000,
  requestTimeout: 4000,
  connectionsCheckingInterval: 500,
  // Node would otherwise answer a request without Host header itself
  requireHostHeader: false,
};
/** The answer to what is no usable request; it explains nothing. */
const MALFORMED: LocalAnswer = { status: 400, body: '{"error":"invalid_request"}' };

/** Serves the programs that `exec` runs. */
export function createLocalServers(world: Pick<App, 'atEnd'>): LocalServers {
  return {
    listen: async (handle) => {
      const connections = createConnections(MOST_CONNECTIONS);
      const listener: RequestListener = (request, response) => {
        const keep = () => connections.keep(request.socket);
        // no request may end this process, because the program that it serves would lose its tokens
        answer(request, response, handle, keep).catch(() => request.socket.destroy());
      };
      const { port, close } = await bind([ADDRESS], undefined, () => {
        const server = createServer(LIMITS, listener);
        server.on('checkContinue', listener);
        server.on('checkExpectation', (_request, response) => send(response, MALFORMED));
        server.on('connect', (_request, socket) => socket.destroy());
        // no listener for `upgrade`: Java's client offers h2c, and Node then answers as if it had not
        server.on('clientError', (_error, socket) => {
          socket.end(toHttpText(withHeaders(MALFORMED)), () => socket.destroy());
        });
        return connections.watch(server);
      });
      world.atEnd(close);
      return { port, close };
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: RequestHandler,
  keep: () => void,
): Promise<void> {
  const { method = '', url: target = '', headersDistinct: headers, socket } = request;
  if (target.length > LONGEST_TARGET) return send(response, MALFORMED);
  const next = handle({ method, target, headers, port: socket.localPort ?? 0 });
  if (typeof next !== 'function') return send(response, next);
  keep();
  if (headers['expect']) response.writeContinue();
  // undefined if it is too large, took too long, or did not arrive
  const body = await readStream(request, LARGEST_BODY).catch(() => undefined);
  send(response, body === undefined ? MALFORMED : await next(body.toString()));
}

function send(response: ServerResponse, answer: LocalAnswer): void {
  if (response.destroyed) return;
  const { status, headers, body } = withHeaders(answer);
  response.writeHead(status, headers).end(body);
}

/** Every answer closes its connection, so that whatever follows on it is never read. */
function withHeaders({ status, body }: LocalAnswer): Page {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
  };
  return { status, headers, body };
}
