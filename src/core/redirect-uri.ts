import { CliError } from './errors.ts';

/** The parts of a loopback redirect URI (RFC 8252 section 7.3). */
export interface LoopbackUri {
  /** Host name as in a `Host` header, without the port. */
  readonly host: string;
  /** The addresses to listen on. A browser may connect to any of them. */
  readonly addresses: readonly string[];
  readonly port?: number;
  /** As a browser sends it in a request. */
  readonly path: string;
  /** The URI with this port; exactly the original text if it has this port already. */
  withPort(port: number): string;
}

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  // both, or another program listening on the second address could receive the code
  localhost: ['127.0.0.1', '::1'],
  '127.0.0.1': ['127.0.0.1'],
  '[::1]': ['::1'],
};
const SHAPE =
  /^(?<origin>http:\/\/(?<host>localhost|127\.0\.0\.1|\[::1\]))(?::(?<port>[1-9]\d{0,4}))?(?<rest>(?:\/[!-~]*)?)$/i;
const HIGHEST_PORT = 65_535;

/** True for what a profile may name. Whether it is registered, only the identity provider knows. */
export function isRedirectUri(text: string): boolean {
  return URL.canParse(text) && new URL(text).hash === '';
}

/** True if a redirect to this URI reaches this machine. */
export function isLoopback(uri: string): boolean {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  return url?.protocol === 'http:' && Object.hasOwn(ADDRESSES, url.hostname);
}

/**
 * @throws CliError usage unless it is an http URI of localhost, 127.0.0.1 or [::1] without query
 *   and fragment
 */
export function parseLoopbackUri(uri: string): LoopbackUri {
  const { origin = '', host = '', port: digits, rest = '' } = SHAPE.exec(uri)?.groups ?? {};
  const addresses = ADDRESSES[host.toLowerCase()];
  const port = digits === undefined ? undefined : Number(digits);
  if (!addresses || /[?#\\]/.test(rest) || (port ?? 1) > HIGHEST_PORT) {
    throw new CliError('usage', `cannot listen on the redirect URI ${uri}`, {
      hint: 'use http://localhost, with the port and the path that are registered for the application',
    });
  }
  return {
    host: host.toLowerCase(),
    addresses,
    ...(port !== undefined && { port }),
    path: new URL(`http://localhost${rest}`).pathname,
    withPort: (bound) => (bound === port ? uri : `${origin}:${bound}${rest}`),
  };
}
