import { GRAPH_IDS } from '../core/clouds.ts';
import { CliError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import { parseJsonObject } from '../core/json.ts';
import { sameName } from '../core/names.ts';
import type { AccessToken, RotatedToken } from '../core/oauth.ts';
import { CHECK_AUTHORITY_HINT, parseAnswer, quoteServer, readOAuthError } from './oauth-error.ts';
import { comparableResource, isOfResource, lowerResource, permissionOf } from './scopes.ts';

/** A successful response of the token endpoint (RFC 6749 section 5.1). Already validated. */
export interface TokenResponse extends AccessToken {
  readonly rotated?: RotatedToken | undefined;
}

/** Seconds: a year. An access token that lives longer is asked for anew then. */
const LONGEST_LIFE = 31_536_000;
/**
 * Seconds. RFC 6749 section 5.1 only recommends `expires_in`. Nobody knows then when the token ends,
 * so that it is served from the cache for a few minutes at most.
 */
const UNKNOWN_LIFE = 600;
/** In seconds; in milliseconds it is a day of 1973. */
const YEAR_5138 = 1e11;
/** Microsoft Graph: the only resource that Entra leaves out of the scopes in its response. */
const GRAPH_URL = /^https:\/\/(?:graph|dod-graph|microsoftgraph|canary\.graph)\.[a-z.]+$/;
const TOKEN = /^[\x21-\x7e]{1,65536}$/;
/** RFC 6749 appendix A.17 allows blanks in it. */
const REFRESH_TOKEN = /^[\x20-\x7e]{1,65536}$/;

/**
 * @param asked the requested scopes
 * @param sentOn seconds since the epoch: when the request was sent, from which lives are counted
 * @param host of the endpoint, for error messages
 * @throws CliError auth_failed, interaction_required, token_expired or network if it is not such a
 *   response
 */
export function readTokenResponse(
  response: HttpResponse,
  asked: readonly string[],
  sentOn: number,
  host: string,
): TokenResponse {
  if (response.status < 200 || response.status > 299) throw readOAuthError(response, host);
  const body = parseAnswer(response.body);
  if (body === undefined || 'error' in body) throw readOAuthError(response, host);
  const { access_token, token_type, expires_in, scope } = body;
  if (typeof access_token !== 'string' || !TOKEN.test(access_token)) throw unusable('no token');
  if (typeof token_type !== 'string' || !sameName(token_type, 'bearer')) {
    throw unusable('a token that is not of the type Bearer');
  }
  const expiresIn = readSeconds(expires_in ?? lifeByClaims(access_token) ?? UNKNOWN_LIFE);
  if (expiresIn === undefined) throw unusable('a token without a usable life time');
  const granted = scopesOf(scope);
  checkGranted(asked, granted);
  const rotated = refreshTokenOf(body, sentOn);
  return {
    accessToken: access_token,
    tokenType: 'Bearer',
    expiresOn: Math.floor(sentOn + Math.min(expiresIn, LONGEST_LIFE)),
    scopes: granted ?? asked,
    rotated,
  };
}

/** The refresh token of a response with status 2xx, whatever else is wrong with the response. */
export function readRefreshToken(
  { status, body }: HttpResponse,
  sentOn: number,
): RotatedToken | undefined {
  if (status < 200 || status > 299) return undefined;
  return refreshTokenOf(parseAnswer(body) ?? {}, sentOn);
}

/** Entra and Keycloak name its life differently; no standard does. 0 means that it does not expire. */
function refreshTokenOf(body: Record<string, unknown>, sentOn: number): RotatedToken | undefined {
  const refreshToken = body['refresh_token'];
  if (typeof refreshToken !== 'string' || !REFRESH_TOKEN.test(refreshToken)) return undefined;
  const life = readSeconds(body['refresh_token_expires_in'] ?? body['refresh_expires_in']);
  if (life === undefined || life > LONGEST_LIFE) return { refreshToken };
  return { refreshToken, refreshTokenExpiresOn: Math.floor(sentOn + life) };
}

/** Some servers send a list instead of a string. @returns undefined if there is none */
function scopesOf(scope: unknown): string[] | undefined {
  const names = [scope]
    .flat()
    .flatMap((each) => (typeof each === 'string' ? each.split(/\s+/) : []));
  const granted = names.filter(Boolean);
  return granted.length > 0 ? granted : undefined;
}

/** Some servers send numbers as strings. @returns undefined unless it is a second at least */
export function readSeconds(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number >= 1 ? number : undefined;
}

/**
 * The life that a JWT tells of itself, whatever this machine's clock says. Some issuers count
 * milliseconds, which tells nothing.
 */
function lifeByClaims(accessToken: string): unknown {
  const [, payload = ''] = accessToken.split('.');
  const claims = parseJsonObject(Buffer.from(payload, 'base64url').toString());
  const { exp, iat, nbf } = claims ?? {};
  const start = iat ?? nbf;
  const isTold = typeof exp === 'number' && exp < YEAR_5138 && typeof start === 'number';
  return isTold ? exp - start : undefined;
}

/**
 * Rejects a token for other scopes than the requested ones, which a server that ignores `scope`
 * sends.
 */
function checkGranted(asked: readonly string[], granted: readonly string[] | undefined): void {
  const wanted = asked.filter(isOfResource);
  if (granted === undefined || wanted.length === 0) return;
  if (granted.some((one) => wanted.some((other) => isSameResource(one, other)))) return;
  const given = quoteServer(granted.join(' '));
  throw unusable(`a token for '${given}' instead of '${asked.join(' ')}'`);
}

/** If one of the two scopes has no resource, the permissions alone decide. */
function isSameResource(granted: string, wanted: string): boolean {
  const [one, other] = [lowerResource(granted), lowerResource(wanted)];
  if (one && other) return comparableResource(granted) === comparableResource(wanted);
  const isGraph = GRAPH_URL.test(one || other) || GRAPH_IDS.includes(one || other);
  return permissionOf(granted) === permissionOf(wanted) || (isGraph && isOfResource(granted));
}

function unusable(what: string): CliError {
  return new CliError('network', `the identity provider answered with ${what}`, {
    hint: CHECK_AUTHORITY_HINT,
  });
}
