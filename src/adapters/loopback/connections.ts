import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const MOST = 32;

/** Who is connected. New ones always get in: the oldest leaves, so that nobody can keep others out. */
export interface Connections {
  watch(server: Server): Server;
  /** Exempts one from leaving. */
  keep(socket: Socket): void;
}

export function createConnections(): Connections {
  const open = new Set<Socket>();
  const kept = new WeakSet<Socket>();
  return {
    watch: (server) =>
      server.on('connection', (socket) => {
        open.add(socket);
        socket.on('close', () => open.delete(socket));
        if (open.size <= MOST) return;
        [...open].find((each) => !kept.has(each))?.destroy();
      }),
    keep: (socket) => {
      kept.add(socket);
    },
  };
}
