import { createServer, type ServerOptions } from 'node:http';
import { CliError } from '../../core/errors.ts';
import type { ListenOptions, Loopback } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { bind, stop } from './bind.ts';
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

/** Receives the redirect of a sign-in on the loopback interface. */
export function createLoopback(world: Pick<App, 'atEnd'>): Loopback {
  return {
    listen: async (options) => {
      const uri = parseLoopbackUri(options.redirectUri);
      const connections = createConnections();
      const handler = createRedirectHandler(connections.keep);
      const { servers, port } = await bind(uri.addresses, choosePort(options, uri), () => {
        const server = createServer(LIMITS, handler.handle);
        server.on('checkContinue', refuse).on('checkExpectation', refuse);
        server.on('clientError', (_error, socket) => {
          socket.end(toHttpText(PAGES.rejected), () => socket.destroy());
        });
        return connections.watch(server);
      });
      handler.open(expectedRedirect(options, uri, port));
      let closed: Promise<unknown> | undefined;
      const close = async () => {
        closed ??= Promise.all(servers.map(stop));
        await closed;
      };
      world.atEnd(close);
      return { redirectUri: uri.withPort(port), redirect: handler.redirect, close };
    },
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
