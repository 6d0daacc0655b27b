import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Context } from 'oidc-provider';
import { loadProvider, muteNotices, type OidcModule } from './stand-in/provider-module.ts';
import {
  type FormRequest,
  type Handler,
  type LoggedRequest,
  logged,
} from './stand-in/request-log.ts';

export interface PlainOidcOptions {
  readonly tls: { readonly key: string; readonly cert: string };
  /** Registrations as RFC 7591 has them. */
  readonly clients: readonly object[];
  /** Scopes of its own; tokens for them are opaque. */
  readonly scopes?: readonly string[];
  /** Scopes by RFC 8707 resource; tokens for them are JWTs. */
  readonly resources?: Readonly<Record<string, string>>;
  /** What it calls itself instead of its origin: it then answers for that host. */
  readonly publicOrigin?: string;
}

export interface PlainOidc {
  readonly port: number;
  /** With upper case in its path, which is part of its name. */
  readonly issuer: string;
  readonly requests: readonly LoggedRequest[];
  tokenRequests(): readonly LoggedRequest[];
  /** Refresh tokens that came again, and what was ended because of it. */
  readonly counts: { readonly revocations: number };
  close(): Promise<void>;
}

const PATH = '/realms/MyRealm';

/** oidc-provider as it comes: OpenID Connect and RFC 8628 to the letter, nothing of Entra's. */
export async function startPlainOidc(options: PlainOidcOptions): Promise<PlainOidc> {
  const speakAgain = muteNotices();
  const requests: LoggedRequest[] = [];
  const counts = { revocations: 0 };
  let handle: Handler = async () => {};
  const server = createServer({ key: options.tls.key, cert: options.tls.cert }, (req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `${options.publicOrigin ?? `https://localhost:${port}`}${PATH}`;
  const oidc = await loadProvider();
  const provider = new oidc.Provider(issuer, configuration(oidc, options));
  provider.on('grant.revoked', () => {
    counts.revocations++;
  });
  const answer = provider.callback();
  handle = logged(requests, async (request: FormRequest, response) => {
    const url = request.url ?? '/';
    if (!url.startsWith(`${PATH}/`)) {
      response.writeHead(404).end();
      return;
    }
    request.originalUrl = url;
    request.url = url.slice(PATH.length);
    await answer(request, response);
  });
  return {
    port,
    issuer,
    requests,
    counts,
    tokenRequests: () => requests.filter(({ path }) => path === `${PATH}/token`),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        speakAgain();
      }),
  };
}

function configuration({ errors }: OidcModule, options: PlainOidcOptions): object {
  const { clients, scopes = [], resources = {} } = options;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients,
    scopes: ['openid', 'offline_access', ...scopes],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'plain', use: 'sig' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx: Context, name: string) => {
          const scope = resources[name];
          if (scope !== undefined) return { scope, audience: name, accessTokenFormat: 'jwt' };
          throw new errors.CustomOIDCProviderError('invalid_target', 'unknown resource');
        },
      },
    },
  };
}
