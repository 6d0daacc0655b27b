import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestCa } from './tls.ts';

export interface ConnectProxy {
  readonly port: number;
  /** `http://127.0.0.1:<port>`, or `https://localhost:<port>` */
  readonly url: string;
  /** Every host and port that was asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  /** The loopback port that stands for every host, or that for the host named. */
  readonly target: number | ((host: string) => number);
  /** `user:password` that the proxy wants. */
  readonly login?: string;
  /** What it offers instead of `Basic`. */
  readonly schemes?: readonly string[];
  /** For a proxy that is itself reached by TLS. */
  readonly tls?: TestCa;
}

/** A CONNECT proxy on loopback (RFC 9110 section 9.3.6) that leads every host to a port of loopback. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const keep = (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const wanted = options.login && `Basic ${Buffer.from(options.login).toString('base64')}`;
  const { tls, target, schemes = ['Basic realm="proxy"'] } = options;
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }) : createServer();
  server.on('request', (_request, response) => response.writeHead(405).end());
  server.on('connection', keep);
  server.on('connect', (request, client) => {
    if (wanted && request.headers['proxy-authorization'] !== wanted) {
      const offers = schemes.map((scheme) => `Proxy-Authenticate: ${scheme}\r\n`).join('');
      client.end(`HTTP/1.1 407 Sign In\r\n${offers}Content-Length: 0\r\n\r\n`);
      return;
    }
    asked.push(request.url ?? '');
    const [host = ''] = (request.url ?? '').split(':');
    const port = typeof target === 'number' ? target : target(host);
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    keep(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
