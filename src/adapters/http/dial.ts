import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from '../../core/deadline.ts';

/** Recommended by RFC 8305 section 5. */
const NEXT_ADDRESS_MILLISECONDS = 250;

/**
 * Opens a TCP connection to the first address that answers. The next address is tried before the
 * last one has failed, so that one silent address does not use up the whole time limit.
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

/** Alternates between IPv4 and IPv6, so that if one does not work only every other address fails. */
function alternate(found: readonly { address: string; family: number }[]): string[] {
  const preferred = found.filter(({ family }) => family === found[0]?.family);
  const other = found.filter((each) => !preferred.includes(each));
  const pairs = preferred.flatMap((each, index) => [each, ...other.slice(index, index + 1)]);
  return [...pairs, ...other.slice(preferred.length)].map(({ address }) => address);
}

/** Resolves with the socket at that event. If it does not get there, it is destroyed. */
export async function whenReady<T extends Socket>(
  socket: T,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<T> {
  const ready = new Promise<void>((resolve, reject) => {
    socket.once(event, resolve);
    // never removed, because an error without a listener would end the process
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
  try {
    await unlessAborted(signal, ready);
    return socket;
  } catch (failure) {
    socket.destroy();
    throw failure;
  }
}
