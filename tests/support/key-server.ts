import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { encode } from './tokens.ts';

/** A key pair that signs RS256 tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly publicPem: string;
  token(claims: unknown, header?: object): string;
}

export function createSigningKey(kid = randomBytes(8).toString('hex')): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    kid,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    token: (claims, header = {}) => signed({ alg: 'RS256', kid, ...header }, claims, privateKey),
  };
}

function signed(header: object, claims: unknown, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

export interface KeyServer {
  readonly port: number;
  /** Every `host path` that was asked for, without the port. */
  readonly asked: string[];
  /** What the server says; a string is sent as it is. */
  answers: {
    /** For `https://<host><path>/.well-known/openid-configuration`. */
    discovery(base: string): unknown;
    /** @param times how often the keys were asked for before */
    keys(times: number): unknown;
    status: number;
  };
  close(): Promise<void>;
}

const DISCOVERY = '/.well-known/openid-configuration';

/** The part of an identity provider that tells its keys. Keys are at `/keys` of the same host. */
export async function startKeyServer(tls: { key: string; cert: string }): Promise<KeyServer> {
  const asked: string[] = [];
  let times = 0;
  const answers: KeyServer['answers'] = {
    discovery: (base) => ({ issuer: base, jwks_uri: `${new URL(base).origin}/keys` }),
    keys: () => ({ keys: [] }),
    status: 200,
  };
  const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    const path = request.url ?? '';
    asked.push(`${(request.headers.host ?? '').replace(/:\d+$/, '')} ${path}`);
    const body = path.endsWith(DISCOVERY)
      ? answers.discovery(`https://${request.headers.host}${path.slice(0, -DISCOVERY.length)}`)
      : answers.keys(times++);
    response.writeHead(answers.status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    answers,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
