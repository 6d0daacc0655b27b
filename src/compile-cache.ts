import { lstatSync, mkdirSync } from 'node:fs';
import { getBuiltinModule } from 'node:process';
import { locatePaths } from './core/paths.ts';

/** `module.enableCompileCache` of Node 22.1 and later; the types are of Node 20. */
type Enable = ((folder: string) => unknown) | undefined;

/**
 * Lets Node keep what it has compiled, below the home of tokencli and nowhere else: whoever can write
 * there decides what the next start runs. It must be this user's and closed to others, or it is not
 * used; where that cannot be told (Windows), there is none.
 * @param user the numeric id of this user
 */
export function keepCompiledCode(
  userHome: string,
  tokencliHome: string | undefined,
  user: number | undefined,
  enable: Enable = nodesOwn(),
): void {
  const paths = locatePaths(userHome, tokencliHome);
  if (!enable || user === undefined || !isPrivate(paths.home, user)) return;
  try {
    mkdirSync(paths.compileCache, { mode: 0o700 });
  } catch {
    // it is there already, or else it will not be private
  }
  if (isPrivate(paths.compileCache, user)) enable(paths.compileCache);
}

function nodesOwn(): Enable {
  return (getBuiltinModule('node:module') as { enableCompileCache?: Enable }).enableCompileCache;
}

function isPrivate(folder: string, user: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === user && (found.mode & 0o077) === 0;
}
