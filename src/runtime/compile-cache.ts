import { lstatSync, mkdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import process from 'node:process';
import { locatePaths } from '../core/paths.ts';

/**
 * Turns on the compile cache of Node 22 and later. Whoever can write to its folder decides which
 * code the next start runs. So the folder is in tokencli's home, and the cache stays off unless
 * both folders belong to this user and nobody else can access them. On Windows, where that cannot
 * be checked, it stays off.
 * @param user numeric id of this user; undefined on Windows
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
    // it exists already; if it does not, `isPrivate` returns false
  }
  if (!isPrivate(compileCache, user)) return;
  // Node creates a folder in it, which must be private too
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
    // it does not exist, or is below a file such as /dev/null
    return false;
  }
}
