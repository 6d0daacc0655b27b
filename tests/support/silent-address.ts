import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

/** An address at which connections are not taken for a while, as on a slow line or a dead one. */
export interface SilentAddress {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const LISTENER = `
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}));
  const [address, milliseconds] = process.argv.slice(1);
  server.listen({ host: address, port: 0, backlog: 1 }, () => {
    process.stdout.write(String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(milliseconds));
  });
`;

/**
 * A process that listens and then does nothing; once its queue is full, the kernel drops what comes.
 * @param milliseconds after which it takes connections after all
 */
export async function listenInSilence(milliseconds: number): Promise<SilentAddress> {
  const address = '127.0.0.2';
  const child = spawn(process.execPath, ['-e', LISTENER, address, String(milliseconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = await once(child.stdout, 'data');
  const port = Number(text);
  const fillers = Array.from({ length: 4 }, () => connect(port, address).on('error', () => {}));
  await once(fillers[0] ?? child, 'connect');
  return {
    address,
    port,
    close: async () => {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
