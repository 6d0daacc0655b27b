import { request as startRequest } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import type { Env } from '../../core/ports.ts';
import { ProxyStatusError } from './failure.ts';

/** Bytes of an answer, a proxy's as well as the server's. */
export const LARGEST_HEADERS = 32 * 1024;

export interface ProxyServer {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** `http://proxy.example:8080`, without user name and password. */
  readonly name: string;
  /** Which names it: `HTTPS_PROXY`. */
  readonly variable: string;
  /** The value of Proxy-Authorization. */
  readonly authorization?: string;
}

/**
 * Chooses the proxy for a URL by HTTPS_PROXY and NO_PROXY, which are read as curl reads them,
 * but a host in NO_PROXY may also have a port or begin with `*.`.
 * @throws CliError usage if the variable cannot be used
 */
export function chooseProxy(env: Env): (url: URL) => ProxyServer | undefined {
  const variable = ['https_proxy', 'HTTPS_PROXY'].find((name) => readVariable(env, name));
  if (!variable) return () => undefined;
  const proxy = readProxy(variable, readVariable(env, variable) ?? '');
  const noProxy = env['no_proxy'] || env['NO_PROXY'] || '';
  return (url) => (bypasses(noProxy, url) ? undefined : proxy);
}

/** The host of a URL for a socket: an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Asks the proxy to connect this socket to `target` (RFC 9110 section 9.3.6). */
export function openTunnel(
  socket: Socket,
  { authorization }: ProxyServer,
  target: string,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = startRequest({
      ...{ method: 'CONNECT', path: target, signal, maxHeaderSize: LARGEST_HEADERS },
      headers: { host: target, ...(authorization && { 'proxy-authorization': authorization }) },
      createConnection: () => socket,
    });
    request.on('error', reject);
    request.once('connect', ({ statusCode = 0, headers }) => {
      if (statusCode >= 200 && statusCode <= 299) return resolve(socket);
      socket.destroy();
      const schemes = String(headers['proxy-authenticate'] ?? '');
      reject(new ProxyStatusError(statusCode, schemes, authorization !== undefined));
    });
    request.end();
  });
}

function readProxy(variable: string, value: string): ProxyServer {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // with a `#`, `/`, `?` or `\` before the `@`, the user name would be taken for the host
  const cut = url && /@/.test(url.pathname + url.search + url.hash);
  if (!url || cut || !/^https?:$/.test(url.protocol) || !url.hostname) {
    const escapes = 'in user name and password, write \\ as %5C, # as %23, / as %2F, ? as %3F';
    throw new CliError('usage', `${variable} is not the URL of an HTTP proxy`, {
      hint: value.includes('@') ? escapes : `${variable}=http://HOST:PORT`,
    });
  }
  const tls = url.protocol === 'https:';
  const login = Buffer.concat([bytesOf(url.username), Buffer.from(':'), bytesOf(url.password)]);
  return {
    host: hostOf(url),
    port: Number(url.port || (tls ? 443 : 80)),
    tls,
    name: `${url.protocol}//${url.host}`,
    variable,
    ...(login.length > 1 && { authorization: `Basic ${login.toString('base64')}` }),
  };
}

/** Decodes a part of a URL; a `%` that escapes nothing stands for itself. */
function bytesOf(part: string): Buffer {
  const bytes = part.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}

function bypasses(noProxy: string, url: URL): boolean {
  const host = hostOf(url).replace(/\.$/, '');
  const entries = noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return entries.some((entry) => {
    if (entry === '*') return true;
    const [, network, bits] = /^\[?([^\]]*)\]?\/(\d+)$/.exec(entry) ?? [];
    if (network !== undefined) return isInside(host, network, Number(bits));
    const [, named = entry, port] = isIP(entry) ? [] : (/^(.*):(\d+)$/.exec(entry) ?? []);
    const name = named.replace(/^\[|[\].]$/g, '').replace(/^\*?\./, '');
    const matches =
      host === name ||
      isInside(host, name, isIP(name) === 4 ? 32 : 128) ||
      (!isIP(host) && host.endsWith(`.${name}`));
    return matches && (port === undefined || port === (url.port || '443'));
  });
}

function isInside(host: string, network: string, bits: number): boolean {
  const version = isIP(network);
  if (version === 0 || bits > (version === 4 ? 32 : 128)) return false;
  const family = `ipv${version}` as 'ipv4' | 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return isIP(host) === version && list.check(host, family);
}
