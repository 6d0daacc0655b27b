import type { AccessToken, Account, TokenRequest } from '../core/oauth.ts';

/** A cached access token. Times are in seconds since the epoch. */
export interface TokenRecord
  extends AccessToken,
    Pick<TokenRequest, 'tenantId' | 'clientId' | 'flow'> {
  readonly obtainedOn: number;
  /** User name of the signed-in account, for messages only. */
  readonly account?: string;
  /** Id of that account; absent in what versions before this one have written. */
  readonly accountId?: string;
  /**
   * Digest of the profile that obtained it (`profileDigest`). After the profile has changed, the
   * token is removed.
   */
  readonly profileDigest: string;
}

/**
 * A person's sign-in; each profile has at most one. Its refresh token gets access tokens for every
 * resource without asking the person again. It stays when the profile changes, unless the client or
 * the authority becomes another one.
 */
export interface SessionRecord {
  readonly record: 'session';
  /** Origin of the Entra authority, without the tenant; or URL of the issuer. */
  readonly root: string;
  readonly clientId: string;
  /** True if the client authenticated with a credential. */
  readonly confidential: boolean;
  readonly account: Account;
  /** Absent after the server has rejected it, so that it is not sent again. */
  readonly refreshToken?: string | undefined;
  /** Seconds since the epoch; absent if the server does not say. */
  readonly refreshTokenExpiresOn?: number | undefined;
  /** The login hint of the request. */
  readonly loginHint?: string | undefined;
  /** Both in seconds since the epoch. */
  readonly signedInOn: number;
  readonly renewedOn: number;
}

/** Seconds. A token obtained further in the future shows that the clock was set back since. */
const TOLERATED_SKEW = 300;

/** @returns undefined if the value is not a token record */
export function asTokenRecord(value: unknown): TokenRecord | undefined {
  const record = value as Partial<TokenRecord> | null | undefined;
  return typeof record?.accessToken === 'string' &&
    typeof record.expiresOn === 'number' &&
    typeof record.obtainedOn === 'number' &&
    typeof record.profileDigest === 'string'
    ? (record as TokenRecord)
    : undefined;
}

/** @returns undefined if the value is not a session record */
export function asSessionRecord(value: unknown): SessionRecord | undefined {
  const record = value as Partial<SessionRecord> | null | undefined;
  return record?.record === 'session' &&
    typeof record.root === 'string' &&
    typeof record.clientId === 'string' &&
    typeof record.account?.id === 'string' &&
    (record.refreshToken === undefined || typeof record.refreshToken === 'string')
    ? (record as SessionRecord)
    : undefined;
}

/** True if both are of one person's sign-in, or both of the app that signs in itself in a tenant. */
export function isOfSameSignIn(one: TokenRecord, other: TokenRecord): boolean {
  if (one.clientId !== other.clientId) return false;
  if (one.account === undefined || other.account === undefined) {
    return one.account === other.account && one.tenantId === other.tenantId;
  }
  const ids = [one.accountId, other.accountId];
  return ids.includes(undefined) || ids[0] === ids[1];
}

/**
 * Seconds until it expires. 0 if the clock was set back since it was obtained, because then nobody
 * knows.
 */
export function lifeLeft(record: TokenRecord, now: number): number {
  return record.obtainedOn > now + TOLERATED_SKEW ? 0 : record.expiresOn - now;
}
