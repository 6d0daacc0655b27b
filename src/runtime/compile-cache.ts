import { lstatSync, mkdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import process from 'node:process';
import { locatePaths } from '../core/paths.ts';

/**
 * Lets Node 22 and later keep what it has compiled, below the home of tokencli and nowhere else: whoever
 * can write there decides what the next start runs. The folder must be this user's and closed to others,
 * or nothing is kept; where that cannot be told (Windows), nothing is kept either.
 * @param user the numeric id of this user
 */
export function keepCompiledCode(
  userHome: string,
  tokencliHome: string | undefined,
  user: number | undefined,
): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  const { home, compileCache } = locatePaths(userHome, tokencliHome);
  if (!enableCompileCache || user === undefined || !isPrivate(home, user)) return;
  try {
    mkdirSync(compileCache, { mode: 0o700 });
  } catch {
    // it is there already, or else it will not be private
  }
  if (!isPrivate(compileCache, user)) return;
  // Node at once makes a folder in it, which is to be as private
  const mask = process.umask(0o077);
  try {
    enableCompileCache(compileCache);
  } finally {
    process.umask(mask);
  }
}

function isPrivate(folder: string, user: number): boolean {
  try {
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === user && (found.mode & 0o077) === 0;
  } catch {
    // also what cannot be looked at, such as a home below /dev/null, is not there
    return false;
  }
}
