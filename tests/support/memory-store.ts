import { CliError } from '../../src/core/errors.ts';
import type { SecretStore, StoreKind } from '../../src/core/ports.ts';

export type MemoryStoreState = 'works' | 'failing' | 'locked' | 'hanging';

export interface MemoryStore extends SecretStore {
  readonly entries: Map<string, string>;
  state: MemoryStoreState;
  /** Changes from now on until the store fails; counts down. */
  failAfter: number;
}

export interface MemoryStoreOptions {
  readonly kind?: StoreKind;
  /** UTF-16 units that one entry takes at most, as on Windows. */
  readonly limit?: number;
  readonly state?: MemoryStoreState;
}

/** A secret store in memory, with the ways in which a real one fails. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { kind = 'keyring', limit = Number.POSITIVE_INFINITY, state = 'works' } = options;
  const entries = new Map<string, string>();

  const enter = async () => {
    if (store.state === 'hanging') await new Promise(() => {});
    if (store.state === 'locked') throw unavailable('the store is locked', true);
    if (store.state === 'failing') throw unavailable('the store does not answer', true);
  };
  const change = async () => {
    await enter();
    if (store.failAfter <= 0) throw unavailable('the store does not answer');
    store.failAfter -= 1;
  };
  const store: MemoryStore = {
    entries,
    state,
    failAfter: Number.POSITIVE_INFINITY,
    kind,
    label: () => 'memory',
    get: async (account) => {
      await enter();
      return entries.get(account);
    },
    set: async (account, value) => {
      await change();
      if (value.length > limit) throw unavailable(`an entry takes ${limit} characters`);
      entries.set(account, value);
    },
    delete: async (account) => {
      await change();
      entries.delete(account);
    },
    list: async () => {
      await enter();
      return [...entries.keys()];
    },
  };
  return store;
}

/** What the entries mean, by account. A long value is left as the parts that it is stored in. */
export function readEntries({ entries }: MemoryStore): Record<string, string> {
  const decoded = [...entries].map(([account, text]) => {
    const [, encoded] = /^tokencli-value:([\w-]*)$/.exec(text) ?? [];
    return [account, encoded === undefined ? text : Buffer.from(encoded, 'base64url').toString()];
  });
  return Object.fromEntries(decoded);
}

function unavailable(message: string, unsent = false): CliError {
  return new CliError('store_unavailable', message, { unsent });
}
