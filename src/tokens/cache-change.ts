import { recordKey, sessionKey, type TokenLookup } from './lookup-key.ts';
import type { SessionRecord, TokenRecord } from './records.ts';

/** What a save puts into the file; everything else that is good stays. */
export interface CacheChange {
  readonly token?: {
    readonly lookup: TokenLookup;
    readonly record: TokenRecord;
  };
  /** In the place of the one before. */
  readonly session?: SessionRecord | undefined;
}

/** Name to content. */
export function recordsOf(
  key: Uint8Array,
  { token, session }: CacheChange,
): ReadonlyMap<string, unknown> {
  const records = new Map<string, unknown>();
  if (token) records.set(recordKey(key, token.lookup), token.record);
  if (session) records.set(sessionKey(key), session);
  return records;
}
