import { type EntryParts, plainKey, recordKey, sessionKey } from './entry-key.ts';
import type { PlainFacts, PlainRecord, SessionRecord, TokenRecord } from './records.ts';

/** What a save puts into the file; everything else that is good stays. */
export interface CacheChange {
  readonly token?: {
    readonly parts: EntryParts;
    readonly record: TokenRecord;
    /** Set if a call without flags would be answered with this record. */
    readonly plain?: PlainFacts | undefined;
  };
  /** In the place of the one before. */
  readonly session?: SessionRecord | undefined;
}

interface Whose {
  readonly profile: string;
  readonly profileDigest: string;
}

/** Name to content. The plain record is first: the file is searched from its beginning. */
export function recordsOf(
  key: Uint8Array,
  { token, session }: CacheChange,
  { profile, profileDigest }: Whose,
): ReadonlyMap<string, unknown> {
  const records = new Map<string, unknown>();
  if (token) {
    const entry = recordKey(key, token.parts);
    if (token.plain) {
      const content: PlainRecord = { ...token.plain, profile, profileDigest, entry };
      records.set(plainKey(key), content);
    }
    records.set(entry, token.record);
  }
  if (session) records.set(sessionKey(key), session);
  return records;
}
