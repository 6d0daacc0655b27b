import { createServer, type ServerOptions } from 'node:http';
import type { ListenOptions, Loopback } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { type LoopbackUri, parseLoopbackUri } from '../../core/redirect-uri.ts';
import { bind } from './bind.ts';
import { createConnections } from './connections.ts';
import { createRedirectHandler, refuse } from './handler.ts';
import { PAGES, toHttpText } from './page.ts';
import type { Expected } from './request.ts';

const REQUEST_MILLISECONDS = 5000;
const LIMITS: ServerOptions = {
  // cookies ignore the port, so a browser sends those of every development server on localhost
  maxHeaderSize: 64 * 1024,
  headersTimeout: REQUEST_MILLISECONDS,
  requestTimeout: REQUEST_MILLISECONDS,
  connectionsCheckingInterval: 500,
  // Node would otherwise answer a request without Host header itself, not with our error page
  requireHostHeader: false,
};

/** The first byte of a TLS connection (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
const HTTPS_WARNING =
  'the browser insists on https, but the redirect URI is http: exempt localhost from its "HTTPS only" mode ' +
  'or use another browser, and open the link again; DeviceCode needs no redirect';

/** Receives the redirect of a sign-in on the loopback interface. */
export function createLoopback(world: Pick<App, 'atEnd' | 'log'>): Loopback {
  return {
    listen: async (options) => {
      const uri = parseLoopbackUri(options.redirectUri);
      const connections = createConnections();
      let warned = false;
      const handler = createRedirectHandler(connections.keep);
      const { port, close } = await bind(uri.addresses, options.port ?? uri.port, () => {
        const server = createServer(LIMITS, handler.handle);
        server.on('checkContinue', refuse).on('checkExpectation', refuse);
        server.on('clientError', (error: Error & { rawPacket?: Uint8Array }, socket) => {
          const isTls = error.rawPacket?.[0] === TLS_HANDSHAKE;
          if (isTls && !warned) world.log.warn(HTTPS_WARNING);
          warned ||= isTls;
          socket.end(toHttpText(PAGES.rejected), () => socket.destroy());
        });
        return connections.watch(server);
      });
      handler.open(expectedRedirect(options, uri, port));
      world.atEnd(close);
      return { redirectUri: uri.withPort(port), redirect: handler.redirect, close };
    },
  };
}

function expectedRedirect(
  options: ListenOptions,
  { host, path }: LoopbackUri,
  port: number,
): Expected {
  // a browser leaves out port 80, the default port of http
  const hosts = [`${host}:${port}`, ...(port === 80 ? [host] : [])];
  return { hosts, path, state: options.state, responseMode: options.responseMode };
}
