import type { JsonObject } from './jwt.ts';

/**
 * Reads claims of a token that has not been verified. A claim of an unexpected type counts as
 * absent.
 */

/** The largest time in seconds that a Date can print (ECMA-262, "Time Values and Time Range"). */
export const LAST_SECOND = 8.64e12;

export function textClaim(claims: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first of several claims that exists: `appid` of v1.0 tokens is `azp` in v2.0 tokens. */
export function firstText(claims: JsonObject, ...names: string[]): string | undefined {
  for (const name of names) {
    const text = textClaim(claims, name);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A claim that is a list of strings or a single string. */
export function listClaim(claims: JsonObject, name: string): string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
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
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'number' && Math.abs(value) <= LAST_SECOND ? value : undefined;
}

/**
 * Finds a claim by path: `a.b` is member `b` of claim `a`, `a.0` the first item of list `a`. A name
 * that itself contains dots is found too, such as the URI of a custom claim.
 * @returns undefined if there is no such claim, so that it differs from a claim that is null
 */
export function findClaim(value: unknown, path: string): { readonly value: unknown } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = value as JsonObject;
  if (Object.hasOwn(members, path) && (!Array.isArray(value) || /^\d+$/.test(path))) {
    return { value: members[path] };
  }
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(members, name)) continue;
    const found = findClaim(members[name], path.slice(dot + 1));
    if (found) return found;
  }
  return undefined;
}
