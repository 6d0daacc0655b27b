import { splitJson } from '../core/json-parts.ts';
import type { JsonObject } from './jwt.ts';

/**
 * Reads claims of a token that has not been verified. A claim of an unexpected type counts as
 * absent.
 */

/** The largest time in seconds that a Date can print (ECMA-262, "Time Values and Time Range"). */
export const LAST_SECOND = 8.64e12;
/** In seconds; in milliseconds it is a day of 1973. */
const YEAR_5138 = 1e11;

/** A claim of any type. A name that every object has, such as `constructor`, is none. */
function claimOf(claims: JsonObject, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** False for null, which says as little as no claim. */
export function hasClaim(claims: JsonObject, name: string): boolean {
  return (claimOf(claims, name) ?? null) !== null;
}

export function textClaim(claims: JsonObject, name: string): string | undefined {
  const value = claimOf(claims, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first of several claims that exists: `appid` of v1.0 tokens is `azp` in v2.0 tokens. */
export function firstText(claims: JsonObject, ...names: string[]): string | undefined {
  return names.map((name) => textClaim(claims, name)).find((text) => text !== undefined);
}

/** A claim that is a list of strings or a single string. */
export function listClaim(claims: JsonObject, name: string): string[] {
  const value = claimOf(claims, name);
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Delegated permissions: `scp` of Entra, `scope` of RFC 9068 section 2.2.3. */
export function scopesOf(claims: JsonObject): string[] {
  const name = Object.hasOwn(claims, 'scp') ? 'scp' : 'scope';
  return listClaim(claims, name).flatMap((item) => item.split(' ').filter(Boolean));
}

export function rolesOf(claims: JsonObject): string[] {
  return listClaim(claims, 'roles');
}

export function audiencesOf(claims: JsonObject): string[] {
  return listClaim(claims, 'aud');
}

export function appIdOf(claims: JsonObject): string | undefined {
  return firstText(claims, 'appid', 'azp', 'client_id');
}

/**
 * A NumericDate (RFC 7519 section 2).
 * @returns seconds since the epoch; undefined if it is absent, or too large for a Date
 */
export function dateClaim(claims: JsonObject, name: string): number | undefined {
  const value = claimOf(claims, name);
  return typeof value === 'number' && Math.abs(value) <= LAST_SECOND ? value : undefined;
}

/** When a token was issued, and from when to when it is valid: `iat`, `nbf` and `exp`. */
export function timesOf(claims: JsonObject) {
  return {
    issuedAt: dateClaim(claims, 'iat'),
    notBefore: dateClaim(claims, 'nbf'),
    expiresOn: dateClaim(claims, 'exp'),
  };
}

/**
 * The dates that are too far away to be meant in seconds. Some issuers write milliseconds, so that a
 * token seems never to end.
 */
export function farDates(claims: JsonObject): string[] {
  return ['iat', 'nbf', 'exp', 'auth_time'].filter(
    (name) => (dateClaim(claims, name) ?? 0) >= YEAR_5138,
  );
}

/**
 * Finds a claim by path: `a.b` is member `b` of claim `a`, `a.0` the first item of list `a`. A name
 * that itself contains dots is found too, such as the URI of a custom claim.
 * @param json the text of the claims
 * @returns the JSON text of the claim, in which a number has all its digits
 */
export function findClaim(json: string, path: string): string | undefined {
  const members = splitJson(json);
  const whole = members?.get(path);
  if (!members || whole !== undefined) return whole;
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const member = members.get(path.slice(0, dot));
    const found = member && findClaim(member, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
