import { createHmac } from 'node:crypto';
import type { TokenRequest } from '../core/oauth.ts';

/** Everything that makes one access token another one than the next. */
export interface TokenLookup
  extends Pick<TokenRequest, 'authority' | 'tenantId' | 'clientId' | 'flow' | 'scopes' | 'claims'> {
  /** The signed-in account; absent when the application signs in for itself. */
  readonly account?: string;
  /** Changes when the credential changes; not the credential. */
  readonly credential: string;
}

/**
 * The name of a cache record: 128 bits of HMAC-SHA256 under the cache key, so that the file tells
 * nothing about what it holds. The order and case of scopes do not matter.
 * @returns 32 hex digits
 */
export function recordKey(cacheKey: Uint8Array, lookup: TokenLookup): string {
  const { authority, tenantId, clientId, flow, account = null, claims = null, credential } = lookup;
  const scopes = [...new Set(lookup.scopes.map((scope) => scope.toLowerCase()))].sort();
  const parts = [authority.url, tenantId, clientId, flow, account, scopes, claims, credential];
  return keyed(cacheKey, ['entry', ...parts]);
}

/** The name of the record that holds the profile's sign-in. */
export function sessionKey(cacheKey: Uint8Array): string {
  return keyed(cacheKey, ['session']);
}

function keyed(cacheKey: Uint8Array, parts: readonly unknown[]): string {
  return createHmac('sha256', cacheKey).update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
