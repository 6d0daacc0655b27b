import { isIP, type Socket } from 'node:net';
import { connect as startTls, type TLSSocket } from 'node:tls';
import { dial, whenReady } from './dial.ts';
import { isUntrusted, UnknownAuthority } from './failure.ts';
import { CONNECT_MILLISECONDS } from './limits.ts';
import { hostOf, openTunnel, type ProxyServer } from './proxy.ts';
import type { Trust } from './trust.ts';

/** Through which proxy a server is reached, and which authorities are trusted. */
export interface Way {
  readonly proxy: ProxyServer | undefined;
  readonly trust: Trust;
}

/**
 * Opens a TLS connection to the server of this URL and checks its certificate.
 * @throws the error of the socket, TLS or the proxy, with the issuer's name if that is not trusted
 */
export async function connect(url: URL, way: Way, signal: AbortSignal): Promise<TLSSocket> {
  try {
    return await withinLimit(signal, (stop) => open(url, way, way.trust, stop));
  } catch (failure) {
    if (!isUntrusted(failure)) throw failure;
    const issuer = await withinLimit(signal, (stop) => findIssuer(url, way, stop)).catch(() => {});
    throw issuer ? new UnknownAuthority(issuer, failure) : failure;
  }
}

async function open(url: URL, { proxy, trust }: Way, serverTrust: TlsOptions, stop: AbortSignal) {
  const host = hostOf(url);
  const port = Number(url.port || 443);
  if (!proxy) return secure(await dial(host, port, stop), host, serverTrust, stop);
  const socket = await dial(proxy.host, proxy.port, stop);
  const ready = proxy.tls ? await secure(socket, proxy.host, trust, stop) : socket;
  const tunnel = await openTunnel(ready, proxy, `${url.hostname}:${port}`, stop);
  return secure(tunnel, host, serverTrust, stop);
}

type TlsOptions = Omit<Trust, 'rejectUnauthorized'> & { readonly rejectUnauthorized: boolean };

function secure(
  below: Socket,
  host: string,
  trust: TlsOptions,
  stop: AbortSignal,
): Promise<TLSSocket> {
  const socket = startTls({
    ...trust,
    ...{ socket: below, host, ALPNProtocols: ['http/1.1'] },
    ...(!isIP(host) && { servername: host }),
  });
  socket.once('close', () => below.destroy());
  return whenReady(socket, 'secureConnect', stop);
}

/**
 * A failed connection does not tell the server's certificates, so this one accepts any certificate,
 * reads the chain and sends nothing.
 * @returns the name of the authority that is not trusted
 */
async function findIssuer(url: URL, way: Way, stop: AbortSignal): Promise<string | undefined> {
  const socket = await open(url, way, { ...way.trust, rejectUnauthorized: false }, stop);
  let last = socket.getPeerCertificate(true);
  socket.destroy();
  for (let depth = 0; depth < 10; depth += 1) {
    const next = last.issuerCertificate;
    if (!next || next.fingerprint256 === last.fingerprint256) break;
    last = next;
  }
  const { CN, O } = last.issuer ?? {};
  const name = [CN, O].flat().filter(Boolean).join(', ');
  // the server's text will be printed on a terminal
  return name.replace(/\p{C}/gu, '?').slice(0, 100) || undefined;
}

/** Rejects when the signal aborts or the time limit has passed, even if the work goes on. */
async function withinLimit<T>(
  signal: AbortSignal,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const stop = AbortSignal.any([signal, limit.signal]);
  const timer = setTimeout(() => {
    const error = new Error(`no connection within ${CONNECT_MILLISECONDS} ms`);
    limit.abort(Object.assign(error, { code: 'CONNECT_TIMEOUT' }));
  }, CONNECT_MILLISECONDS);
  const ended = new Promise<never>((_, reject) => {
    if (stop.aborted) reject(stop.reason);
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
  });
  try {
    return await Promise.race([work(stop), ended]);
  } finally {
    clearTimeout(timer);
  }
}
