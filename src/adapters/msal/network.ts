import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../../core/http.ts';
import type { GrantRequest, RotatedToken } from '../../core/oauth.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import {
  readRefreshToken,
  readTokenResponse,
  type TokenResponse,
} from '../../entra/token-response.ts';

/** The checked token response, or why there is none; MSAL's result does not tell either. */
export interface Exchange {
  answer?: TokenResponse;
  failure?: unknown;
}

interface Sent {
  readonly response: HttpResponse;
  /** Seconds since the epoch: before the request. */
  readonly sentOn: number;
}

/** The network interface that MSAL calls, with a record of its token request. */
export interface MsalNetwork extends INetworkModule {
  readonly exchange: Exchange;
}

export interface NetworkOptions {
  /** Seconds since the epoch. */
  now(): number;
  readonly http: Http;
  readonly deadline: Deadline;
  readonly endpoints: Endpoints | undefined;
  readonly request: GrantRequest;
  readonly repeat: HttpRequest['repeat'];
  /** Replaces parameters of the request that MSAL builds. */
  readonly form?: Readonly<Record<string, string>>;
  /** Gets a new refresh token before the answer is judged. */
  keep?(rotated: RotatedToken): Promise<void>;
}

/** Sends token requests through `adapters/http`. */
export function createNetwork(options: NetworkOptions): MsalNetwork {
  const { http, now, request } = options;
  return recordingNetwork(request.scopes, async (url, sent) => {
    const sentOn = now();
    const response = await http.send(toHttpRequest(options, url, sent));
    const rotated = readRefreshToken(response, sentOn);
    if (rotated) await options.keep?.(rotated);
    return { response, sentOn };
  });
}

/** The request that MSAL has built, for the token endpoint. */
export function toHttpRequest(
  { endpoints, deadline, repeat, request, form }: NetworkOptions,
  url: string,
  sent: NetworkRequestOptions | undefined,
): HttpRequest {
  const body = withParameters(sent?.body ?? '', form);
  const { credential } = request;
  return {
    method: 'POST',
    // MSAL lower-cases the path of the endpoint, which the server may not accept
    url: endpoints ? withQueryOf(endpoints.tokenEndpoint, url) : url,
    headers: sent?.headers ?? {},
    // each time that the request is sent, the placeholder of `client.ts` is replaced anew
    body:
      credential?.kind === 'assertion'
        ? async () => withParameters(body, { client_assertion: await credential.get() })
        : body,
    deadline,
    repeat,
  };
}

function withParameters(body: string, parameters: NetworkOptions['form']): string {
  if (!parameters) return body;
  const form = new URLSearchParams(body);
  for (const [name, value] of Object.entries(parameters)) form.set(name, value);
  return form.toString();
}

/** Checks and records the token response. @param send gets the request that MSAL has built */
export function recordingNetwork(
  asked: readonly string[],
  send: (url: string, options?: NetworkRequestOptions) => Promise<Sent>,
): MsalNetwork {
  const exchange: Exchange = {};
  return {
    exchange,
    sendGetRequestAsync: async () => {
      // MSAL was given all the metadata, so nothing that it still wants to read is sent
      throw new CliError('unexpected', 'MSAL asked for a document by itself');
    },
    sendPostRequestAsync: async <T>(url: string, options?: NetworkRequestOptions) => {
      try {
        const { response, sentOn } = await send(url, options);
        exchange.answer = readTokenResponse(response, asked, sentOn, new URL(url).host);
        return toNetworkResponse<T>(response, exchange.answer);
      } catch (failure) {
        exchange.failure = failure;
        throw failure;
      }
    },
  };
}

/** @returns the endpoint unchanged, with the query parameters that MSAL added to its own form of it */
export function withQueryOf(endpoint: string, url: string): string {
  const target = new URL(endpoint);
  const { search, searchParams } = new URL(url);
  if (target.search === '') target.search = search;
  else for (const [name, value] of searchParams) target.searchParams.set(name, value);
  return target.href;
}

/** What MSAL reads the id token with. The rest of a response, which it may refuse, is checked above. */
function toNetworkResponse<T>(
  { headers, body, status }: HttpResponse,
  { accessToken, tokenType, scopes }: TokenResponse,
): NetworkResponse<T> {
  const { id_token, client_info } = JSON.parse(body);
  const checked = { access_token: accessToken, token_type: tokenType, scope: scopes.join(' ') };
  return {
    headers: { ...headers },
    body: { ...checked, expires_in: 3600, id_token, client_info } as T,
    status,
  };
}
