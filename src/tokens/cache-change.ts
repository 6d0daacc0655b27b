import { type CacheHeader, openRecord, type SealedRecord } from './cache-file.ts';
import { type EntryParts, plainKey, recordKey, sessionKey } from './lookup-key.ts';
import {
  asPlainRecord,
  type PlainFacts,
  type PlainRecord,
  type SessionRecord,
  type TokenRecord,
} from './records.ts';

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

/** Name to content. */
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

/** The quick lane reads the beginning of the file only, however long it has become. */
export function plainFirst(
  records: readonly SealedRecord[],
  header: CacheHeader,
  key: Uint8Array,
  profile: string,
): SealedRecord[] {
  const plain = records.find(({ name }) => name === plainKey(key));
  if (!plain) return [...records];
  const entry = asPlainRecord(openRecord(key, header, profile, plain))?.entry;
  const token = records.filter(({ name }) => name === entry);
  return [plain, ...token, ...records.filter((each) => each !== plain && each.name !== entry)];
}
