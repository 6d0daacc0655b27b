import { request as startRequest } from 'node:https';
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
 * One request on a connection of its own, so that nothing that is spent by arriving meets a
 * connection that is just being closed. A redirect is an answer like any other.
 * @throws the error of the socket, TLS or parser as it is
 */
export async function sendRequest(request: TransportRequest, way: Way): Promise<TransportAnswer> {
  const socket = await connect(request.url, way, request.signal);
  try {
    return await exchange(request, socket);
  } finally {
    socket.destroy();
  }
}

function exchange(
  { url, method, headers, body, signal }: TransportRequest,
  socket: TLSSocket,
): Promise<TransportAnswer> {
  return new Promise((resolve, reject) => {
    const request = startRequest(url, {
      ...{ method, headers, signal },
      maxHeaderSize: LARGEST_HEADERS,
      createConnection: () => socket,
    });
    // it stays: an error after the answer has begun must not end the process
    request.on('error', reject);
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      readBody(response).then((text) => resolve({ status, headers: answered, body: text }), reject);
    });
    request.end(body);
  });
}
