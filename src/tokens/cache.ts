import { writePrivateFile } from '../core/files/private-file.ts';
import { ensurePrivateFolder } from '../core/files/private-folder.ts';
import {
  type CacheHeader,
  cachePath,
  findRecord,
  formatCacheFile,
  openRecord,
  readRecords,
  type SealedRecord,
  sealRecord,
} from './cache-file.ts';
import { type CacheOptions, createCacheReader, type OpenCacheFile } from './cache-reader.ts';
import { recordLookupKey, sessionLookupKey, type TokenLookup } from './lookup-key.ts';
import {
  asSessionRecord,
  asTokenRecord,
  isOfSameSignIn,
  type SessionRecord,
  type TokenRecord,
} from './records.ts';

/** What `TokenCache.save` writes. Other records that are still valid stay in the file. */
export interface CacheChange {
  readonly token?: {
    readonly lookup: TokenLookup;
    readonly record: TokenRecord;
  };
  /** Replaces the stored sign-in. */
  readonly session?: SessionRecord | undefined;
  /** A token to remove. */
  readonly drop?: TokenLookup;
  /** Remove all other tokens of the same sign-in, because they may have been revoked. */
  readonly displaces?: boolean;
}

/** The encrypted tokens of one profile. */
export interface TokenCache {
  /**
   * The record for exactly this token, even if it has expired. A damaged file is reported by a
   * warning and treated as if it did not exist.
   * @throws CliError store_unavailable
   */
  find(lookup: TokenLookup): Promise<TokenRecord | undefined>;
  /** The stored sign-in; undefined if nobody has signed in. @throws CliError store_unavailable */
  session(): Promise<SessionRecord | undefined>;
  /**
   * Reads, or creates, the key that `save` needs.
   * @returns false, after a warning, if the file that is there must stay as it is, because it cannot
   *   be read or its key is gone from the store
   * @throws CliError store_unavailable, busy, io; io also if the file belongs to the other store
   */
  prepare(): Promise<boolean>;
  /**
   * Adds records to the file. The caller holds the lock `cacheLock(profile)`. Tokens that have
   * expired, or that an earlier version of the profile obtained, are removed.
   * @throws CliError store_unavailable, io
   */
  save(change: CacheChange): Promise<void>;
}

export function openCache(options: CacheOptions): TokenCache {
  const { folder, profile } = options;
  const path = cachePath(folder, profile);
  const file = createCacheReader(options, path);

  const read = async <T>(
    nameOf: (key: Uint8Array) => string,
    parse: (content: unknown) => T | undefined,
  ): Promise<T | undefined> => {
    const opened = await file.open();
    const sealed = opened && findRecord(opened.bytes, nameOf(opened.key.key));
    if (!opened || !sealed) return undefined;
    const content = openRecord(opened.key.key, opened.header, profile, sealed);
    if (content === undefined) file.warnDamaged();
    return parse(content);
  };

  return {
    find: (lookup) => read((key) => recordLookupKey(key, lookup), asTokenRecord),
    session: () => read(sessionLookupKey, asSessionRecord),
    prepare: async () => (await file.openForSaving()).key !== undefined,
    save: async (change) => {
      const { opened, key } = await file.openForSaving();
      if (!key) return;
      const header: CacheHeader = { store: options.keys.kind, key: key.id };
      const kept = opened ? keepValid(opened, options, change, file.warnDamaged) : [];
      const fresh = recordsOf(key.key, change);
      const written = [...fresh].map(([name, content]) =>
        sealRecord(key.key, header, profile, name, content),
      );
      const dropped = change.drop && recordLookupKey(key.key, change.drop);
      const others = kept.filter(({ name }) => !fresh.has(name) && name !== dropped);
      ensurePrivateFolder(folder);
      writePrivateFile(path, formatCacheFile(header, [...written, ...others]));
    },
  };
}

/** @returns the content of each record by its lookup key */
function recordsOf(key: Uint8Array, { token, session }: CacheChange): ReadonlyMap<string, unknown> {
  const records = new Map<string, unknown>();
  if (token) records.set(recordLookupKey(key, token.lookup), token.record);
  if (session) records.set(sessionLookupKey(key), session);
  return records;
}

/**
 * The records that are still valid. A damaged record is left out with a warning, one of a shape that
 * this version does not know without.
 */
function keepValid(
  file: OpenCacheFile,
  options: CacheOptions,
  { token: newest, displaces }: CacheChange,
  warnDamaged: () => void,
): SealedRecord[] {
  const now = options.now();
  const isValid = (token: TokenRecord) =>
    token.profileDigest === options.profileDigest &&
    token.expiresOn > now &&
    !(displaces && newest && isOfSameSignIn(token, newest.record));
  return readRecords(file.bytes).flatMap((sealed) => {
    const content = sealed && openRecord(file.key.key, file.header, options.profile, sealed);
    if (content === undefined) warnDamaged();
    const token = asTokenRecord(content);
    const isKept = token ? isValid(token) : asSessionRecord(content) !== undefined;
    return sealed && isKept ? [sealed] : [];
  });
}
