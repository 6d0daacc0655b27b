import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { RotatedToken } from '../../core/oauth.ts';
import type { Http, HttpRequest, HttpResponse } from '../../core/ports.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import {
  type RefreshAnswer,
  readRefreshToken,
  readTokenResponse,
  type TokenResponse,
} from '../../entra/token-response.ts';

/** What MSAL does not pass on: the checked answer, or why there is none. */
export interface Exchange {
  /** Seconds since the epoch: the life of a token is counted from before it was asked for. */
  sentOn?: number;
  answer?: TokenResponse;
  failure?: unknown;
}

/** MSAL's way to the network, with what it keeps from us. */
export interface MsalNetwork extends INetworkModule {
  readonly exchange: Exchange;
}

export interface NetworkSetting {
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly http: Http;
  readonly deadline: Deadline;
  readonly endpoints: Endpoints | undefined;
  readonly scopes: readonly string[];
  readonly repeat: HttpRequest['repeat'];
  /** Gets a new refresh token before the answer is judged. */
  keep?(rotated: RotatedToken): Promise<void>;
}

/** Sends token requests through our own network module, and checks what comes back. */
export function createNetwork(setting: NetworkSetting): MsalNetwork {
  const { http, deadline, endpoints, now, scopes, repeat } = setting;
  return watched(scopes, async (exchange, url, options) => {
    const sentOn = now();
    exchange.sentOn = sentOn;
    const response = await http.send({
      method: 'POST',
      // MSAL lower-cases the path of what it was given; the endpoint is to be met to the letter
      url: endpoints ? withQueryOf(endpoints.tokenEndpoint, url) : url,
      headers: options?.headers ?? {},
      body: options?.body ?? '',
      deadline,
      repeat,
    });
    const rotated = rotatedToken(readRefreshToken(response), sentOn);
    if (rotated) await setting.keep?.(rotated);
    return response;
  });
}

/** @param sentOn seconds since the epoch; lives are counted from when the request was sent */
export function rotatedToken(
  { refreshToken, refreshTokenExpiresIn }: RefreshAnswer,
  sentOn: number,
): RotatedToken | undefined {
  if (refreshToken === undefined) return undefined;
  if (refreshTokenExpiresIn === undefined) return { refreshToken };
  return { refreshToken, refreshTokenExpiresOn: Math.floor(sentOn + refreshTokenExpiresIn) };
}

/** @param send gets the token request as MSAL built it */
export function watched(
  asked: readonly string[],
  send: (exchange: Exchange, url: string, options?: NetworkRequestOptions) => Promise<HttpResponse>,
): MsalNetwork {
  const exchange: Exchange = {};
  return {
    exchange,
    sendGetRequestAsync: async () => {
      // MSAL has all the metadata it needs; anything it still asks for is not ours to send
      throw new CliError('unexpected', 'MSAL asked for a document by itself');
    },
    sendPostRequestAsync: async <T>(url: string, options?: NetworkRequestOptions) => {
      try {
        const response = await send(exchange, url, options);
        exchange.answer = readTokenResponse(response, asked, new URL(url).host);
        return toNetworkResponse<T>(response);
      } catch (failure) {
        exchange.failure = failure;
        throw failure;
      }
    },
  };
}

/**
 * Without the scopes that MSAL adds of its own: a refresh may name none that was not granted before
 * (RFC 6749 section 6), and nobody but Entra grants those unasked.
 */
export function withScopes(network: MsalNetwork, scopes: readonly string[]): MsalNetwork {
  return {
    ...network,
    sendPostRequestAsync: (url, options) => {
      const form = new URLSearchParams(options?.body ?? '');
      form.set('scope', scopes.join(' '));
      return network.sendPostRequestAsync(url, { ...options, body: form.toString() });
    },
  };
}

/** The endpoint to the letter, with the parameters that MSAL gave its own spelling of it. */
export function withQueryOf(endpoint: string, url: string): string {
  const target = new URL(endpoint);
  const { search, searchParams } = new URL(url);
  if (target.search === '') target.search = search;
  else for (const [name, value] of searchParams) target.searchParams.set(name, value);
  return target.href;
}

function toNetworkResponse<T>({ headers, body, status }: HttpResponse): NetworkResponse<T> {
  return { headers: { ...headers }, body: JSON.parse(body) as T, status };
}
