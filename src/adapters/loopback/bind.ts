import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError, systemCode } from '../../core/errors.ts';

const ATTEMPTS = 10;
/**
 * Errors which mean that the machine has no such address, for example because IPv6 is turned off.
 */
const ABSENT = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

export interface Bound {
  readonly port: number;
  /** Frees the port and closes every connection. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a server on each of the addresses that this machine has, all on the same port.
 * @param port undefined for any free port
 * @throws CliError io
 */
export async function bind(
  addresses: readonly string[],
  port: number | undefined,
  makeServer: () => Server,
): Promise<Bound> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bindAll(addresses, port, makeServer);
    } catch (error) {
      // a port that the system found free on the first address may be in use on the second
      const another = port === undefined && systemCode(error) === 'EADDRINUSE';
      if (!another || attempt === ATTEMPTS) throw toBindError(error, port);
    }
  }
}

async function bindAll(
  addresses: readonly string[],
  wanted: number | undefined,
  makeServer: () => Server,
): Promise<Bound> {
  const servers: Server[] = [];
  let port = wanted ?? 0;
  let missing: unknown;
  try {
    for (const address of addresses) {
      try {
        const server = makeServer();
        port = await listen(server, address, port);
        servers.push(server);
      } catch (error) {
        if (!ABSENT.has(systemCode(error) ?? '')) throw error;
        missing = error;
      }
    }
    if (servers.length === 0) throw missing;
    let closed: Promise<unknown> | undefined;
    const close = async () => {
      closed ??= Promise.all(servers.map(stop));
      await closed;
    };
    return { port, close };
  } catch (error) {
    await Promise.all(servers.map(stop));
    throw error;
  }
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen({ host: address, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function toBindError(error: unknown, port: number | undefined): CliError {
  const code = systemCode(error);
  const place = port === undefined ? 'this machine' : `port ${port}`;
  const inUse =
    port === undefined ? 'no port is free here' : `${place} is in use by another program`;
  const message = code === 'EADDRINUSE' ? inUse : `cannot listen on ${place}: ${code ?? error}`;
  const hint = 'free the port, or take another with --port; it belongs to the redirect URI';
  return new CliError('io', message, { cause: error, ...(port !== undefined && { hint }) });
}
