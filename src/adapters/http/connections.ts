import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { CliError } from '../../core/errors.ts';
import type { Env } from '../../core/ports.ts';
import { refuseUncheckedTls } from '../../core/tls-guard.ts';
import { createDirectWire } from './direct.ts';
import type { Trust, Wire, WireAnswer, WireRequest } from './transport.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

export interface Connections {
  send(request: WireRequest): Promise<WireAnswer>;
  close(): Promise<void>;
  /** @returns the proxy for this URL, without its credentials */
  proxyFor(url: URL): string | undefined;
}

/**
 * Connections with our limits, proxies of the environment, and further certificate authorities.
 * @throws CliError usage for an unusable variable, invalid_data for an unusable file
 */
export function openConnections(env: Env, caFile: string | undefined): Connections {
  refuseUncheckedTls(env);
  const proxy = proxyOf(env);
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  // made at once, not at the first request: it takes as long as a start, and others may be waited for
  const secureContext = caFile === undefined ? createSecureContext() : trustAlso(env, caFile);
  const trust = { rejectUnauthorized: true, secureContext } as const;
  if (!proxy) return { ...createDirectWire(trust), proxyFor: () => undefined };
  return {
    ...lateProxyWire(proxy, noProxy, trust),
    proxyFor: (url) => (bypasses(noProxy, url) ? undefined : `${proxy.protocol}//${proxy.host}`),
  };
}

function lateProxyWire(proxy: URL, noProxy: string, trust: Trust): Wire {
  let wire: Promise<Wire> | undefined;
  const open = async () => {
    const { createProxyWire } = await import('./proxy.ts');
    return createProxyWire(proxy, noProxy, trust);
  };
  return {
    send: async (request) => {
      wire ??= open();
      return (await wire).send(request);
    },
    close: async () => (await wire)?.close(),
  };
}

function proxyOf(env: Env): URL | undefined {
  const names = ['https_proxy', 'HTTPS_PROXY'];
  const name = names.find((candidate) => env[candidate]);
  if (!name) return undefined;
  const text = env[name] ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.hostname) return url;
  throw new CliError('usage', `${name} is not the URL of a proxy`, {
    hint: `${name}=http://host:port`,
  });
}

/** Only for messages: the decision itself is undici's. */
function bypasses(noProxy: string, { hostname, port }: URL): boolean {
  return noProxy
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const [, host = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      const bare = host.replace(/^\*?\./, '');
      const matches = entry === '*' || hostname === bare || hostname.endsWith(`.${bare}`);
      return matches && (only === undefined || only === (port || '443'));
    });
}

/**
 * Node's own authorities and those of the file. They are added to Node's store: a list of all of them
 * would be parsed anew, which takes as long as a start (measured). What `NODE_EXTRA_CA_CERTS` names is
 * not in a store that is added to.
 */
function trustAlso(env: Env, caFile: string): SecureContext {
  const extra = env['NODE_EXTRA_CA_CERTS'];
  const secureContext = createSecureContext();
  for (const pem of [...(extra ? readQuietly(extra) : []), readAuthorities(caFile)]) {
    secureContext.context.addCACert(pem);
  }
  return secureContext;
}

function readAuthorities(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError('invalid_data', `cannot read the caFile ${path}`, { cause });
  }
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length > 0 && certificates.every(isCertificate)) return text;
  throw new CliError('invalid_data', `the caFile ${path} holds no sound PEM certificate`);
}

function isCertificate(pem: string): boolean {
  try {
    return Boolean(new X509Certificate(pem));
  } catch {
    return false;
  }
}

function readQuietly(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    // Node has already warned about it at the start
    return [];
  }
}
