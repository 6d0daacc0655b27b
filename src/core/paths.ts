import { join, resolve } from 'node:path';
import { withoutLineEnd } from './text.ts';

/** Where tokencli keeps its files. All of them are below `home`. */
export interface Paths {
  readonly home: string;
  /** True if `TOKENCLI_HOME` names it. */
  readonly homeIsNamed?: boolean | undefined;
  readonly profiles: string;
  /** Says which content of profiles.json was found valid (`profiles/validation-stamp.ts`). */
  readonly validationStamp: string;
  readonly cacheFolder: string;
  readonly lockFolder: string;
  /** The sealed file store (`TOKENCLI_STORE=file`). */
  readonly sealedSecrets: string;
  /**
   * Which servers must not be asked again yet (`tokens/throttle.ts`), and what was refused just now
   * (`usecases/token/recent-refusal.ts`).
   */
  readonly throttleFolder: string;
  /** Node's compile cache. It may be deleted at any time. */
  readonly compileCache: string;
  /**
   * Lists of secrets that a running command adds or removes; a killed command leaves one behind.
   */
  readonly pendingFolder: string;
}

/** @param tokencliHome the value of `TOKENCLI_HOME`; `~/.tokencli` if it is unset or empty */
export function locatePaths(userHome: string, tokencliHome: string | undefined): Paths {
  const named = withoutLineEnd(tokencliHome ?? '');
  const home = expandHome(userHome, named || join('~', '.tokencli'));
  return {
    home,
    homeIsNamed: named !== '',
    profiles: join(home, 'profiles.json'),
    validationStamp: join(home, 'profiles.valid'),
    cacheFolder: join(home, 'cache'),
    lockFolder: join(home, 'locks'),
    sealedSecrets: join(home, 'secrets.sealed'),
    throttleFolder: join(home, 'throttle'),
    compileCache: join(home, 'compile-cache'),
    pendingFolder: join(home, 'pending'),
  };
}

/**
 * Replaces a leading `~`, which no shell has replaced in a file of variables or in a quoted value.
 */
export function expandHome(userHome: string, path: string): string {
  if (path === '~') return userHome;
  return /^~[/\\]/.test(path) ? join(userHome, path.slice(2)) : path;
}

/**
 * Makes a path absolute. A leading `~` is the user's home; a relative path starts at the working
 * folder.
 */
export function resolveUserPath(
  { userHome, workingFolder }: { readonly userHome: string; readonly workingFolder: string },
  path: string,
): string {
  return resolve(workingFolder, expandHome(userHome, path));
}
