import type { Context } from 'oidc-provider';

/** One sign-in and all the tokens that come of it. */
export interface Family {
  readonly account: string;
  readonly client: string;
  /** What the sign-in asked for, as it came. */
  readonly scope: string;
  /** Challenges that the person has met. */
  readonly passed: ReadonlySet<string>;
  /** An administrator has ended it. */
  revoked: boolean;
}

export interface Counts {
  /** Refresh tokens that were sent again after they had been redeemed. */
  reuses: number;
  /** Families that ended because of that. */
  revocations: number;
  /** Polls for a device code sooner than the interval allows. */
  earlyPolls: number;
}

/** What the stand-in learns while it runs. Times are milliseconds since the epoch. */
export interface Memory {
  /** By grant id. */
  readonly families: Map<string, Family>;
  /** Scopes that a person consented to, by account and client. */
  readonly consents: Map<string, Set<string>>;
  readonly refreshTokens: Map<string, { readonly expires: number; readonly grant: string }>;
  readonly deviceCodes: Map<string, { readonly expires: number; polled: number }>;
  readonly counts: Counts;
}

export function createMemory(): Memory {
  return {
    families: new Map(),
    consents: new Map(),
    refreshTokens: new Map(),
    deviceCodes: new Map(),
    counts: { reuses: 0, revocations: 0, earlyPolls: 0 },
  };
}

/** The sign-in that the grant of a token request comes of. */
export function familyOf(memory: Memory, ctx: Context): Family | undefined {
  return memory.families.get(ctx.oidc.entities.Grant?.jti ?? '');
}

export function consentsOf(memory: Memory, account: string, client: string): Set<string> {
  const key = `${account} ${client}`;
  const given = memory.consents.get(key) ?? new Set();
  memory.consents.set(key, given);
  return given;
}
