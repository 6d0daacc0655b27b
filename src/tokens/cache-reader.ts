import { CliError, systemReason } from '../core/errors.ts';
import { refuseUnsafe } from '../core/files/failure.ts';
import { tryReadPrivate } from '../core/files/private-read.ts';
import type { Release, StoreKind } from '../core/ports.ts';
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

/** The file exists but cannot be opened now. It is not replaced, because it may be readable later. */
const STAYS = 'stays';

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
  let known: EncryptionKey | undefined;

  /** @returns undefined if there is no file, or, after a warning, if nothing in it can be used */
  const read = (): Omit<OpenCacheFile, 'key'> | typeof STAYS | undefined => {
    const bytes = tryReadPrivate(path, LARGEST_CACHE);
    if (Buffer.isBuffer(bytes)) {
      const header = readHeader(bytes);
      if (!header) warnDamaged();
      return header && { bytes, header };
    }
    refuseUnsafe(path, bytes);
    if (bytes.what === 'error') {
      const why = systemReason(bytes.cause);
      warnOnce(`cannot read ${path}: ${why}; see tokencli doctor`);
      return STAYS;
    }
    if (bytes.what !== 'absent') warnDamaged();
    return undefined;
  };

  /** @returns the name of the other store, if the key of the file is there */
  const look = async (): Promise<OpenCacheFile | typeof STAYS | StoreKind | undefined> => {
    const file = read();
    if (file === undefined || file === STAYS) return file;
    if (file.header.store !== keys.kind) return file.header.store;
    const id = file.header.key;
    if (known?.id !== id) known = await readEncryptionKey(keys, id);
    if (known) return { ...file, key: known };
    warnKeyLost();
    return STAYS;
  };

  return {
    /** @returns undefined if there is no file, or none that can be opened with the store in use */
    open: async (): Promise<OpenCacheFile | undefined> => {
      const found = await look();
      return typeof found === 'object' ? found : undefined;
    },
    /**
     * @returns the file if it can be opened, and the key to write with; neither, after a warning, if
     *   what is there must stay
     * @throws CliError io if it belongs to the other store
     */
    openForSaving: async (): Promise<{ opened?: OpenCacheFile; key?: EncryptionKey }> => {
      const found = await look();
      if (typeof found === 'object') return { opened: found, key: found.key };
      if (found === STAYS) return {};
      if (found !== undefined) {
        const what = `${path} belongs to the store '${found}'; tokencli logout -p ${profile} forgets it`;
        throw new CliError('io', what);
      }
      known ??= await obtainEncryptionKey(folder, keys, options.lockForKey);
      if (!known) warnKeyLost();
      return known ? { key: known } : {};
    },
    warnDamaged,
  };
}
