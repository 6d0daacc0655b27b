import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Enough for one browser. */
const MOST_CONNECTIONS = 32;

/**
 * Limits the number of open connections. Beyond the limit the oldest one is closed and not the
 * newest, so that idle connections of another program cannot lock out the browser.
 */
export function createConnections(most = MOST_CONNECTIONS) {
  const open = new Set<Socket>();
  const kept = new WeakSet<Socket>();
  return {
    watch: (server: Server): Server =>
      server.on('connection', (socket) => {
        open.add(socket);
        socket.on('close', () => open.delete(socket));
        if (open.size <= most) return;
        [...open].find((each) => !kept.has(each))?.destroy();
      }),
    /** Never closes this connection. */
    keep: (socket: Socket): void => {
      kept.add(socket);
    },
  };
}
