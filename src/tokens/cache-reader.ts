import { refuseUnsafe } from '../core/files/failure.ts';
import { tryReadPrivate } from '../core/files/private-read.ts';
import type { Release } from '../core/ports.ts';
import { type CacheHeader, LARGEST_CACHE, readHeader } from './cache-file.ts';
import {
  type EncryptionKey,
  type KeyStore,
  obtainEncryptionKey,
  readEncryptionKey,
} from './encryption-key.ts';

export interface CacheOptions {
  readonly folder: string;
  readonly profile: string;
  /** Digest of the profile's current content (`profileDigest`). */
  readonly profileDigest: string;
  readonly keys: KeyStore;
  /** Takes the lock under which a new encryption key is created. */
  lockForKey(): Promise<Release>;
  warn(line: string): void;
  /** Seconds since the epoch. */
  now(): number;
}

/** A cache file whose key was found. */
export interface OpenCacheFile {
  readonly bytes: Buffer;
  readonly header: CacheHeader;
  readonly key: EncryptionKey;
}

/** Reads the cache file and its key. Each key is read from the store once. */
export function createCacheReader(options: CacheOptions, path: string) {
  const { folder, profile, keys, warn } = options;
  const warned = new Set<string>();
  const warnOnce = (line: string) => {
    if (!warned.has(line)) warn(line);
    warned.add(line);
  };
  const warnDamaged = () =>
    warnOnce(`what is damaged in the token cache of profile '${profile}' is not used`);
  const warnKeyLost = () =>
    warnOnce(
      `the key of the token cache is gone from the secret store; remove ${folder} to start a new cache`,
    );
  const knownKeys = new Map<string, EncryptionKey>();
  let newKey: EncryptionKey | undefined;
  let isKeyLost = false;

  const keyOf = async (id: string): Promise<EncryptionKey | undefined> => {
    const key = knownKeys.get(id) ?? (await readEncryptionKey(keys, id));
    if (key) knownKeys.set(id, key);
    return key;
  };

  /** @returns undefined if there is no file, or its key is not in the configured store */
  const open = async (): Promise<OpenCacheFile | undefined> => {
    const bytes = readBytes(path, warnDamaged);
    if (!bytes) return undefined;
    const header = readHeader(bytes);
    if (!header) {
      warnDamaged();
      return undefined;
    }
    if (header.store !== keys.kind) return undefined;
    const key = await keyOf(header.key);
    if (key) return { bytes, header, key };
    isKeyLost = true;
    warnKeyLost();
    return undefined;
  };

  /**
   * @returns the file if it can be opened, and the key to write with; neither if the key is lost
   */
  const openForSaving = async (): Promise<{ opened?: OpenCacheFile; key?: EncryptionKey }> => {
    const opened = await open();
    if (opened) return { opened, key: opened.key };
    if (isKeyLost) return {};
    newKey ??= await obtainEncryptionKey(folder, keys, options.lockForKey);
    if (!newKey) warnKeyLost();
    return newKey ? { key: newKey } : {};
  };

  return { open, openForSaving, warnDamaged };
}

function readBytes(path: string, warnDamaged: () => void): Buffer | undefined {
  const read = tryReadPrivate(path, LARGEST_CACHE);
  if (Buffer.isBuffer(read)) return read;
  refuseUnsafe(path, read);
  if (read.what !== 'absent') warnDamaged();
  return undefined;
}
