import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { entraAnswers } from './answers.ts';
import {
  DEFAULT_RESOURCES,
  type StandInClient,
  type StandInResource,
  type StandInUser,
} from './apps.ts';
import type { Directory } from './directory.ts';
import { entraShape } from './entra-shape.ts';
import { loadProvider, muteNotices, type OidcModule } from './provider-module.ts';
import { refusalBody, unknownTenant } from './refusal.ts';
import { type LoggedRequest, maskParams } from './request-log.ts';
import { createSignIn } from './sign-in-page.ts';

export interface StandInOptions {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly clients: readonly StandInClient[];
  /** GUID; a random one by default. */
  readonly tenant?: string;
  readonly users?: readonly StandInUser[];
  readonly resources?: readonly StandInResource[];
  /** Seconds, 3599 by default. */
  readonly tokenLifetime?: number;
}

export interface StandIn {
  /** `https://localhost:<port>`, the `authority` of a profile. */
  readonly origin: string;
  readonly tenant: string;
  /** Every request in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** Every access token that was given, in order. */
  readonly issued: readonly string[];
  /** Those to the token endpoint. */
  tokenRequests(): readonly LoggedRequest[];
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type FormRequest = IncomingMessage & { body?: Record<string, string>; originalUrl?: string };

const BODY_LIMIT = 256 * 1024;

/** An identity provider on loopback that verifies what a client sends, shaped like Entra v2.0. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const directory: Directory = {
    tenant: options.tenant ?? randomUUID(),
    clients: options.clients,
    users: options.users ?? [],
    resources: options.resources ?? DEFAULT_RESOURCES,
    tokenLifetime: options.tokenLifetime ?? 3599,
  };
  const speakAgain = muteNotices();
  const requests: LoggedRequest[] = [];
  const issued: string[] = [];
  let handle: Handler = async () => {};
  const server = createServer({ key: options.tls.key, cert: options.tls.cert }, (req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  handle = logged(requests, createHandler(await loadProvider(), origin, directory, issued));
  return {
    origin,
    tenant: directory.tenant,
    requests,
    issued,
    tokenRequests: () => requests.filter(({ path }) => path.endsWith('/oauth2/v2.0/token')),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        speakAgain();
      }),
  };
}

function createHandler(
  oidc: OidcModule,
  origin: string,
  directory: Directory,
  issued: string[],
): Handler {
  const { tenant } = directory;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(20).toString('base64url');
  const key = { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  const provider = new oidc.Provider(`${origin}/${tenant}`, entraShape(oidc, directory, key));
  provider.issuer = `${origin}/${tenant}/v2.0`;
  provider.use(entraAnswers(directory, issued));
  // An assertion serves for ten minutes at Entra; oidc-provider would take each only once.
  provider.ReplayDetection.unique = async () => true;
  const answer = provider.callback();
  const signIn = createSignIn(provider, directory);

  return async (request: FormRequest, response) => {
    const { pathname, search } = new URL(request.url ?? '/', origin);
    const [, named = '', ...rest] = pathname.split('/');
    if (named.toLowerCase() !== tenant) {
      return refuse(response, refusalBody(unknownTenant(named)));
    }
    const path = `/${rest.join('/')}`;
    if (path.startsWith('/login/')) return signIn(request, response, request.body ?? {});
    request.originalUrl = `/${tenant}${path}${search}`;
    request.url = `${path.replace(/^\/v2\.0\/\.well-known/, '/.well-known')}${search}`;
    if (request.url !== path + search) request.originalUrl = `/${tenant}${request.url}`;
    return answer(request, response);
  };
}

function logged(requests: LoggedRequest[], next: Handler): Handler {
  return async (request: FormRequest, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const form = await readForm(request);
    request.body = Object.fromEntries(form);
    // logged on arrival: a client may read its answer before the connection is told to be over
    requests.push({
      method: request.method ?? '',
      path: pathname,
      params: maskParams(searchParams, form),
      get status() {
        return response.statusCode;
      },
    });
    await next(request, response);
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_LIMIT) throw new Error('request too large');
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString());
}

function refuse(response: ServerResponse, body: object): void {
  response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
