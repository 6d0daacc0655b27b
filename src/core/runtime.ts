/** What differs between the two programs that are made of this source; see `src/runtime/`. */
export interface Runtime {
  readonly program: 'executable' | 'npm package';
  /** What runs the program: `Node.js 20.19.0`, `Bun 1.4.5`. */
  readonly engine: string;
  /** What to do about an engine that is too old, if it is. */
  readonly cure?: string;
  /** Variables by which whoever sets the environment gives options to the engine itself. */
  readonly optionVariables: readonly string[];
  /**
   * The native module that asks the operating system's keyring.
   * @throws the loader's error where there is none for this platform
   */
  loadKeyring(): KeyringModule;
  /** Opens a lock file, and makes it first. @throws the system's error, or the module loader's */
  openLock(path: string): FileLock;
  /**
   * Lets the runtime keep what it has compiled, where it can and where nobody else can write.
   * @param user numeric id of this user; undefined where there are none
   */
  keepCompiledCode(userHome: string, tokencliHome: string | undefined, user?: number): void;
  /** Ends the process even while a thread of it is blocked in a native call. */
  exitWithThreads(code: number): never;
}

/** A lock that the kernel frees when its process dies; both programs exclude each other by it. */
export interface FileLock {
  /** @returns false if somebody else holds it. @throws an error with the system's `code` */
  tryLock(): boolean;
  /** Also frees the lock. */
  close(): void;
}

/** The part of `@napi-rs/keyring` that is used. */
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

/** The constructor connects and blocks: a service that hangs ends it with an error after 2 s. */
export interface KeyringEntry {
  /** Waits for as long as an unlock prompt is open. @returns null if nothing was found */
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
  deleteCredential(): Promise<boolean>;
}
