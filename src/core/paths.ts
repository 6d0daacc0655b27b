import { join } from 'node:path';

/** Where tokencli keeps its files; all below one folder. */
export interface Paths {
  readonly home: string;
  readonly profiles: string;
  /** Digests of the profiles, beside a large profiles.json. */
  readonly profilesIndex: string;
  /** That profiles.json was valid as it stands. */
  readonly validNote: string;
  readonly cacheFolder: string;
  readonly lockFolder: string;
  /** The sealed file store (`TOKENCLI_STORE=file`). */
  readonly sealedSecrets: string;
  /** Servers that asked to be left alone for a while. */
  readonly throttleFolder: string;
  /** What authorities that are not known beforehand said about themselves. */
  readonly endpointsFolder: string;
  /** What Node has compiled; nothing is lost when it goes. */
  readonly compileCache: string;
  /** Notes of the secrets that a running change has in hand. */
  readonly pendingFolder: string;
}

/** @param tokencliHome the value of `TOKENCLI_HOME`, else `~/.tokencli` is used */
export function locatePaths(userHome: string, tokencliHome: string | undefined): Paths {
  const home = tokencliHome || join(userHome, '.tokencli');
  // one call instead of eleven: the quick lane waits for each
  const inside = join(home, '-').slice(0, -1);
  return {
    home,
    profiles: `${inside}profiles.json`,
    profilesIndex: `${inside}profiles.index`,
    validNote: `${inside}profiles.valid`,
    cacheFolder: `${inside}cache`,
    lockFolder: `${inside}locks`,
    sealedSecrets: `${inside}secrets.sealed`,
    throttleFolder: `${inside}throttle`,
    endpointsFolder: `${inside}endpoints`,
    compileCache: `${inside}compile-cache`,
    pendingFolder: `${inside}pending`,
  };
}
