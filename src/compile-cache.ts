import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { getBuiltinModule, umask, versions } from 'node:process';
import { locatePaths } from './core/paths.ts';

const FIRST_NODE = 22;

/** `module.enableCompileCache` of Node 22.1 and later; the types are of Node 20. */
type Enable = (folder: string) => unknown;

/**
 * Lets Node keep what it has compiled, below the home of tokencli and nowhere else: whoever can write
 * there decides what the next start runs. It must be this user's and closed to others, or it is not
 * used; where that cannot be told (Windows), there is none.
 * @param user the numeric id of this user
 * @param enable null where Node keeps none by itself
 * @returns where compiled code may be kept that Node does not keep by itself; it need not be there yet
 */
export function keepCompiledCode(
  userHome: string,
  tokencliHome: string | undefined,
  user: number | undefined,
  enable: Enable | null = nodesOwn(),
): string | undefined {
  const { home, compileCache } = locatePaths(userHome, tokencliHome);
  if (user === undefined || !isPrivate(home, user)) return undefined;
  if (!enable)
    return !look(compileCache) || isPrivate(compileCache, user) ? compileCache : undefined;
  try {
    mkdirSync(compileCache, { mode: 0o700 });
  } catch {
    // it is there already, or else it will not be private
  }
  if (!isPrivate(compileCache, user)) return undefined;
  // the folder that Node makes in it at once is to be as private
  const mask = umask(0o077);
  try {
    enable(compileCache);
  } finally {
    umask(mask);
  }
  return undefined;
}

function nodesOwn(): Enable | null {
  // to load `node:module` for nothing takes as long as to look at the folder
  if (Number.parseInt(versions.node, 10) < FIRST_NODE) return null;
  const loader = getBuiltinModule('node:module') as { enableCompileCache?: Enable };
  return loader.enableCompileCache ?? null;
}

function isPrivate(folder: string, user: number): boolean {
  const found = look(folder);
  return found?.isDirectory() === true && found.uid === user && (found.mode & 0o077) === 0;
}

/** What cannot be looked at, such as a home below /dev/null, is not there. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
