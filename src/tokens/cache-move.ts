import { readPrivateFile, writePrivateFile } from '../core/files/private-file.ts';
import { ensurePrivateFolder } from '../core/files/private-folder.ts';
import type { StoreKind } from '../core/ports.ts';
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
import type { CacheOptions } from './cache-reader.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { asSessionRecord, asTokenRecord, type SessionRecord, type TokenRecord } from './records.ts';

/** The profile whose tokens they are, and the digest by which a token record names it. */
export type CacheOwner = Pick<CacheOptions, 'profile' | 'profileDigest'>;

/**
 * Writes the records of a cache file to that of another profile name; the old file stays.
 * Synchronous, so that `changeProfiles` can call it. Tokens that belong to an earlier version of the
 * profile keep their old digest and so are not used under the new name either.
 * @throws CliError io
 */
export type CopyCache = (before: CacheOwner, after: CacheOwner) => void;

/**
 * Reads a cache file and its key in order to copy it. A file cannot just be renamed, because the
 * profile's name is part of each record's additional authenticated data.
 * @param keyOf reads the key that the header names; undefined if the store has it no more
 * @returns undefined if there is nothing to copy: no file, a damaged one, or no key
 * @throws CliError store_unavailable
 */
export async function prepareCopy(
  folder: string,
  profile: string,
  keyOf: (store: StoreKind, id: string) => Promise<EncryptionKey | undefined>,
): Promise<CopyCache | undefined> {
  const bytes = readPrivateFile(cachePath(folder, profile), LARGEST_CACHE);
  const header = bytes && readHeader(bytes);
  if (!bytes || !header) return undefined;
  const key = (await keyOf(header.store, header.key))?.key;
  if (!key) return undefined;
  return (before, after) => {
    const moved = readRecords(bytes).flatMap((sealed): SealedRecord[] => {
      const content = sealed && openRecord(key, header, before.profile, sealed);
      const record = moveRecord(content, before, after);
      return sealed && record ? [sealRecord(key, header, after.profile, sealed.name, record)] : [];
    });
    ensurePrivateFolder(folder);
    writePrivateFile(cachePath(folder, after.profile), formatCacheFile(header, moved));
  };
}

/** @returns undefined for what is damaged, or of a shape that this version does not know */
function moveRecord(
  content: unknown,
  before: CacheOwner,
  after: CacheOwner,
): TokenRecord | SessionRecord | undefined {
  const token = asTokenRecord(content);
  if (token?.profileDigest !== before.profileDigest) return token ?? asSessionRecord(content);
  return { ...token, profileDigest: after.profileDigest };
}
