import { CliError } from '../core/errors.ts';
import type { HttpResponse } from '../core/ports.ts';
import { readRefusal } from './refusal.ts';
import { resourceOf } from './scopes.ts';

/** A successful answer of the token endpoint (RFC 6749 section 5.1), checked. */
export interface TokenResponse {
  readonly accessToken: string;
  readonly tokenType: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly scopes: readonly string[];
}

const LONGEST_LIFE = 31_536_000;
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
  const body = parse(response.body);
  if (body === undefined || 'error' in body) throw readRefusal(response, host);
  const { access_token, token_type, expires_in, scope } = body;
  // some servers write the number as text
  const expiresIn = typeof expires_in === 'string' ? Number(expires_in) : expires_in;
  if (typeof access_token !== 'string' || !TOKEN.test(access_token)) throw unusable('no token');
  if (typeof token_type !== 'string' || token_type.toLowerCase() !== 'bearer') {
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
  };
}

function isLife(seconds: unknown): seconds is number {
  return Number.isInteger(seconds) && Number(seconds) >= 1 && Number(seconds) <= LONGEST_LIFE;
}

/** A server that ignores `scope` must not make us hand out a token for something else. */
function checkGranted(asked: readonly string[], granted: readonly string[] | undefined): void {
  const wanted = asked.map(resourceOf).filter((resource) => resource !== undefined);
  const given = granted?.map(resourceOf).filter((resource) => resource !== undefined) ?? [];
  const plain = (resource: string) => resource.toLowerCase().replace(/\/+$/, '');
  const matches = given.some((one) => wanted.some((other) => plain(one) === plain(other)));
  if (wanted.length === 0 || given.length === 0 || matches) return;
  throw unusable(`a token for ${given.join(' ')} instead of ${asked.join(' ')}`);
}

function unusable(what: string): CliError {
  return new CliError('network', `the identity provider answered with ${what}`, {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
  });
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
