import { createServer, type ServerOptions } from 'node:http';
import { CliError } from '../../core/errors.ts';
import type { ListenOptions, Loopback } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { bind } from './bind.ts';
import { createConnections } from './connections.ts';
import { createRedirectHandler, refuse } from './handler.ts';
import { PAGES, toHttpText } from './page.ts';
import type { Expected } from './request.ts';
import { type LoopbackUri, parseLoopbackUri } from './uri.ts';

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

interface ParseError extends Error {
  /** The bytes that are no HTTP. */
  readonly rawPacket?: Uint8Array;
}

/** Receives the redirect of a sign-in on the loopback interface. */
export function createLoopback(world: Pick<App, 'atEnd' | 'log'>): Loopback {
  return {
    listen: async (options) => {
      const uri = parseLoopbackUri(options.redirectUri);
      const connections = createConnections();
      const warnOfHttps = once(() => world.log.warn(HTTPS_WARNING));
      const handler = createRedirectHandler(connections.keep);
      const { port, close } = await bind(uri.addresses, choosePort(options, uri), () => {
        const server = createServer(LIMITS, handler.handle);
        server.on('checkContinue', refuse).on('checkExpectation', refuse);
        server.on('clientError', (error: ParseError, socket) => {
          if (error.rawPacket?.[0] === TLS_HANDSHAKE) warnOfHttps();
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

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

function choosePort({ port }: ListenOptions, uri: LoopbackUri): number | undefined {
  if (port === undefined) return uri.port;
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new CliError('usage', `${port} is not a port: a number from 1 to 65535 is expected`);
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
