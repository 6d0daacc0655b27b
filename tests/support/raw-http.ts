import { readFileSync } from 'node:fs';
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

/** @returns the addresses on which somebody on this machine listens at this port */
export function listenersAt(port: number): string[] {
  const LISTEN = '0A';
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((table) => readFileSync(table, 'utf8').split('\n').slice(1))
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTEN && local.endsWith(wanted))
    .map(([, local = '']) => ADDRESSES[local.slice(0, -wanted.length)] ?? local);
}

/** As the kernel writes them, on a little-endian machine. */
const ADDRESSES: Readonly<Record<string, string>> = {
  '0100007F': '127.0.0.1',
  '00000000': '0.0.0.0',
  '00000000000000000000000001000000': '::1',
  '00000000000000000000000000000000': '::',
};
