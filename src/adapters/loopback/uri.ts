import { CliError } from '../../core/errors.ts';

/** A redirect URI of this machine (RFC 8252 section 7.3), taken apart. */
export interface LoopbackUri {
  /** As in a `Host` header, without the port. */
  readonly host: string;
  /** What to listen on; a browser may take any of them. */
  readonly addresses: readonly string[];
  readonly port?: number;
  /** As a browser asks for it. */
  readonly path: string;
  /** The URI with this port; unchanged to the letter if it names that one already. */
  withPort(port: number): string;
}

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  // whoever else held the other one would get the code from a browser that tries it first
  localhost: ['127.0.0.1', '::1'],
  '127.0.0.1': ['127.0.0.1'],
  '[::1]': ['::1'],
};
const SHAPE =
  /^(?<origin>http:\/\/(?<host>localhost|127\.0\.0\.1|\[::1\]))(?::(?<port>[1-9]\d{0,4}))?(?<rest>(?:\/[!-~]*)?)$/i;
const HIGHEST_PORT = 65_535;

/** @throws CliError usage when it is not a plain http URI of this machine */
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
