import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startDeadline } from '../../core/deadline.ts';
import { ioError } from '../../core/files/failure.ts';
import { readPrivateFile } from '../../core/files/private-file.ts';
import type { Paths } from '../../core/paths.ts';
import type { App, SecretStore } from '../../core/ports.ts';
import { decodeAnyText } from '../../core/text.ts';
import { LARGEST_PROFILES, readProfiles } from '../../profiles/store.ts';
import { LARGEST_CACHE } from '../../tokens/cache-file.ts';

const LOCK_SECONDS = 10;
/** Names the key of new cache files, and exists as long as there is a cache. */
const KEY_FILE = 'key.json';
const ID = /:([0-9a-f]{32})/;

/**
 * Accounts of a store that nothing in this home names: no profile, no cache file, no change that is
 * on its way. In a keyring they may belong to another home. Nothing is said of what a file would name
 * that is away or damaged: it may come back, as a folder does that is mounted again.
 * @throws CliError store_unavailable, io
 */
export async function findOrphans(app: App, store: SecretStore): Promise<string[]> {
  const accounts = await store.list();
  // read after the listing: what was stored meanwhile is named by now
  const files = readNamingFiles(app.paths);
  const cacheThere =
    files.has(join(app.paths.cacheFolder, KEY_FILE)) && ![...files.values()].includes(undefined);
  const { exists: profilesThere } = await readProfiles(app.paths).catch(() => ({ exists: false }));
  return accounts.filter((account) => {
    const id = ID.exec(account)?.[1];
    if (id === undefined || !(account.startsWith('cacheKey:') ? cacheThere : profilesThere))
      return false;
    return ![...files.values()].some((text) => text?.includes(id));
  });
}

/**
 * Only for a store that belongs to this home alone.
 * @returns how many
 */
export async function removeOrphans(app: App, store: SecretStore): Promise<number> {
  const locks = await app.locks();
  // a new cache key is stored before it is named
  const release = await locks.acquire('cache-key', startDeadline(LOCK_SECONDS, app.interrupted));
  try {
    const orphans = await findOrphans(app, store);
    for (const account of orphans) await store.delete(account);
    return orphans.length;
  } finally {
    release();
  }
}

/**
 * As text: what is damaged names its secrets too.
 * @returns undefined for a file that is listed and cannot be found, such as a link to nowhere
 */
function readNamingFiles({ cacheFolder, pendingFolder, profiles }: Paths) {
  const files = [cacheFolder, pendingFolder]
    .flatMap(pathsIn)
    .filter((path) => /\.(json|jsonl|tokens)$/.test(path));
  const read = (path: string, limit: number) => {
    const bytes = readPrivateFile(path, limit);
    return bytes && decodeAnyText(bytes);
  };
  return new Map([
    [profiles, read(profiles, LARGEST_PROFILES)],
    ...files.map((path): [string, string | undefined] => [path, read(path, LARGEST_CACHE)]),
  ]);
}

/** @throws CliError io if it is no folder, or closed */
function pathsIn(folder: string): string[] {
  try {
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  } catch (error) {
    throw ioError(`cannot read the folder ${folder}`, error, folder);
  }
}
