import type {
  AuthenticationResult,
  ConfidentialClientApplication,
  PublicClientApplication,
} from '@azure/msal-node';
import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Http } from '../../core/http.ts';
import type { AcquiredToken, GrantRequest, TokenClient } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import { discoverEndpoints, type Endpoints } from '../../entra/discovery.ts';
import { createThrottle } from '../../tokens/throttle.ts';
import type { ClientApplication } from './client.ts';
import { createDeviceNetwork } from './device.ts';
import { createNetwork, type MsalNetwork, type NetworkOptions, withQueryOf } from './network.ts';
import { idTokenError, toAcquiredToken, unexpectedFailure } from './result.ts';

interface World {
  readonly app: Pick<App, 'clock' | 'log' | 'paths'>;
  readonly http: Http;
}

/** How the request of one OAuth grant differs from the others. */
interface Grant extends Pick<NetworkOptions, 'repeat' | 'form' | 'keep'> {
  /** Default: `createNetwork`. */
  network?(options: NetworkOptions): MsalNetwork;
  send(client: ClientApplication): Promise<AuthenticationResult | null>;
}

type Request<Name extends keyof TokenClient> = Parameters<TokenClient[Name]>[0];

/** MSAL only builds the requests and reads id tokens; tokencli sends, checks and caches by itself. */
export function createTokenClient(app: World['app'], http: Http): TokenClient {
  const world: World = { app, http };
  const ask =
    <R extends GrantRequest>(grantOf: (request: R, world: World) => Grant) =>
    (request: R, deadline: Deadline) =>
      sendGrant(world, request, deadline, grantOf(request, world));
  return {
    clientCredentials: ask(clientCredentials),
    redeemCode: ask(authorizationCode),
    deviceCode: ask(deviceCode),
    refresh: ask(refreshToken),
    authorizationLink: (request, deadline) => buildLink(world, request, deadline),
  };
}

/** Makes an MSAL client for one request, because a client caches the tokens that it has received. */
async function openClient(
  world: World,
  request: GrantRequest,
  deadline: Deadline,
  { network: make = createNetwork, ...grant }: Omit<Grant, 'send'>,
) {
  // load MSAL while the discovery document is awaited
  const [endpoints, { createClient }] = await Promise.all([
    findEndpoints(world, request, deadline),
    import('./client.ts'),
  ]);
  const { http, app } = world;
  const network = make({
    ...{ ...grant, http, deadline, endpoints, request },
    now: () => app.clock.now(),
  });
  return { client: createClient(request, network, endpoints), network, endpoints };
}

async function sendGrant(
  world: World,
  request: GrantRequest,
  deadline: Deadline,
  grant: Grant,
): Promise<AcquiredToken> {
  const { app } = world;
  const { client, network } = await openClient(world, request, deadline, grant);
  if (request.credential?.kind === 'secret') app.log.registerSecret(request.credential.secret);
  let result: AuthenticationResult | null;
  try {
    result = await grant.send(client);
  } catch (cause) {
    const { answer, failure } = network.exchange;
    throw failure ?? (answer && idTokenError(cause)) ?? unexpectedFailure(cause);
  }
  const { answer, failure } = network.exchange;
  if (!answer) throw unexpectedFailure(failure);
  return toAcquiredToken(app, answer, result);
}

/** @returns undefined for the authorities whose endpoints MSAL knows */
async function findEndpoints(
  { app, http }: World,
  { authority, ignoresRetryAfter }: Pick<GrantRequest, 'authority' | 'ignoresRetryAfter'>,
  deadline: Deadline,
): Promise<Endpoints | undefined> {
  const lift = (url: string | undefined) => {
    if (!ignoresRetryAfter || url === undefined) return;
    createThrottle(app.paths.throttleFolder, () => app.clock.now()).forget(url);
  };
  lift(`${authority.url}/.well-known/openid-configuration`);
  if (authority.known) return undefined;
  const endpoints = await discoverEndpoints(authority, http, deadline);
  lift(endpoints.tokenEndpoint);
  lift(endpoints.deviceAuthorizationEndpoint);
  return endpoints;
}

/** RFC 6749 section 4.4 */
function clientCredentials(request: Request<'clientCredentials'>): Grant {
  return {
    repeat: 'safe',
    send: (client) =>
      (client as ConfidentialClientApplication).acquireTokenByClientCredential({
        ...scopesAndClaims(request),
        skipCache: true,
      }),
  };
}

/** RFC 6749 section 4.1.3 */
function authorizationCode(request: Request<'redeemCode'>): Grant {
  const { code, redirectUri, nonce, codeVerifier } = request;
  // a confidential client reads the nonce from the first argument, a public one from the second
  const redemption = { ...scopesAndClaims(request), code, redirectUri, codeVerifier, nonce };
  return {
    repeat: 'single-use',
    send: (client) => client.acquireTokenByCode(redemption, { code, nonce }),
  };
}

/** RFC 8628 */
function deviceCode(request: Request<'deviceCode'>, { app }: World): Grant {
  return {
    repeat: 'safe',
    network: (options) => createDeviceNetwork(options, request, app.log.registerSecret),
    send: (client) =>
      (client as PublicClientApplication).acquireTokenByDeviceCode({
        ...scopesAndClaims(request),
        deviceCodeCallback: () => {},
      }),
  };
}

/**
 * RFC 6749 section 6. MSAL adds scopes of its own, but a refresh may name only granted ones, and only
 * Entra grants the added ones without being asked.
 */
function refreshToken(request: Request<'refresh'>): Grant {
  const { authority, scopes } = request;
  return {
    repeat: 'single-use',
    keep: request.keep,
    ...(authority.protocol === 'oidc' && { form: { scope: scopes.join(' ') } }),
    send: (client) =>
      client.acquireTokenByRefreshToken({
        ...scopesAndClaims(request),
        refreshToken: request.refreshToken,
      }),
  };
}

/** RFC 6749 section 4.1.1 */
async function buildLink(
  world: World,
  request: Request<'authorizationLink'>,
  deadline: Deadline,
): ReturnType<TokenClient['authorizationLink']> {
  const { client, endpoints } = await openClient(world, request, deadline, { repeat: 'safe' });
  const { redirectUri, responseMode, state, nonce, codeChallenge, prompt, loginHint } = request;
  const url = await client
    .getAuthCodeUrl({
      ...scopesAndClaims(request),
      redirectUri,
      responseMode,
      state,
      nonce,
      codeChallenge,
      codeChallengeMethod: 'S256',
      ...(prompt !== undefined && { prompt }),
      ...(loginHint !== undefined && { loginHint }),
    })
    .catch((cause: unknown) => {
      throw unexpectedFailure(cause);
    });
  if (!endpoints) return { url };
  const { authorizationEndpoint: page, issuer } = endpoints;
  if (page !== undefined) return { url: withQueryOf(page, url), issuer };
  throw new CliError('auth_failed', `${request.authority.url} has no page to sign in at`, {
    hint: 'use --flow DeviceCode',
  });
}

/** Copies the scopes, because MSAL adds its own to the array that it is given. */
function scopesAndClaims({ scopes, claims }: Pick<GrantRequest, 'scopes' | 'claims'>) {
  return { scopes: [...scopes], ...(claims !== undefined && { claims }) };
}
