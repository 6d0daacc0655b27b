import { type Deadline, startDeadline } from '../../core/deadline.ts';
import { ioError } from '../../core/files/failure.ts';
import { removePrivateFile } from '../../core/files/own-files.ts';
import type { App } from '../../core/ports.ts';
import { type ProfilesFile, profileNames, readProfiles } from '../../profiles/store.ts';
import { cachedProfiles, cacheLock, cachePath } from '../../tokens/cache-file.ts';

const LOCK_SECONDS = 10;

/**
 * Works while no token of these profiles is saved; one that is being obtained is waited for.
 * @throws CliError busy, before anything was done
 */
export async function whileNoTokenIsSaved<T>(
  app: Pick<App, 'interrupted' | 'locks'>,
  names: readonly string[],
  work: () => T | Promise<T>,
  deadline: Deadline = startDeadline(LOCK_SECONDS, app.interrupted),
): Promise<T> {
  const locks = await app.locks();
  // always in the same order, so that two processes that take several locks do not wait for each other
  const wanted = [...new Set(names.map(cacheLock))].sort();
  const held: (() => void)[] = [];
  try {
    for (const name of wanted) held.push(await locks.acquire(name, deadline));
    return await work();
  } finally {
    for (const release of held) release();
  }
}

/**
 * Removes the tokens and the sign-in of a profile. The caller holds the lock of its cache.
 * @returns false if there was nothing
 * @throws CliError io
 */
export function removeTokens({ paths }: Pick<App, 'paths'>, name: string): boolean {
  return removePrivateFile(cachePath(paths.cacheFolder, name));
}

/** @returns the names of the profiles that have tokens, in lower case. @throws CliError io */
export function namesWithTokens({ paths: { cacheFolder } }: Pick<App, 'paths'>): string[] {
  try {
    return cachedProfiles(cacheFolder);
  } catch (error) {
    throw ioError(`cannot read ${cacheFolder}`, error, cacheFolder);
  }
}

/**
 * Names whose tokens a killed `config rename` or `config delete` has left. Nothing is said while
 * profiles.json is away: it may come back.
 */
export function findStrayTokens(app: Pick<App, 'paths'>, file: ProfilesFile): string[] {
  if (!file.exists) return [];
  const names = new Set(profileNames(file).map((name) => name.toLowerCase()));
  return namesWithTokens(app).filter((name) => !names.has(name));
}

/** @returns how many there were */
export async function removeStrayTokens(app: App): Promise<number> {
  const names = findStrayTokens(app, await readProfiles(app.paths));
  for (const name of names) {
    await whileNoTokenIsSaved(app, [name], async () => {
      // a rename that was under way may have made it a profile
      const stray = findStrayTokens(app, await readProfiles(app.paths));
      if (stray.includes(name)) removeTokens(app, name);
    });
  }
  return names.length;
}
