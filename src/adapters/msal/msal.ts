import type {
  AuthenticationResult,
  ConfidentialClientApplication,
  PublicClientApplication,
} from '@azure/msal-node';
import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type {
  AcquiredToken,
  TokenClient,
  TokenClientOptions,
  TokenRequest,
} from '../../core/oauth.ts';
import type { App, Http } from '../../core/ports.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import { type ClientApplication, createClient } from './client.ts';
import { withDevicePolling } from './device.ts';
import { createEndpointFinder } from './endpoints.ts';
import { createNetwork, type MsalNetwork, withQueryOf, withScopes } from './network.ts';
import { toAcquiredToken } from './result.ts';

/** What a grant does in its own way. */
interface Asking {
  readonly repeat: 'safe' | 'single-use';
  readonly shape?: (network: MsalNetwork) => MsalNetwork;
  send(client: ClientApplication): Promise<AuthenticationResult | null>;
}

/** MSAL builds the requests; the network, the checks, the cache and the errors are ours. */
export function createTokenClient(app: App, http: Http, options: TokenClientOptions): TokenClient {
  const now = () => app.clock.now();
  const finder = createEndpointFinder(app, http, options);

  /** One request of a fresh client, so that MSAL remembers nothing between two of them. */
  const askAt = async (
    endpoints: Endpoints | undefined,
    request: TokenRequest,
    deadline: Deadline,
    how: Asking,
  ): Promise<AcquiredToken> => {
    const { repeat } = how;
    const plain = createNetwork({ http, now, deadline, endpoints, ...request, repeat });
    const network = how.shape?.(plain) ?? plain;
    const client = createClient(request, network, endpoints);
    if (request.credential?.kind === 'secret') app.log.registerSecret(request.credential.secret);
    let result: AuthenticationResult | null;
    try {
      result = await how.send(client);
    } catch (cause) {
      const { answer, failure } = network.exchange;
      throw failure ?? (answer && refusalToRead(cause)) ?? foreign(cause);
    }
    const { answer, failure, sentOn } = network.exchange;
    if (!answer) throw foreign(failure);
    return toAcquiredToken(app, answer, result, sentOn ?? now());
  };

  // what proves the client names the endpoint it is for: at another place it is built anew
  const ask = (request: TokenRequest, deadline: Deadline, how: Asking) =>
    finder.reach(request.authority, deadline, (endpoints) =>
      askAt(endpoints, request, deadline, how),
    );

  return {
    clientCredentials: (request, deadline) =>
      ask(request, deadline, {
        repeat: 'safe',
        send: (client) =>
          (client as ConfidentialClientApplication).acquireTokenByClientCredential({
            ...wishesOf(request),
            skipCache: true,
          }),
      }),

    authorizationLink: async (request, deadline) => {
      // a browser that was sent to the wrong place tells nobody
      const endpoints = await finder.ask(request.authority, deadline);
      const network = createNetwork({
        ...{ http, now, deadline, endpoints },
        ...request,
        repeat: 'safe',
      });
      const { redirectUri, responseMode, state, nonce, codeChallenge, prompt, loginHint } = request;
      const client = createClient(request, network, endpoints);
      const url = await client
        .getAuthCodeUrl({
          ...wishesOf(request),
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
          throw foreign(cause);
        });
      if (!endpoints) return { url };
      return { url: withQueryOf(endpoints.authorizationEndpoint, url), issuer: endpoints.issuer };
    },

    redeemCode: (request, deadline) =>
      ask(request, deadline, {
        repeat: 'single-use',
        send: (client) => {
          const { code, redirectUri, nonce, codeVerifier } = request;
          // confidential clients read the nonce of the first, public ones that of the second
          const wishes = { ...wishesOf(request), code, redirectUri, codeVerifier, nonce };
          return client.acquireTokenByCode(wishes, { code, nonce });
        },
      }),

    deviceCode: async (request, deadline) => {
      // when somebody has typed in a code it is late to find that another place gives the token
      const endpoints = await finder.ask(request.authority, deadline);
      return askAt(endpoints, request, deadline, {
        repeat: 'safe',
        shape: (network) =>
          withDevicePolling(network, {
            ...{ http, now, deadline, endpoints, request },
            registerSecret: app.log.registerSecret,
          }),
        send: (client) =>
          (client as PublicClientApplication).acquireTokenByDeviceCode({
            ...wishesOf(request),
            deviceCodeCallback: () => {},
          }),
      });
    },

    refresh: (request, deadline) =>
      ask(request, deadline, {
        repeat: 'single-use',
        shape: (network) =>
          request.authority.protocol === 'oidc' ? withScopes(network, request.scopes) : network,
        send: (client) =>
          client.acquireTokenByRefreshToken({
            ...wishesOf(request),
            refreshToken: request.refreshToken,
          }),
      }),
  };
}

/** A new array each time: MSAL adds its own scopes to the one it is given. */
function wishesOf({ scopes, claims }: TokenRequest) {
  return { scopes: [...scopes], ...(claims !== undefined && { claims }) };
}

/** The token itself was checked, so it is what tells who signed in that cannot be read. */
function refusalToRead(cause: unknown): CliError {
  if (codeOf(cause) === 'nonce_mismatch') {
    return new CliError('auth_failed', 'the id token answers another sign-in: refused', { cause });
  }
  return new CliError('network', 'the identity provider answered with an unreadable id token', {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
    cause,
  });
}

/** MSAL's own complaints name a code and a link; what they are about was checked before. */
function foreign(cause: unknown): CliError {
  if (cause instanceof CliError) return cause;
  const what = codeOf(cause) ?? (cause instanceof Error ? cause.message : 'no result');
  return new CliError('unexpected', `unexpected: MSAL failed with ${what}`, {
    hint: 'run again with --debug and report what it says',
    cause,
  });
}

function codeOf(cause: unknown): string | undefined {
  const code = (cause as { errorCode?: unknown } | undefined)?.errorCode;
  return typeof code === 'string' ? code : undefined;
}
