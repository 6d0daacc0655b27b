import { nextTurn } from '../core/event-loop.ts';
import { locatePaths } from '../core/paths.ts';
import type { App, Clock, EarlyFacts, Env, Io, Log } from '../core/ports.ts';

/** What only the process edge knows. */
export interface Host {
  readonly io: Io;
  readonly env: Env;
  readonly version: string;
  readonly nodeVersion: string;
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
  readonly workingFolder: string;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** The process ends as soon as the run is over. */
  readonly leaves: boolean;
  /** The program that runs the keyring in a process of its own, which can be ended when it hangs. */
  readonly keyringAgent: readonly string[];
  readonly early?: EarlyFacts;
}

/** The composition root: costly parts are loaded when somebody first asks for them. */
export function createApp(host: Host, log: Log): App {
  const paths = locatePaths(host.userHome, host.env['TOKENCLI_HOME']);
  const cleanUps: ((leaving: boolean) => unknown)[] = [];
  const app: App = {
    ...host,
    paths,
    log,
    atEnd: (cleanUp) => {
      cleanUps.push(cleanUp);
    },
    end: async () => {
      // who interrupts is to find nothing left of us
      const leaving = host.leaves && !host.interrupted.aborted;
      await Promise.allSettled(cleanUps.splice(0).map(async (cleanUp) => cleanUp(leaving)));
    },
    style: once(async () => (await import('../adapters/terminal/style.ts')).createStyle()),
    prompter: once(async () =>
      (await import('../adapters/terminal/prompter.ts')).createPrompter(app),
    ),
    locks: once(async () =>
      (await import('../adapters/lock.ts')).createLocks(paths.lockFolder, log),
    ),
    secretStore: byKey(async (kind) => {
      if (kind === 'file')
        return (await import('../adapters/sealed-store.ts')).createSealedStore(app);
      const { createKeyring } = await import('../adapters/keyring/keyring.ts');
      return createKeyring(app, host.keyringAgent, host.early?.question);
    }),
    age: once(async () => (await import('../adapters/age/age.ts')).createAgeFiles(app)),
    pkcs12: once(async () =>
      (await import('../adapters/certificates/pkcs12.ts')).createPkcs12Reader(),
    ),
    certificateMaker: once(async () =>
      (await import('../adapters/certificates/certificate-maker.ts')).createCertificateMaker(),
    ),
    signatures: once(async () => (await import('../adapters/jose.ts')).createSignatureChecker()),
    loopback: once(async () =>
      (await import('../adapters/loopback/loopback.ts')).createLoopback(app),
    ),
    browser: once(async () => (await import('../adapters/browser/browser.ts')).createBrowser(app)),
    progress: once(async () =>
      (await import('../adapters/terminal/progress.ts')).createProgress(app),
    ),
    http: byKey(async (caFile) =>
      (await import('../adapters/http/http.ts')).createHttp(app, caFile),
    ),
    tokenClient: async (options) => {
      const { createTokenClient } = await import('../adapters/msal/msal.ts');
      // each of the two takes as long to load as many a store to answer
      await nextTurn();
      return createTokenClient(app, await app.http(options.caFile), options);
    },
  };
  return app;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function byKey<K, T>(make: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const made = new Map<K, Promise<T>>();
  return (key) => {
    const there = made.get(key) ?? make(key);
    made.set(key, there);
    return there;
  };
}
