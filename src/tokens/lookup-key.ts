import { createHmac } from 'node:crypto';
import type { TokenRequest } from '../core/oauth.ts';

/** Two calls get the same cached token if and only if all of these are equal. */
export interface TokenLookup
  extends Pick<TokenRequest, 'authority' | 'tenantId' | 'clientId' | 'flow' | 'scopes' | 'claims'> {
  /** Id of the signed-in account; absent when the application signs in for itself. */
  readonly account?: string;
  /** Identifies the client's credential without containing it. */
  readonly credential: string;
}

/**
 * The name of a cached token's record: 128 bits of HMAC-SHA256 under the encryption key, so that
 * the name reveals nothing without that key. Order and case of scopes do not matter.
 * @returns 32 hex digits
 */
export function recordLookupKey(encryptionKey: Uint8Array, lookup: TokenLookup): string {
  const { authority, tenantId, clientId, flow, account = null, claims = null, credential } = lookup;
  const scopes = [...new Set(lookup.scopes.map((scope) => scope.toLowerCase()))].sort();
  const parts = [authority.url, tenantId, clientId, flow, account, scopes, claims, credential];
  return keyed(encryptionKey, ['entry', ...parts]);
}

/** The name of the record that holds the profile's sign-in. */
export function sessionLookupKey(encryptionKey: Uint8Array): string {
  return keyed(encryptionKey, ['session']);
}

function keyed(encryptionKey: Uint8Array, parts: readonly unknown[]): string {
  return createHmac('sha256', encryptionKey)
    .update(JSON.stringify(parts))
    .digest('hex')
    .slice(0, 32);
}
