/**
 * What differs between the npm package on Node and the executable on Bun. Implemented in
 * `src/runtime/`.
 */
export interface Runtime {
  readonly program: 'executable' | 'npm package';
  /** What runs the program: `Node.js 20.19.0`, `Bun 1.4.4`. */
  readonly engine: string;
  /** What to do if the engine is too old; absent if it is not. */
  readonly cure?: string;
  /** Matches environment variables that hold options of the engine itself: `NODE_OPTIONS`. */
  readonly optionVariables: RegExp;
  /**
   * Loads the native module for the operating system's keyring.
   * @throws the loader's error if there is no such module for this platform
   */
  loadKeyring(): KeyringModule;
  /**
   * Files that the shell opened for us, as `<(…)` does, and that the engine would not hand on by
   * itself to a program that we start.
   */
  inheritedFiles(): readonly number[];
  /** @param fd of a file that may be open */
  isTerminal(fd: number): boolean;
  /**
   * Opens a lock file and creates it if necessary.
   * @throws the system's error, or the module loader's
   */
  openLock(path: string): FileLock;
  /**
   * Keeps the engine from reading the file of NODE_EXTRA_CA_CERTS too: of one that it cannot read it
   * prints the name by itself, whatever that is. Node has read it before it runs a program.
   */
  disownExtraAuthorities(): void;
  /**
   * Turns on the engine's cache of compiled code, if it has one and if nobody else can write to its
   * folder.
   * @param user numeric id of this user; undefined on Windows
   */
  keepCompiledCode(userHome: string, tokencliHome: string | undefined, user?: number): void;
  /**
   * Ends the process although a native call has not returned. An ordinary exit joins the thread of
   * that call, which blocks for as long as, for example, an unlock prompt of the keyring is open.
   */
  exitWithThreads(code: number): never;
}

/**
 * A kernel lock on an open file, freed when the process dies. Node and Bun use the same kind of
 * lock.
 */
export interface FileLock {
  /**
   * @returns false if another process or file handle holds it.
   * @throws an error with the system's `code`
   */
  tryLock(): boolean;
  /** Closes the file, which also frees the lock. */
  close(): void;
}

/** The part of the package `@napi-rs/keyring` that is used. */
export interface KeyringModule {
  readonly AsyncEntry: new (
    service: string,
    account: string,
    options: { readonly linux: { readonly store: 'secret-service' } },
  ) => KeyringEntry;
  findCredentialsAsync(
    service: string,
  ): Promise<readonly { readonly account: string; readonly password: string }[]>;
}

/**
 * Its constructor connects to the keyring and blocks; if the keyring hangs, it throws after 2
 * seconds.
 */
export interface KeyringEntry {
  /** Pending as long as an unlock prompt is open. @returns null if there is no such entry */
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
  deleteCredential(): Promise<boolean>;
}
