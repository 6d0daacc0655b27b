import { CliError } from '../core/errors.ts';
import type { Release } from '../core/ports.ts';
import { ensurePrivateFolder, readPrivateFile, writePrivateFile } from '../core/private-file.ts';
import { type CacheChange, recordsOf } from './cache-change.ts';
import {
  type CacheHeader,
  cachePath,
  findRecord,
  formatCacheFile,
  LARGEST_CACHE,
  openRecord,
  readHeader,
  readRecords,
  type SealedRecord,
  sealRecord,
} from './cache-file.ts';
import { type CacheKey, type KeyStore, obtainCacheKey, readCacheKey } from './encryption-key.ts';
import { recordKey, sessionKey, type TokenLookup } from './lookup-key.ts';
import { asSessionRecord, asTokenRecord, type SessionRecord, type TokenRecord } from './records.ts';

export interface CacheSetting {
  readonly folder: string;
  readonly profile: string;
  /** Digest of what the profile says now. */
  readonly profileDigest: string;
  readonly keys: KeyStore;
  /** The lock under which a new cache key is made. */
  lockForKey(): Promise<Release>;
  warn(line: string): void;
  /** Seconds since the epoch. */
  now(): number;
}

/** The sealed tokens of one profile. */
export interface TokenCache {
  /**
   * The record for exactly this token, however old. Damage is a warning and counts as absence.
   * @throws CliError store_unavailable
   */
  find(lookup: TokenLookup): Promise<TokenRecord | undefined>;
  /** The sign-in, if a person did. @throws CliError store_unavailable */
  session(): Promise<SessionRecord | undefined>;
  /**
   * Makes sure of the key that `save` needs.
   * @returns false if the key is gone, so that nothing can be kept
   * @throws CliError store_unavailable, io, busy
   */
  prepare(): Promise<boolean>;
  /**
   * Puts a record into the file as it is now; the caller holds the profile's lock. Records that have
   * expired, or that the profile's former wording obtained, go.
   * @throws CliError store_unavailable, io
   */
  save(change: CacheChange): Promise<void>;
}

interface OpenFile {
  readonly bytes: Buffer;
  readonly header: CacheHeader;
  readonly key: CacheKey;
}

export function openCache(setting: CacheSetting): TokenCache {
  const { profile } = setting;
  const path = cachePath(setting.folder, profile);
  const { openFile, keyForSaving, warnDamaged } = openKeys(setting, path);
  const read = async <T>(
    nameOf: (cacheKey: Uint8Array) => string,
    asRecord: (content: unknown) => T | undefined,
  ): Promise<T | undefined> => {
    const file = await openFile();
    const sealed = file && findRecord(file.bytes, nameOf(file.key.key));
    if (!sealed) return undefined;
    const record = asRecord(openRecord(file.key.key, file.header, profile, sealed));
    if (!record) warnDamaged();
    return record;
  };
  return {
    find: (lookup) => read((key) => recordKey(key, lookup), asTokenRecord),
    session: () => read(sessionKey, asSessionRecord),
    prepare: async () => (await keyForSaving()).key !== undefined,
    save: async (change) => {
      const { file, key } = await keyForSaving();
      if (!key) return;
      const header: CacheHeader = { store: setting.keys.kind, key: key.id };
      const kept = file ? keepLiving(file, setting, warnDamaged) : [];
      const fresh = recordsOf(key.key, change);
      const written = [...fresh].map(([name, content]) =>
        sealRecord(key.key, header, profile, name, content),
      );
      const others = kept.filter(({ name }) => !fresh.has(name));
      ensurePrivateFolder(setting.folder);
      writePrivateFile(path, formatCacheFile(header, [...written, ...others]));
    },
  };
}

/** The file together with the key that opens it; each key is read from the secret store once. */
function openKeys(setting: CacheSetting, path: string) {
  const opened = new Map<string, CacheKey>();
  let newKey: CacheKey | undefined;
  let lost = false;

  const warnDamaged = once(() =>
    setting.warn(
      `the cached tokens of profile '${setting.profile}' are damaged; they are not used`,
    ),
  );
  const warnLost = once(() =>
    setting.warn(
      `the key of the token cache is gone from the secret store; remove ${setting.folder} to start a new cache`,
    ),
  );

  const keyOf = async (id: string): Promise<CacheKey | undefined> => {
    const key = opened.get(id) ?? (await readCacheKey(setting.keys, id));
    if (key) opened.set(id, key);
    return key;
  };

  /** The file, if there is one that the store of now can open. */
  const openFile = async (): Promise<OpenFile | undefined> => {
    const bytes = readBytes(path, warnDamaged);
    if (!bytes) return undefined;
    const header = readHeader(bytes);
    if (!header) {
      warnDamaged();
      return undefined;
    }
    if (header.store !== setting.keys.kind) return undefined;
    const key = await keyOf(header.key);
    if (key) return { bytes, header, key };
    lost = true;
    warnLost();
    return undefined;
  };

  const keyForSaving = async (): Promise<{ file?: OpenFile; key?: CacheKey }> => {
    const file = await openFile();
    if (file) return { file, key: file.key };
    if (lost) return {};
    newKey ??= await obtainCacheKey(setting.folder, setting.keys, setting.lockForKey);
    if (!newKey) warnLost();
    return newKey ? { key: newKey } : {};
  };

  return { openFile, keyForSaving, warnDamaged };
}

function readBytes(path: string, warnDamaged: () => void): Buffer | undefined {
  try {
    return readPrivateFile(path, LARGEST_CACHE);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    warnDamaged();
    return undefined;
  }
}

/** Opens every record; a single damaged one makes the file count as empty. */
function keepLiving(
  file: OpenFile,
  setting: CacheSetting,
  warnDamaged: () => void,
): SealedRecord[] {
  const now = setting.now();
  const kept: SealedRecord[] = [];
  const records = readRecords(file.bytes);
  for (const sealed of records ?? []) {
    const content = openRecord(file.key.key, file.header, setting.profile, sealed);
    const token = asTokenRecord(content);
    if (asSessionRecord(content)) {
      kept.push(sealed);
      continue;
    }
    if (!token) {
      warnDamaged();
      return [];
    }
    const current = token.profileDigest === setting.profileDigest;
    if (current && token.expiresOn > now) kept.push(sealed);
  }
  if (!records) warnDamaged();
  return kept;
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
