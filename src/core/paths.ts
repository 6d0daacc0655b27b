import { join, resolve } from 'node:path';

/** Where tokencli keeps its files; all below one folder. */
export interface Paths {
  readonly home: string;
  readonly profiles: string;
  /** That profiles.json was valid as it stands. */
  readonly validationStamp: string;
  readonly cacheFolder: string;
  readonly lockFolder: string;
  /** The sealed file store (`TOKENCLI_STORE=file`). */
  readonly sealedSecrets: string;
  /** Servers that asked to be left alone for a while. */
  readonly throttleFolder: string;
  /** What Node has compiled; nothing is lost when it goes. */
  readonly compileCache: string;
  /** Notes of the secrets that a running change has in hand. */
  readonly pendingFolder: string;
}

/** @param tokencliHome the value of `TOKENCLI_HOME`, else `~/.tokencli` is used */
export function locatePaths(userHome: string, tokencliHome: string | undefined): Paths {
  const home = tokencliHome || join(userHome, '.tokencli');
  return {
    home,
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

/** `~` is the user's home, anything relative starts from the working folder. */
export function resolveUserPath(
  { userHome, workingFolder }: { readonly userHome: string; readonly workingFolder: string },
  path: string,
): string {
  if (path === '~') return userHome;
  if (/^~[/\\]/.test(path)) return join(userHome, path.slice(2));
  return resolve(workingFolder, path);
}
