import { createServer, type ServerOptions } from 'node:http';
import { CliError } from '../../core/errors.ts';
import type { ListenOptions, Loopback } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { bind, stop } from './bind.ts';
import { createConnections } from './connections.ts';
import { createDesk, refuse } from './handler.ts';
import { onTheWire, PAGES } from './page.ts';
import type { Expected } from './request.ts';
import { type LoopbackUri, parseLoopbackUri } from './uri.ts';

const REQUEST_MILLISECONDS = 5000;
const LIMITS: ServerOptions = {
  // every development server on localhost adds its cookies, whatever its port
  maxHeaderSize: 64 * 1024,
  headersTimeout: REQUEST_MILLISECONDS,
  requestTimeout: REQUEST_MILLISECONDS,
  connectionsCheckingInterval: 500,
  // without it the answer would be another than ours
  requireHostHeader: false,
};

/** Takes the answer of a sign-in on the loopback interface; refuses whatever else comes. */
export function createLoopback(world: Pick<App, 'atEnd'>): Loopback {
  return {
    listen: async (wish) => {
      const uri = parseLoopbackUri(wish.redirectUri);
      const connections = createConnections();
      const desk = createDesk(connections.keep);
      const { servers, port } = await bind(uri.addresses, choosePort(wish, uri), () => {
        const server = createServer(LIMITS, desk.serve);
        server.on('checkContinue', refuse).on('checkExpectation', refuse);
        server.on('clientError', (_error, socket) => {
          socket.end(onTheWire(PAGES.refusal), () => socket.destroy());
        });
        return connections.watch(server);
      });
      desk.open(describe(wish, uri, port));
      let closed: Promise<unknown> | undefined;
      const close = async () => {
        closed ??= Promise.all(servers.map(stop));
        await closed;
      };
      world.atEnd(close);
      return { redirectUri: uri.withPort(port), redirect: desk.redirect, close };
    },
  };
}

function choosePort({ port }: ListenOptions, uri: LoopbackUri): number | undefined {
  if (port === undefined) return uri.port;
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new CliError('usage', `${port} is not a port: a number from 1 to 65535 is expected`);
}

function describe(wish: ListenOptions, { host, path }: LoopbackUri, port: number): Expected {
  // a browser leaves out the port that http has by default
  const hosts = [`${host}:${port}`, ...(port === 80 ? [host] : [])];
  return { hosts, path, state: wish.state, responseMode: wish.responseMode };
}
