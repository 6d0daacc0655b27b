import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CliError } from '../core/errors.ts';
import { readPrivateFile, writePrivateFile } from '../core/files/private-file.ts';
import { ensurePrivateFolder } from '../core/files/private-folder.ts';
import { parseJsonObject } from '../core/json.ts';
import type { Release, StoreKind } from '../core/ports.ts';
import { KEY_BYTES } from '../core/seal.ts';
import { cachedProfiles, cachePath, LARGEST_CACHE, readHeader } from './cache-file.ts';

/** The part of the secret store that the token cache uses. */
export interface KeyStore {
  readonly kind: StoreKind;
  /** @returns undefined only if the store certainly has no such entry */
  read(id: string): Promise<string | undefined>;
  /** @returns the id under which it was stored, 32 hex digits */
  save(value: string): Promise<string>;
}

export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Bytes of `key.json`, which holds ids only. */
const LARGEST_KEY_FILE = 64 * 1024;
const ID = /^[0-9a-f]{32}$/;

/** @returns undefined if the store certainly has no such key. @throws CliError store_unavailable */
export async function readEncryptionKey(
  keys: Pick<KeyStore, 'read'>,
  id: string,
): Promise<EncryptionKey | undefined> {
  const value = await keys.read(id);
  if (value === undefined) return undefined;
  const key = Buffer.from(value, 'base64');
  if (key.length === KEY_BYTES) return { id, key };
  throw new CliError('store_unavailable', 'the secret store returned a damaged cache key');
}

/**
 * The key for new cache files: the one whose id is in `key.json`, else a new one, which is created
 * under a lock.
 * @returns undefined if the key of existing cache files is gone from the store: a new key would
 *   replace it for good, although the old one may come back with a restored keyring
 * @throws CliError store_unavailable, io, busy
 */
export async function obtainEncryptionKey(
  cacheFolder: string,
  keys: KeyStore,
  lock: () => Promise<Release>,
): Promise<EncryptionKey | undefined> {
  const known = await readRemembered(cacheFolder, keys);
  if (known) return known;
  const release = await lock();
  try {
    const made = await readRemembered(cacheFolder, keys);
    if (made) return made;
    const ids = readKeyIds(cacheFolder);
    const lost = ids[keys.kind];
    if (lost && sealedFilesUse(cacheFolder, lost)) return undefined;
    const key = randomBytes(KEY_BYTES);
    const id = await keys.save(key.toString('base64'));
    ensurePrivateFolder(cacheFolder);
    const text = JSON.stringify({ version: 1, ...ids, [keys.kind]: id });
    writePrivateFile(join(cacheFolder, 'key.json'), `${text}\n`);
    return { id, key };
  } finally {
    release();
  }
}

async function readRemembered(folder: string, keys: KeyStore): Promise<EncryptionKey | undefined> {
  const id = readKeyIds(folder)[keys.kind];
  return id === undefined ? undefined : readEncryptionKey(keys, id);
}

/** Reads `key.json`. The ids in it are only names of entries in the store, and not secret. */
function readKeyIds(folder: string): Partial<Record<StoreKind, string>> {
  const bytes = readPrivateFile(join(folder, 'key.json'), LARGEST_KEY_FILE);
  const found: Partial<Record<StoreKind, string>> = {};
  const content = bytes && parseJsonObject(bytes.toString());
  for (const kind of ['keyring', 'file'] as const) {
    const id = content?.[kind];
    if (typeof id === 'string' && ID.test(id)) found[kind] = id;
  }
  return found;
}

function sealedFilesUse(folder: string, id: string): boolean {
  return cachedProfiles(folder).some((profile) => {
    const bytes = readPrivateFile(cachePath(folder, profile), LARGEST_CACHE);
    return bytes !== undefined && readHeader(bytes)?.key === id;
  });
}
