import { createHmac } from 'node:crypto';

/** Two calls get the same cached token if and only if all of these are equal. */
export interface LookupParts {
  /** `Authority.url`. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly flow: string;
  /** Id of the signed-in account; absent when the application signs in for itself. */
  readonly account?: string;
  readonly scopes: readonly string[];
  /** A claims request, as JSON. */
  readonly claims?: string;
  /** Identifies the client's credential without containing it. */
  readonly credential: string;
}

/**
 * The name of a cached token's record: 128 bits of HMAC-SHA256 under the encryption key, so that
 * the name reveals nothing without that key. Order and case of scopes do not matter.
 * @returns 32 hex digits
 */
export function recordLookupKey(encryptionKey: Uint8Array, parts: LookupParts): string {
  const scopes = [...new Set(parts.scopes.map((scope) => scope.toLowerCase()))].sort();
  return keyed(encryptionKey, [
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
export function sessionLookupKey(encryptionKey: Uint8Array): string {
  return keyed(encryptionKey, ['session']);
}

function keyed(encryptionKey: Uint8Array, parts: readonly unknown[]): string {
  return createHmac('sha256', encryptionKey)
    .update(JSON.stringify(parts))
    .digest('hex')
    .slice(0, 32);
}
