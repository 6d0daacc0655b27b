import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** As RFC 8305 section 5 recommends. */
const NEXT_ADDRESS_MILLISECONDS = 250;

/**
 * A TCP connection to the first address that answers. The others are tried while the first ones are
 * still waited for, because one that never answers must not use up the time of one that is slow.
 * @throws the error of the first address
 */
export async function dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const addresses = isIP(host) ? [host] : alternate(await lookup(host, { all: true }));
  return dialAny(addresses, port, signal);
}

/** @param addresses in the order in which they are tried */
export async function dialAny(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const decided = new AbortController();
  const stop = AbortSignal.any([signal, decided.signal]);
  let turn: Promise<unknown> = Promise.resolve();
  const attempts = addresses.map((host) => {
    const attempt = turn.then(() => {
      stop.throwIfAborted();
      return whenReady(connect({ host, port }), 'connect', stop);
    });
    const failed = attempt.catch(() => {});
    turn = turn.then(() =>
      Promise.race([failed, pause(NEXT_ADDRESS_MILLISECONDS, undefined, { ref: false })]),
    );
    return attempt;
  });
  try {
    const first = await Promise.any(attempts);
    for (const attempt of attempts) {
      attempt.then((socket) => socket !== first && socket.destroy()).catch(() => {});
    }
    return first;
  } catch (failure) {
    throw failure instanceof AggregateError ? failure.errors[0] : failure;
  } finally {
    decided.abort();
  }
}

/** The families by turns, so that a family that leads nowhere costs one wait and not one an address. */
function alternate(found: readonly { address: string; family: number }[]): string[] {
  const preferred = found.filter(({ family }) => family === found[0]?.family);
  const other = found.filter((each) => !preferred.includes(each));
  const pairs = preferred.flatMap((each, index) => [each, ...other.slice(index, index + 1)]);
  return [...pairs, ...other.slice(preferred.length)].map(({ address }) => address);
}

/** Resolves with the socket at that event; until then the signal destroys it. */
export function whenReady<T extends Socket>(
  socket: T,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => socket.destroy(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    socket.once(event, () => {
      signal.removeEventListener('abort', stop);
      resolve(socket);
    });
    // it stays: an error that nobody listens to would end the process
    socket.on('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('the connection was closed'));
    });
  });
}
