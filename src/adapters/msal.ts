import {
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
  type NodeAuthOptions,
  ProtocolMode,
} from '@azure/msal-node';
import type { Deadline } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import type {
  AcquiredToken,
  Authority,
  ClientCredentialsRequest,
  TokenClient,
} from '../core/oauth.ts';
import type { App, Http, HttpResponse } from '../core/ports.ts';
import { discoverEndpoints, type Endpoints } from '../entra/discovery.ts';
import { readTokenResponse, type TokenResponse } from '../entra/token-response.ts';

/** What MSAL does not pass on: the checked answer, or why there is none. */
interface Exchange {
  /** Seconds since the epoch: the life of a token is counted from before it was asked for. */
  sentOn?: number;
  answer?: TokenResponse;
  failure?: unknown;
}

/** MSAL builds the requests; the network, the checks and the errors are ours. */
export function createTokenClient(app: App, http: Http): TokenClient {
  return {
    clientCredentials: async (request, deadline) => {
      const { authority, claims } = request;
      const endpoints = authority.known
        ? undefined
        : await discoverEndpoints(authority, http, deadline);
      const exchange: Exchange = {};
      const network = createNetwork(app, http, deadline, request.scopes, exchange, endpoints);
      const client = createClient(request, network, endpoints);
      if (request.credential.kind === 'secret') app.talk.hide(request.credential.secret);
      try {
        await client.acquireTokenByClientCredential({
          scopes: [...request.scopes],
          skipCache: true,
          ...(claims !== undefined && { claims }),
        });
      } catch (cause) {
        throw exchange.failure ?? foreign(cause);
      }
      if (!exchange.answer) throw foreign(exchange.failure);
      return toToken(app, exchange.answer, exchange.sentOn);
    },
  };
}

function createClient(
  request: ClientCredentialsRequest,
  networkClient: INetworkModule,
  endpoints: Endpoints | undefined,
): ConfidentialClientApplication {
  const { authority, clientId } = request;
  return new ConfidentialClientApplication({
    auth: {
      clientId,
      authority: authority.url,
      ...credentialOf(request),
      ...(endpoints && metadataOf(authority, endpoints)),
    },
    system: {
      networkClient,
      protocolMode: authority.protocol === 'oidc' ? ProtocolMode.OIDC : ProtocolMode.AAD,
      loggerOptions: { loggerCallback: () => {}, piiLoggingEnabled: false },
    },
  });
}

/** With this MSAL asks nobody about the host: we have asked, and checked the answer. */
function metadataOf(authority: Authority, endpoints: Endpoints): Partial<NodeAuthOptions> {
  return {
    knownAuthorities: [new URL(authority.url).host],
    authorityMetadata: JSON.stringify({
      issuer: endpoints.issuer,
      authorization_endpoint: endpoints.authorizationEndpoint ?? endpoints.tokenEndpoint,
      token_endpoint: endpoints.tokenEndpoint,
      jwks_uri: endpoints.jwksUri,
    }),
  };
}

function credentialOf({
  credential,
  thumbprint,
  sendX5c,
}: ClientCredentialsRequest): Partial<NodeAuthOptions> {
  if (credential.kind === 'secret') return { clientSecret: credential.secret };
  return {
    clientCertificate: {
      privateKey: credential.privateKey,
      ...(thumbprint === 'sha1'
        ? { thumbprint: credential.sha1 }
        : { thumbprintSha256: credential.sha256 }),
      ...(sendX5c && { x5c: credential.chain.join('\n') }),
    },
  };
}

function createNetwork(
  app: App,
  http: Http,
  deadline: Deadline,
  asked: readonly string[],
  exchange: Exchange,
  endpoints: Endpoints | undefined,
): INetworkModule {
  return {
    sendGetRequestAsync: async () => {
      // MSAL has all the metadata it needs; anything it still asks for is not ours to send
      throw new CliError('unexpected', 'MSAL asked for a document by itself');
    },
    sendPostRequestAsync: async <T>(url: string, options?: NetworkRequestOptions) => {
      try {
        exchange.sentOn = app.clock.now();
        const response = await http.send({
          method: 'POST',
          // MSAL lower-cases the path of what it was given; the endpoint is to be met to the letter
          url: endpoints ? withQueryOf(endpoints.tokenEndpoint, url) : url,
          headers: options?.headers ?? {},
          body: options?.body ?? '',
          deadline,
          repeat: 'safe',
        });
        exchange.answer = readTokenResponse(response, asked, new URL(url).host);
        return toNetworkResponse<T>(response);
      } catch (failure) {
        exchange.failure = failure;
        throw failure;
      }
    },
  };
}

function withQueryOf(endpoint: string, url: string): string {
  const target = new URL(endpoint);
  for (const [name, value] of new URL(url).searchParams) target.searchParams.set(name, value);
  return target.href;
}

function toNetworkResponse<T>({ headers, body, status }: HttpResponse): NetworkResponse<T> {
  return { headers: { ...headers }, body: JSON.parse(body) as T, status };
}

function toToken(app: App, answer: TokenResponse, sentOn = app.clock.now()): AcquiredToken {
  app.talk.hide(answer.accessToken);
  const { accessToken, tokenType, scopes, expiresIn } = answer;
  return { accessToken, tokenType, scopes, expiresOn: Math.floor(sentOn + expiresIn) };
}

/** MSAL's own complaints name a code and a link; what they are about was checked before. */
function foreign(cause: unknown): CliError {
  const code = (cause as { errorCode?: unknown } | undefined)?.errorCode;
  const what =
    typeof code === 'string' ? code : cause instanceof Error ? cause.message : 'no result';
  return new CliError('unexpected', `unexpected: MSAL failed with ${what}`, {
    hint: 'run again with --debug and report what it says',
    cause,
  });
}
