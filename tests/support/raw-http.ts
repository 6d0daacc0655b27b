import { connect, type Socket } from 'node:net';

/** Sends bytes as they are. @returns everything that came back until the other side hung up */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  address = '127.0.0.1',
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => socket.write(bytes));
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    // a reset while we still write is an answer too
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
  });
}

/** A connection that says this much and then nothing. */
export async function openRaw(port: number, bytes = '', address = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, address);
  socket.on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  if (bytes) socket.write(bytes);
  return socket;
}
