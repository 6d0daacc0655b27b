import { CliError } from '../core/errors.ts';
import { parseJsonObject } from '../core/json.ts';
import { sameName } from '../core/names.ts';
import type { HttpResponse } from '../core/ports.ts';
import { quoteServer, readRefusal } from './oauth-error.ts';
import { isOfResource, nameOf, resourceOf } from './scopes.ts';

/** A successful answer of the token endpoint (RFC 6749 section 5.1), checked. */
export interface TokenResponse {
  readonly accessToken: string;
  readonly tokenType: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly scopes: readonly string[];
  readonly refreshToken?: string;
  /** Seconds, where the server says so; no part of a standard. */
  readonly refreshTokenExpiresIn?: number;
}

const LONGEST_LIFE = 31_536_000;
/** Entra leaves the resource out of the scopes of Microsoft Graph, and of nothing else. */
const GRAPH =
  /^(?:https:\/\/(?:graph|dod-graph|microsoftgraph|canary\.graph)\.[a-z.]+|00000003-0000-0000-c000-000000000000)\/?$/i;
const TOKEN = /^[\x21-\x7e]{1,65536}$/;

/**
 * @param asked the scopes of the request
 * @param host for the message
 * @throws CliError auth_failed, interaction_required or network for anything else
 */
export function readTokenResponse(
  response: HttpResponse,
  asked: readonly string[],
  host: string,
): TokenResponse {
  if (response.status < 200 || response.status > 299) throw readRefusal(response, host);
  const body = parseJsonObject(response.body);
  if (body === undefined || 'error' in body) throw readRefusal(response, host);
  const { access_token, token_type, expires_in, scope, refresh_token } = body;
  const expiresIn = numberOf(expires_in);
  if (typeof access_token !== 'string' || !TOKEN.test(access_token)) throw unusable('no token');
  if (typeof token_type !== 'string' || !sameName(token_type, 'bearer')) {
    throw unusable('a token that is not of the type Bearer');
  }
  if (!isLife(expiresIn)) {
    throw unusable('a token without a usable life time');
  }
  const granted = typeof scope === 'string' && scope.trim() ? scope.trim().split(/\s+/) : undefined;
  checkGranted(asked, granted);
  return {
    accessToken: access_token,
    tokenType: 'Bearer',
    expiresIn,
    scopes: granted ?? asked,
    ...(typeof refresh_token === 'string' &&
      TOKEN.test(refresh_token) && { refreshToken: refresh_token, ...refreshLife(body) }),
  };
}

/** Entra's name for it, then Keycloak's; 0 stands for no end. */
function refreshLife(body: Record<string, unknown>): { refreshTokenExpiresIn?: number } {
  const life = numberOf(body['refresh_token_expires_in'] ?? body['refresh_expires_in']);
  return isLife(life) ? { refreshTokenExpiresIn: life } : {};
}

/** Some servers write numbers as text. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' ? Number(value) : value;
}

function isLife(seconds: unknown): seconds is number {
  return Number.isInteger(seconds) && Number(seconds) >= 1 && Number(seconds) <= LONGEST_LIFE;
}

/** A server that ignores `scope` must not make us hand out a token for something else. */
function checkGranted(asked: readonly string[], granted: readonly string[] | undefined): void {
  const wanted = asked.filter(isOfResource);
  if (granted === undefined || wanted.length === 0) return;
  if (granted.some((one) => wanted.some((other) => isSameResource(one, other)))) return;
  const given = quoteServer(granted.join(' '));
  throw unusable(`a token for '${given}' instead of '${asked.join(' ')}'`);
}

/** Names without a resource are alike when the names are: whose they are, only the server knows. */
function isSameResource(granted: string, wanted: string): boolean {
  const [one, other] = [resourceOf(granted), resourceOf(wanted)];
  if (one !== undefined && other !== undefined) return plain(one) === plain(other);
  const isGraph = GRAPH.test(one ?? other ?? '');
  return nameOf(granted) === nameOf(wanted) || (isGraph && isOfResource(granted));
}

function plain(resource: string): string {
  return resource.toLowerCase().replace(/\/+$/, '');
}

function unusable(what: string): CliError {
  return new CliError('network', `the identity provider answered with ${what}`, {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
  });
}
