import { locatePaths } from '../core/paths.ts';
import type { App, Host, Log } from '../core/ports.ts';

/**
 * The composition root: connects interfaces with their implementations, each loaded on first use.
 */
export function createApp(host: Host, log: Log): App {
  const paths = locatePaths(host.userHome, host.env['TOKENCLI_HOME']);
  const cleanUps: (() => unknown)[] = [];
  let remembers = true;
  const app: App = {
    ...host,
    paths,
    log,
    atEnd: (cleanUp) => {
      cleanUps.push(cleanUp);
    },
    keepNothing: () => {
      remembers = false;
    },
    end: async () => {
      await Promise.allSettled(cleanUps.splice(0).map(async (cleanUp) => cleanUp()));
    },
    style: once(async () => (await import('../adapters/terminal/style.ts')).createStyle()),
    prompter: once(async () =>
      (await import('../adapters/terminal/prompter.ts')).createPrompter(app),
    ),
    locks: once(async () =>
      (await import('../adapters/lock.ts')).createLocks(host.runtime, paths.lockFolder, log),
    ),
    secretStore: byKey(async (kind) => {
      if (kind === 'file')
        return (await import('../adapters/sealed-store.ts')).createSealedStore(app);
      const { createKeyring } = await import('../adapters/keyring/keyring.ts');
      return createKeyring(app);
    }),
    age: once(async () => (await import('../adapters/age/age.ts')).createAgeFiles(app)),
    pkcs12: () => import('../adapters/certificates/pkcs12.ts'),
    certificateMaker: () => import('../adapters/certificates/certificate-maker.ts'),
    signatures: () => import('../adapters/jose.ts'),
    loopback: once(async () =>
      (await import('../adapters/loopback/loopback.ts')).createLoopback(app),
    ),
    browser: once(async () => (await import('../adapters/browser/browser.ts')).createBrowser(app)),
    commandRunner: once(async () =>
      (await import('../adapters/command-runner.ts')).createCommandRunner(app),
    ),
    localServers: once(async () =>
      (await import('../adapters/local-server.ts')).createLocalServers(app),
    ),
    programs: once(async () => (await import('../adapters/programs.ts')).createPrograms(app)),
    progress: once(async () =>
      (await import('../adapters/terminal/progress.ts')).createProgress(app),
    ),
    http: byKey(async (caFile) =>
      (await import('../adapters/http/http.ts')).createHttp(app, caFile, () => remembers),
    ),
    tokenClient: async (caFile) => {
      const { createTokenClient } = await import('../adapters/msal/msal.ts');
      return createTokenClient(app, await app.http(caFile));
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
