import type { FlowName } from '../core/flow-names.ts';
import type { Account } from '../core/oauth.ts';

/** An access token as the cache keeps it. Times in seconds since the epoch. */
export interface TokenRecord {
  readonly accessToken: string;
  readonly expiresOn: number;
  readonly tokenType: string;
  readonly scopes: readonly string[];
  readonly obtainedOn: number;
  readonly tenantId: string;
  readonly clientId: string;
  readonly flow: FlowName;
  /** For people: the user name, if there is one. */
  readonly account?: string;
  /** Digest of what the profile said: a token of another wording is not kept. */
  readonly profileDigest: string;
}

/**
 * A person's sign-in, one per profile: it renews the access tokens of every resource without asking
 * again. It outlives changes of the profile that leave client and authority as they are.
 */
export interface SessionRecord {
  readonly record: 'session';
  /** Origin of the Entra authority, whatever the tenant; or the issuer. */
  readonly root: string;
  readonly clientId: string;
  /** Whether the client proved itself with a credential. */
  readonly confidential: boolean;
  readonly account: Account;
  /** Gone once it was refused: it is never sent again. */
  readonly refreshToken?: string;
  /** Seconds since the epoch, where the server says so. */
  readonly refreshTokenExpiresOn?: number;
  /** Who was asked for. */
  readonly loginHint?: string;
  /** Seconds since the epoch. */
  readonly signedInOn: number;
  readonly renewedOn: number;
}

/** A clock that was set back makes tokens look as if they came from the future. */
const TOLERATED_SKEW = 300;

export function asTokenRecord(value: unknown): TokenRecord | undefined {
  const record = value as Partial<TokenRecord> | null | undefined;
  return typeof record?.accessToken === 'string' &&
    typeof record.expiresOn === 'number' &&
    typeof record.obtainedOn === 'number' &&
    typeof record.profileDigest === 'string'
    ? (record as TokenRecord)
    : undefined;
}

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

/** Seconds of life left; none for a token that was obtained in the future. */
export function lifeLeft(record: TokenRecord, now: number): number {
  return record.obtainedOn > now + TOLERATED_SKEW ? 0 : record.expiresOn - now;
}
