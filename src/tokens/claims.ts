import type { JsonObject } from './jwt.ts';

/** Reading claims that nobody has checked: a claim of an unexpected type counts as absent. */

// ECMA-262 section 21.4.1.1: a Date beyond this many milliseconds throws when it is printed.
const LAST_SECOND = 8.64e12;

export function textClaim(claims: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first of several names that is there: `appid` in v1.0 is `azp` in v2.0. */
export function firstText(claims: JsonObject, ...names: string[]): string | undefined {
  for (const name of names) {
    const text = textClaim(claims, name);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A list of strings, or a single one. */
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
 * @returns seconds since the epoch; undefined unless it is a date that can be shown
 */
export function dateClaim(claims: JsonObject, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'number' && Math.abs(value) <= LAST_SECOND ? value : undefined;
}

/**
 * One claim by name. A dot steps into an object or, with a number, into a list; a name that itself
 * holds dots (as the URIs of custom claims do) is found too.
 * @returns undefined if there is none; a claim that is null is null
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
