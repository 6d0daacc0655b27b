import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../core/errors.ts';
import { parseJsonObject } from '../core/json.ts';
import type { Release, StoreKind } from '../core/ports.ts';
import { ensurePrivateFolder, readPrivateFile, writePrivateFile } from '../core/private-file.ts';
import { KEY_BYTES } from '../core/seal.ts';
import { LARGEST_CACHE, readHeader } from './cache-file.ts';

/** The part of the secret store that the cache needs. */
export interface KeyStore {
  readonly kind: StoreKind;
  /** @returns undefined only if the store is sure that there is none */
  read(id: string): Promise<string | undefined>;
  /** @returns the new id, 32 hex digits */
  save(value: string): Promise<string>;
}

export interface CacheKey {
  readonly id: string;
  readonly key: Buffer;
}

const LARGEST_KEY_FILE = 64 * 1024;
const ID = /^[0-9a-f]{32}$/;

/** @returns undefined if the store is sure that there is no such key */
export async function readCacheKey(
  keys: Pick<KeyStore, 'read'>,
  id: string,
): Promise<CacheKey | undefined> {
  const value = await keys.read(id);
  if (value === undefined) return undefined;
  const key = Buffer.from(value, 'base64');
  if (key.length === KEY_BYTES) return { id, key };
  throw new CliError('store_unavailable', 'the secret store returned a damaged cache key');
}

/**
 * The key for new cache files: the one remembered in `key.json`, else a new one, made under a lock
 * and read back. A key that reads as absent is never replaced while files sealed with it exist.
 * @returns undefined in that last case
 */
export async function obtainCacheKey(
  cacheFolder: string,
  keys: KeyStore,
  lock: () => Promise<Release>,
): Promise<CacheKey | undefined> {
  const known = await readRemembered(cacheFolder, keys);
  if (known) return known;
  const release = await lock();
  try {
    const made = await readRemembered(cacheFolder, keys);
    if (made) return made;
    const ids = readKeyIds(cacheFolder);
    const lost = ids[keys.kind];
    if (lost && sealedFilesUse(cacheFolder, lost)) return undefined;
    const fresh = await createKey(keys);
    ensurePrivateFolder(cacheFolder);
    const text = JSON.stringify({ version: 1, ...ids, [keys.kind]: fresh.id });
    writePrivateFile(join(cacheFolder, 'key.json'), `${text}\n`);
    return fresh;
  } finally {
    release();
  }
}

async function readRemembered(folder: string, keys: KeyStore): Promise<CacheKey | undefined> {
  const id = readKeyIds(folder)[keys.kind];
  return id === undefined ? undefined : readCacheKey(keys, id);
}

async function createKey(keys: KeyStore): Promise<CacheKey> {
  const value = randomBytes(KEY_BYTES).toString('base64');
  const id = await keys.save(value);
  if ((await keys.read(id)) === value) return { id, key: Buffer.from(value, 'base64') };
  throw new CliError('store_unavailable', 'the secret store did not keep the new cache key');
}

/** Ids of keys are no secrets: they are names in the store. */
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
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tokens'))
    .some((name) => {
      const bytes = readPrivateFile(join(folder, name), LARGEST_CACHE);
      return bytes !== undefined && readHeader(bytes)?.key === id;
    });
}
