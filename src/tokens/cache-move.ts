import { ensurePrivateFolder, readPrivateFile, writePrivateFile } from '../core/private-file.ts';
import {
  cachePath,
  formatCacheFile,
  LARGEST_CACHE,
  openRecord,
  readHeader,
  readRecords,
  type SealedRecord,
  sealRecord,
} from './cache-file.ts';
import type { CacheKey } from './encryption-key.ts';

/** A profile as the records of its cache know it. */
export interface CacheOwner {
  readonly profile: string;
  readonly profileDigest: string;
}

/** The cache file of one profile, read and with its key at hand. */
export interface MovableCache {
  /**
   * Writes the records again as those of another name; the old file stays. Synchronous, so that it
   * can be a part of one change. What the old wording of the profile had obtained stays outdated.
   * @throws CliError io
   */
  copyTo(before: CacheOwner, after: CacheOwner): void;
}

/**
 * Records are bound to the name of their profile, so that a file cannot simply be renamed.
 * @param keyOf reads the key that the header names; undefined if it is gone
 * @returns undefined if there is nothing that could be moved: no file, damage, no key
 * @throws CliError store_unavailable
 */
export async function openMovableCache(
  folder: string,
  profile: string,
  keyOf: (store: 'keyring' | 'file', id: string) => Promise<CacheKey | undefined>,
): Promise<MovableCache | undefined> {
  const bytes = readPrivateFile(cachePath(folder, profile), LARGEST_CACHE);
  const header = bytes && readHeader(bytes);
  const records = bytes && readRecords(bytes);
  if (!header || !records) return undefined;
  const key = (await keyOf(header.store, header.key))?.key;
  if (!key) return undefined;
  return {
    copyTo: (before, after) => {
      const moved = records.flatMap((sealed): SealedRecord[] => {
        const content = openRecord(key, header, before.profile, sealed);
        if (typeof content !== 'object' || content === null) return [];
        return [
          sealRecord(key, header, after.profile, sealed.name, rewrite(content, before, after)),
        ];
      });
      ensurePrivateFolder(folder);
      writePrivateFile(cachePath(folder, after.profile), formatCacheFile(header, moved));
    },
  };
}

/** The two fields by which a record says whose it is; every other stays as it is. */
function rewrite(record: object, before: CacheOwner, after: CacheOwner): object {
  const known: Partial<CacheOwner> = record;
  return {
    ...record,
    ...(known.profile === before.profile && { profile: after.profile }),
    ...(known.profileDigest === before.profileDigest && { profileDigest: after.profileDigest }),
  };
}
