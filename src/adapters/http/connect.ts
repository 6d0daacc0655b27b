import { isIP, type Socket } from 'node:net';
import { type SecureContext, connect as startTls, type TLSSocket } from 'node:tls';
import { withinTime } from '../../core/deadline.ts';
import { dial, whenReady } from './dial.ts';
import { isUntrusted, ProxyFailure, ProxyStatusError, UnknownAuthority } from './failure.ts';
import { hostOf, openTunnel, type ProxyServer } from './proxy.ts';

const CONNECT_MILLISECONDS = 10_000;

/** Through which proxy a server is reached, and which certificate authorities are trusted. */
export interface Way {
  readonly proxy: ProxyServer | undefined;
  readonly trust: SecureContext | undefined;
}

/**
 * Opens a TLS connection to the server of this URL and checks its certificate.
 * @throws the error of the socket, TLS or the proxy, with the issuer's name if that is not trusted
 */
export async function connect(url: URL, way: Way, signal: AbortSignal): Promise<TLSSocket> {
  const inTime = <T>(work: (stop: AbortSignal) => Promise<T>) =>
    withinTime(CONNECT_MILLISECONDS, connectTimeout, signal, work);
  try {
    return await inTime((stop) => open(url, way, true, stop));
  } catch (failure) {
    if (!isUntrusted(failure)) throw failure;
    const issuer = await inTime((stop) => findIssuer(url, way, stop)).catch(() => {});
    throw issuer ? new UnknownAuthority(issuer, failure) : failure;
  }
}

/** @param rejectUnauthorized false: accept any certificate of the server */
async function open(
  url: URL,
  { proxy, trust }: Way,
  rejectUnauthorized: boolean,
  stop: AbortSignal,
): Promise<TLSSocket> {
  const secure = (below: Socket, host: string, rejects = true) => {
    const socket = startTls({
      ...{ socket: below, host, ALPNProtocols: ['http/1.1'], rejectUnauthorized: rejects },
      ...(trust && { secureContext: trust }),
      ...(!isIP(host) && { servername: host }),
    });
    socket.once('close', () => below.destroy());
    return whenReady(socket, 'secureConnect', stop);
  };
  const host = hostOf(url);
  const port = Number(url.port || 443);
  if (!proxy) return secure(await dial(host, port, stop), host, rejectUnauthorized);
  const tunnel = async () => {
    const socket = await dial(proxy.host, proxy.port, stop);
    const ready = proxy.tls ? await secure(socket, proxy.host) : socket;
    return openTunnel(ready, proxy, `${url.hostname}:${port}`, stop);
  };
  const through = await tunnel().catch((failure) => {
    throw failure instanceof ProxyStatusError ? failure : new ProxyFailure(failure);
  });
  return secure(through, host, rejectUnauthorized);
}

/**
 * A failed connection does not tell the server's certificates, so this one accepts any certificate,
 * reads the chain and sends nothing.
 * @returns the name of the authority that is not trusted
 */
async function findIssuer(url: URL, way: Way, stop: AbortSignal): Promise<string | undefined> {
  const socket = await open(url, way, false, stop);
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

function connectTimeout(): Error {
  const error = new Error(`no connection within ${CONNECT_MILLISECONDS} ms`);
  return Object.assign(error, { code: 'CONNECT_TIMEOUT' });
}
