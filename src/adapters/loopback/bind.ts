import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError, systemCode } from '../../core/errors.ts';

const ATTEMPTS = 10;
/** The machine has no such address, as with IPv6 switched off. */
const ABSENT = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

export interface Bound {
  readonly servers: readonly Server[];
  readonly port: number;
}

/**
 * One server on each of these addresses that the machine has, all on one port.
 * @param port undefined for any that is free
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
      // a port that is free on one address may be taken on the other
      const another = port === undefined && systemCode(error) === 'EADDRINUSE';
      if (!another || attempt === ATTEMPTS) throw explain(error, port);
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
    return { servers, port };
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

/** Frees the port and ends what is connected. */
export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function explain(error: unknown, port: number | undefined): CliError {
  const code = systemCode(error);
  const place = port === undefined ? 'this machine' : `port ${port}`;
  const message =
    code === 'EADDRINUSE' && port !== undefined
      ? `port ${port} is in use by another program`
      : `cannot listen on ${place}: ${code ?? error}`;
  const hint = 'free the port, or take another with --port; it belongs to the redirect URI';
  return new CliError('io', message, { cause: error, ...(port !== undefined && { hint }) });
}
