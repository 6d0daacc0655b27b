import { type Deadline, startDeadline } from '../../core/deadline.ts';
import { ioError } from '../../core/files/failure.ts';
import { removeFile } from '../../core/files/rename.ts';
import type { App } from '../../core/ports.ts';
import { cacheLock, cachePath } from '../../tokens/cache-file.ts';

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
  // always in the same order, so that two that want several do not wait for each other
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
  try {
    removeFile(cachePath(paths.cacheFolder, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw ioError(`cannot remove the tokens of profile ${name}`, error);
  }
}
