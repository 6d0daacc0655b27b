import { arch } from 'node:process';
import type { App } from '../../core/ports.ts';
import type { KeyringEntry } from '../../core/runtime.ts';
import { classify, KeyringFailure, type KeyringState } from './failure.ts';

const SERVICE = 'tokencli';
// without this the library may silently use the kernel's key store, which a reboot empties
const ENTRY_OPTIONS = { linux: { store: 'secret-service' } } as const;

/** Nothing was written if writing itself fails like this. */
const UNSENT: readonly KeyringState[] = ['locked', 'refused', 'no_collection', 'absent_service'];

/** The native module of the keyring. Throws `KeyringFailure`. */
export interface NativeKeyring {
  /** @returns null if nothing was found, which does not yet prove absence */
  read(account: string): Promise<string | null>;
  /** Writes, then reads. @returns the value that was read */
  write(account: string, value: string): Promise<string | null>;
  /** @returns false if there was nothing to delete */
  remove(account: string): Promise<boolean>;
  /** The accounts of the service `tokencli`. Reads all its entries; never opens an unlock prompt. */
  list(): Promise<readonly string[]>;
}

/**
 * A native call runs on a thread of its own, waits while an unlock prompt is open and cannot be
 * cancelled.
 */
export function openNativeKeyring(world: Pick<App, 'runtime' | 'platform'>): NativeKeyring {
  const load = () => {
    try {
      return world.runtime.loadKeyring();
    } catch (error) {
      const why = `${world.platform}-${arch}: ${textOf(error)}`;
      throw new KeyringFailure('absent_module', why, true);
    }
  };
  // an entry holds a connection to the service, so it is not kept longer than one call
  const connect = (account: string): KeyringEntry => {
    const { AsyncEntry } = load();
    try {
      return new AsyncEntry(SERVICE, account, ENTRY_OPTIONS);
    } catch (error) {
      // nothing was asked for yet, so whatever goes wrong has changed nothing
      const { state, message } = classify(textOf(error));
      throw new KeyringFailure(state, message, true);
    }
  };
  return {
    read: async (account) => connect(account).getPassword().catch(fail),
    write: async (account, value) => {
      const entry = connect(account);
      await entry.setPassword(value).catch(failToWrite);
      return entry.getPassword().catch(fail);
    },
    remove: async (account) => connect(account).deleteCredential().catch(fail),
    list: async () => {
      const found = await load().findCredentialsAsync(SERVICE).catch(fail);
      return found.map(({ account }) => account);
    },
  };
}

function fail(error: unknown): never {
  throw classify(textOf(error));
}

function failToWrite(error: unknown): never {
  const { state, message } = classify(textOf(error));
  throw new KeyringFailure(state, message, UNSENT.includes(state));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
