import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dial, dialAny } from '../../../src/adapters/http/dial.ts';
import { listenInSilence, type SilentAddress } from '../../support/silent-address.ts';

const never = new AbortController().signal;
let silent: SilentAddress | undefined;
let server: Server;

async function listen(address: string, port: number) {
  server = createServer((socket) => socket.on('error', () => {})).listen(port, address);
  await once(server, 'listening');
}

beforeEach(() => {
  server = createServer();
});
afterEach(async () => {
  await silent?.close();
  silent = undefined;
  server.close();
});

/** @returns the address that won, and after how many milliseconds */
async function race(addresses: string[], port: number, signal = never) {
  const start = performance.now();
  const socket = await dialAny(addresses, port, signal);
  const { remoteAddress } = socket;
  socket.destroy();
  return { remoteAddress, time: performance.now() - start };
}

describe('of several addresses', () => {
  it('one that never answers does not keep the next one from being tried', async () => {
    silent = await listenInSilence(60_000);
    await listen('127.0.0.1', silent.port);
    const { remoteAddress, time } = await race([silent.address, '127.0.0.1'], silent.port);
    expect(remoteAddress).toBe('127.0.0.1');
    expect(time).toBeGreaterThan(200);
    expect(time).toBeLessThan(5000);
  });

  it('one that refuses costs no time', async () => {
    silent = await listenInSilence(0);
    await listen('127.0.0.1', silent.port);
    const refusing = ['127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'];
    const { remoteAddress, time } = await race([...refusing, '127.0.0.1'], silent.port);
    expect(remoteAddress).toBe('127.0.0.1');
    expect(time).toBeLessThan(500);
  });

  it('one that is slow is not given up for another that cannot be reached', async () => {
    silent = await listenInSilence(600);
    const { remoteAddress, time } = await race([silent.address, '127.0.0.3'], silent.port);
    expect(remoteAddress).toBe(silent.address);
    expect(time).toBeGreaterThan(400);
  });

  it('the first says why none could be reached', async () => {
    silent = await listenInSilence(0);
    const refused = race(['127.0.0.3', '127.0.0.4'], silent.port);
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.3' });
  });
});

it('is given up when the signal says so', async () => {
  silent = await listenInSilence(60_000);
  const controller = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 50);
  await expect(race([silent.address], silent.port, controller.signal)).rejects.toBe(reason);
});

it('takes a host by its name', async () => {
  await listen('127.0.0.1', 0);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const socket = await dial('localhost', port, never);
  expect(socket.remotePort).toBe(port);
  socket.destroy();
});
