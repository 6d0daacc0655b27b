import { arch } from 'node:process';
import type { App } from '../../core/ports.ts';
import type { KeyringEntry } from '../../core/runtime.ts';
import { classify, KeyringFailure, type KeyringState } from './failure.ts';

const SERVICE = 'tokencli';
// without this the library may silently use the kernel's key store, which a reboot empties
const ENTRY_OPTIONS = { linux: { store: 'secret-service' } } as const;

/** Nothing was written if writing itself fails like this. */
const UNSENT: readonly KeyringState[] = ['locked', 'refused', 'no_collection', 'absent_service'];

type World = Pick<App, 'runtime' | 'nativeCalls' | 'interrupted' | 'platform'>;

/** The native module of the keyring, with a time limit for each call. Throws `KeyringFailure`. */
export interface NativeKeyring {
  /** @returns null if nothing was found, which does not yet prove absence */
  read(account: string, milliseconds: number): Promise<string | null>;
  /** Writes, then reads. @returns the value that was read */
  write(account: string, value: string, milliseconds: number): Promise<string | null>;
  /** @returns false if there was nothing to delete */
  remove(account: string, milliseconds: number): Promise<boolean>;
  /** The accounts of the service `tokencli`. Reads all its entries; never opens an unlock prompt. */
  list(milliseconds: number): Promise<readonly string[]>;
}

/**
 * A native call runs on a thread of its own, waits while an unlock prompt is open and cannot be
 * cancelled. So it is abandoned after the time limit, and the process does not wait for it when it
 * ends (`exitWithThreads` in `core/runtime.ts`).
 */
export function openNativeKeyring(world: World): NativeKeyring {
  const load = () => {
    try {
      return world.runtime.loadKeyring();
    } catch (error) {
      const why = `${world.platform}-${arch}: ${textOf(error)}`;
      throw new KeyringFailure('absent_module', why, true);
    }
  };
  // an entry holds a connection to the service, so it is not kept longer than one call
  const withEntry = async <T>(account: string, work: (entry: KeyringEntry) => Promise<T>) => {
    const { AsyncEntry } = load();
    return work(connect(() => new AsyncEntry(SERVICE, account, ENTRY_OPTIONS)));
  };
  const limit = <T>(milliseconds: number, work: () => Promise<T>) =>
    withLimit(world, milliseconds, work);
  return {
    read: (account, milliseconds) =>
      limit(milliseconds, () => withEntry(account, (entry) => entry.getPassword())),
    write: (account, value, milliseconds) =>
      limit(milliseconds, () =>
        withEntry(account, async (entry) => {
          await entry.setPassword(value).catch(refuseToWrite);
          return entry.getPassword();
        }),
      ),
    remove: (account, milliseconds) =>
      limit(milliseconds, () => withEntry(account, (entry) => entry.deleteCredential())),
    list: (milliseconds) =>
      limit(milliseconds, async () => {
        const found = await load().findCredentialsAsync(SERVICE);
        return found.map(({ account }) => account);
      }),
  };
}

/** @throws KeyringFailure, or the reason of `interrupted` */
function withLimit<T>(
  { nativeCalls, interrupted }: World,
  milliseconds: number,
  work: () => Promise<T>,
): Promise<T> {
  interrupted.throwIfAborted();
  nativeCalls.running += 1;
  const answer = work().finally(() => {
    nativeCalls.running -= 1;
  });
  return new Promise((resolve, reject) => {
    const stop = () => finish(() => reject(interrupted.reason));
    const timer = setTimeout(
      () => finish(() => reject(new KeyringFailure('silent', 'no answer'))),
      milliseconds,
    );
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      interrupted.removeEventListener('abort', stop);
      settle();
    };
    interrupted.addEventListener('abort', stop, { once: true });
    answer.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(toFailure(error))),
    );
  });
}

/** Nothing was asked for yet, so whatever goes wrong has changed nothing. */
function connect(open: () => KeyringEntry): KeyringEntry {
  try {
    return open();
  } catch (error) {
    const { state, message } = toFailure(error);
    throw new KeyringFailure(state, message, true);
  }
}

function refuseToWrite(error: unknown): never {
  const { state, message } = toFailure(error);
  throw new KeyringFailure(state, message, UNSENT.includes(state));
}

function toFailure(error: unknown): KeyringFailure {
  return error instanceof KeyringFailure ? error : classify(textOf(error));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
