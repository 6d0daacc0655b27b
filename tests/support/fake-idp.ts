import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestCa } from './tls.ts';

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as it came. */
  readonly raw: string;
  /** The body read as a form. */
  readonly body: Readonly<Record<string, string>>;
}

/** What the server does with one request to the token endpoint, instead of giving a token. */
export type Behaviour =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | object;
      readonly delay?: number;
    }
  | 'ok'
  | 'reset'
  | 'hang'
  | 'drip'
  | 'truncated'
  | 'oversized'
  | 'html'
  | 'no-token'
  | { readonly redirect: string; readonly status?: number }
  /** The bytes of the answer, after which the connection ends. */
  | { readonly raw: string }
  | { readonly delay: number };

export interface FakeIdpOptions {
  readonly tls: TestCa;
  /** Answers first; returns false to leave the request to the default. */
  readonly handler?: (seen: Seen, response: ServerResponse) => boolean;
  /** What the discovery document calls the origin; its own by default. */
  readonly publicOrigin?: string;
}

export interface FakeIdp {
  readonly port: number;
  /** `https://localhost:<port>` */
  readonly origin: string;
  /** Every request, in order of arrival. */
  readonly seen: Seen[];
  /** Behaviours for the next token requests, first come first served; empty: a token. */
  readonly script: Behaviour[];
  /** Requests to the token endpoint alone. */
  tokenRequests(): readonly Seen[];
  close(): Promise<void>;
}

/** A scripted identity provider shaped like Entra v2.0, on loopback with TLS. */
export async function startFakeIdp(options: FakeIdpOptions): Promise<FakeIdp> {
  const seen: Seen[] = [];
  const script: Behaviour[] = [];
  const sockets = new Set<Duplex>();
  let count = 0;
  let origin = '';

  const server = createServer({ key: options.tls.key, cert: options.tls.cert }, (req, res) => {
    void read(req).then((raw) => {
      const request = describe(req, raw);
      seen.push(request);
      if (options.handler?.(request, res)) return;
      const path = request.url.split('?')[0] ?? '';
      const tenant = path.split('/')[1] ?? '';
      if (path.endsWith('/.well-known/openid-configuration')) {
        return send(res, 200, discovery(options.publicOrigin ?? origin, tenant));
      }
      if (!isToken(request)) return send(res, 404, { error: 'not_found' });
      behave(script.shift() ?? 'ok', req, res, () => send(res, 200, token(request, ++count)));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  origin = `https://localhost:${port}`;

  return {
    port,
    origin,
    seen,
    script,
    tokenRequests: () => seen.filter(isToken),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function behave(
  behaviour: Behaviour,
  req: IncomingMessage,
  res: ServerResponse,
  ok: () => void,
): void {
  if (typeof behaviour === 'string') misbehave(behaviour, req, res, ok);
  else if ('raw' in behaviour) req.socket.end(behaviour.raw);
  else if ('redirect' in behaviour) {
    send(res, behaviour.status ?? 307, '', { location: behaviour.redirect });
  } else {
    const answer = setTimeout(() => {
      if ('status' in behaviour)
        send(res, behaviour.status, behaviour.body ?? '', behaviour.headers);
      else ok();
    }, behaviour.delay ?? 0);
    // nobody waits any more
    res.once('close', () => clearTimeout(answer));
  }
}

function misbehave(
  name: Extract<Behaviour, string>,
  req: IncomingMessage,
  res: ServerResponse,
  ok: () => void,
): void {
  switch (name) {
    case 'ok':
      ok();
      break;
    case 'reset':
      req.socket.destroy();
      break;
    case 'hang':
      break;
    case 'drip':
      drip(res);
      break;
    case 'truncated':
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      res.write('{"access_token":"ey');
      setTimeout(() => req.socket.destroy(), 20);
      break;
    case 'oversized':
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(`{"access_token":"${'a'.repeat(3 << 20)}"}`);
      break;
    case 'html':
      send(res, 200, '<!doctype html><title>Sign in to Wi-Fi</title>', {
        'content-type': 'text/html',
      });
      break;
    case 'no-token':
      send(res, 200, { token_type: 'Bearer', expires_in: 3600 });
  }
}

function drip(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => res.write(' '), 50);
  res.on('close', () => clearInterval(timer));
}

function discovery(origin: string, tenant: string): object {
  return {
    issuer: `${origin}/${tenant}/v2.0`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${origin}/${tenant}/oauth2/v2.0/logout`,
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
  };
}

/** @param number counts the tokens given, so that no two are the same */
function token(request: Seen, number: number): object {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = part({ alg: 'RS256', typ: 'JWT', kid: 'fake' });
  const payload = part({
    aud: (request.body['scope'] ?? '').replace(/\/\.default$/, ''),
    iss: `https://sts.windows.net/${request.url.split('/')[1]}/`,
    iat: now,
    nbf: now,
    exp: now + 3600,
    appid: request.body['client_id'],
    jti: `fake-${number}`,
  });
  const accessToken = `${header}.${payload}.${Buffer.from(`fake signature ${number}`).toString('base64url')}`;
  return {
    token_type: 'Bearer',
    expires_in: 3600,
    ext_expires_in: 3600,
    access_token: accessToken,
  };
}

function send(
  res: ServerResponse,
  status: number,
  body: string | object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  });
  res.end(text);
}

function describe(req: IncomingMessage, raw: string): Seen {
  return {
    method: req.method ?? '',
    url: req.url ?? '',
    headers: req.headers,
    raw,
    body: Object.fromEntries(new URLSearchParams(raw)),
  };
}

function isToken(request: Seen): boolean {
  return /\/token$/.test(request.url.split('?')[0] ?? '');
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
