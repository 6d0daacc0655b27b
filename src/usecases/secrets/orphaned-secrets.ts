import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startDeadline } from '../../core/deadline.ts';
import type { App, SecretStore } from '../../core/ports.ts';
import { readPrivateFile } from '../../core/private-file.ts';
import { decodeAnyText } from '../../core/text.ts';
import { LARGEST_PROFILES, readProfiles } from '../../profiles/store.ts';
import { LARGEST_CACHE } from '../../tokens/cache-file.ts';

const LOCK_SECONDS = 10;
const ID = /:([0-9a-f]{32})/;

/**
 * Accounts of a store that nothing in this home names: no profile, no cache file, no change that is
 * on its way. In a keyring they may belong to another home.
 * @throws CliError store_unavailable, io
 */
export async function findOrphans(app: App, store: SecretStore): Promise<string[]> {
  const accounts = await store.list();
  // read after the listing: what was stored meanwhile is named by now
  const names = namesIn(app);
  return accounts.filter((account) => {
    const id = ID.exec(account)?.[1];
    return id !== undefined && !names.some((text) => text.includes(id));
  });
}

/**
 * Only for a store that belongs to this home alone, and not while profiles.json is away or damaged:
 * it may come back.
 * @returns how many
 */
export async function removeOrphans(app: App, store: SecretStore): Promise<number> {
  if (!(await isReadable(app))) return 0;
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

async function isReadable({ paths }: App): Promise<boolean> {
  try {
    return (await readProfiles(paths)).exists;
  } catch {
    return false;
  }
}

/** As text: what is damaged names its secrets too. */
function namesIn({ paths }: App): string[] {
  const inside = [paths.cacheFolder, paths.pendingFolder].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
  );
  const files = inside.filter((path) => /\.(json|jsonl|tokens)$/.test(path));
  const texts = files.map((path) => readPrivateFile(path, LARGEST_CACHE));
  return [readPrivateFile(paths.profiles, LARGEST_PROFILES), ...texts].flatMap((bytes) =>
    bytes === undefined ? [] : [decodeAnyText(bytes)],
  );
}
