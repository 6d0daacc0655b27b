import { createHmac } from 'node:crypto';

/** Everything that makes one access token another one than the next. */
export interface EntryParts {
  /** URL of the authority, or the issuer. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly flow: string;
  /** The signed-in account; absent when the application signs in for itself. */
  readonly account?: string;
  readonly scopes: readonly string[];
  /** A claims request, as JSON. */
  readonly claims?: string;
  /** Changes when the credential changes; not the credential. */
  readonly credential: string;
}

/**
 * The name of a cache record: 128 bits of HMAC-SHA256 under the cache key, so that the file tells
 * nothing about what it holds. The order and case of scopes do not matter.
 * @returns 32 hex digits
 */
export function recordKey(cacheKey: Uint8Array, parts: EntryParts): string {
  const scopes = [...new Set(parts.scopes.map((scope) => scope.toLowerCase()))].sort();
  return keyed(cacheKey, [
    'entry',
    parts.authority,
    parts.tenantId,
    parts.clientId,
    parts.flow,
    parts.account ?? null,
    scopes,
    parts.claims ?? null,
    parts.credential,
  ]);
}

/** The name of the record that holds the profile's sign-in. */
export function sessionKey(cacheKey: Uint8Array): string {
  return keyed(cacheKey, ['session']);
}

function keyed(cacheKey: Uint8Array, parts: readonly unknown[]): string {
  return createHmac('sha256', cacheKey).update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
