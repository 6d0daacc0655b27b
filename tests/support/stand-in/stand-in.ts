import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Provider } from 'oidc-provider';
import { ADMIN_CONSENT, createAdminConsent } from './admin-consent.ts';
import { entraAnswers } from './answers.ts';
import { DEVICE_GRANT } from './apps.ts';
import { type Directory, objectId } from './directory.ts';
import { createEntraProvider } from './entra-provider.ts';
import { entraShape } from './entra-shape.ts';
import { checkFederated, secretInPlace } from './federation.ts';
import type { Counts } from './memory.ts';
import { createDirectory, type StandInOptions } from './options.ts';
import { loadProvider, muteNotices, type OidcModule } from './provider-module.ts';
import { refusalBody, unknownTenant } from './refusal.ts';
import { type FormRequest, type Handler, type LoggedRequest, logged } from './request-log.ts';
import { strictRotation } from './rotation.ts';
import { createSignIn } from './sign-in-page.ts';

export interface StandIn {
  /** `https://localhost:<port>`, the `authority` of a profile. */
  readonly origin: string;
  readonly tenant: string;
  /** Every request in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** Every access token that was given, in order. */
  readonly issued: readonly string[];
  /** Codes, verifiers, passwords, tokens: all that passed and is nobody else's business. */
  secrets(): readonly string[];
  /** Those to the token endpoint. */
  tokenRequests(): readonly LoggedRequest[];
  readonly counts: Readonly<Counts>;
  /** Ends all that this person has signed in to, as a new password does. */
  revoke(username: string): Promise<void>;
  close(): Promise<void>;
}

/** Names that stand for a person's own tenant. */
const SHARED = ['common', 'organizations'];

/** An identity provider on loopback that verifies what a client sends, shaped like Entra v2.0. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const directory = createDirectory(options);
  const { memory } = directory;
  const speakAgain = muteNotices();
  const requests: LoggedRequest[] = [];
  const issued: string[] = [];
  let handle: Handler = async () => {};
  const server = createServer({ key: options.tls.key, cert: options.tls.cert }, (req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const oidc = await loadProvider();
  const note = (token: string) => {
    issued.push(token);
    options.onIssued?.(token);
  };
  const provider = createProvider(oidc, options.publicOrigin ?? origin, directory, note);
  const secrets = new Set<string>();
  handle = logged(requests, createHandler(provider, directory), secrets);
  return {
    origin,
    tenant: directory.tenant,
    requests,
    issued,
    secrets: () => [...new Set([...secrets, ...issued, ...memory.refreshTokens.keys()])],
    tokenRequests: () => requests.filter(({ path }) => path.endsWith('/oauth2/v2.0/token')),
    counts: memory.counts,
    revoke: async (username) => {
      for (const [grant, family] of memory.families) {
        if (family.account !== objectId(username)) continue;
        family.revoked = true;
        await provider.RefreshToken.revokeByGrantId(grant);
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        speakAgain();
      }),
  };
}

function createProvider(
  oidc: OidcModule,
  origin: string,
  directory: Directory,
  note: (token: string) => void,
): Provider {
  const { tenant, memory } = directory;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(20).toString('base64url');
  const key = { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  const shape = entraShape(oidc, directory, key);
  const provider = createEntraProvider(oidc, `${origin}/${tenant}`, shape);
  provider.issuer = `${origin}/${tenant}/v2.0`;
  provider.Client.prototype.compareClientSecret = function isSecret(actual) {
    const app = directory.clients.find(({ id }) => id === this.clientId);
    const inPlace = app?.federated && secretInPlace(app.id);
    return [app?.secret, ...(app?.otherSecrets ?? []), inPlace].includes(actual);
  };
  provider.use(strictRotation(memory));
  provider.use(entraAnswers(directory, note));
  provider.on('grant.revoked', () => {
    memory.counts.revocations++;
  });
  // An assertion serves for ten minutes at Entra; oidc-provider would take each only once.
  provider.ReplayDetection.unique = async () => true;
  return provider;
}

function createHandler(provider: Provider, directory: Directory): Handler {
  const { tenant } = directory;
  const names = [tenant, ...directory.domains, ...SHARED];
  const answer = provider.callback();
  const signIn = createSignIn(provider, directory);
  const adminConsent = createAdminConsent(directory);
  const used = new Set<string>();

  return async (request: FormRequest, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'https://localhost');
    const [, named = '', ...rest] = pathname.split('/');
    if (!names.includes(named.toLowerCase())) {
      return refuse(response, refusalBody(unknownTenant(named)));
    }
    const path = `/${rest.join('/')}`;
    const why = checkFederated(directory.clients, request.body ?? {}, used);
    if (why) return refuse(response, refusalBody(why));
    if (request.body?.['grant_type'] === 'device_code') request.body['grant_type'] = DEVICE_GRANT;
    if (ADMIN_CONSENT.test(path)) return adminConsent(request, response, request.body ?? {});
    if (path.startsWith('/login/')) return signIn(request, response, request.body ?? {});
    request.originalUrl = `/${tenant}${path}${search}`;
    request.url = `${path.replace(/^\/v2\.0\/\.well-known/, '/.well-known')}${search}`;
    if (request.url !== path + search) request.originalUrl = `/${tenant}${request.url}`;
    return answer(request, response);
  };
}

function refuse(response: ServerResponse, body: object): void {
  response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
