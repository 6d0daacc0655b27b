import { randomBytes } from 'node:crypto';
import { CliError } from '../core/errors.ts';
import type { Env, SecretStore, StoreKind } from '../core/ports.ts';
import { accountOf, type SecretKind, wantedStore } from './account.ts';
import { readValue, removeValue, writeValue } from './chunks.ts';

/** Secrets by kind and random id: the only place that knows account names and stored shapes. */
export interface Vault {
  readonly store: SecretStore;
  /**
   * @returns undefined only if the store has proven that there is none
   * @throws CliError store_unavailable, or invalid_data when only a part of it is left
   */
  read(kind: SecretKind, id: string): Promise<string | undefined>;
  /**
   * Keeps the value beside all older ones.
   * @param id a new one by default
   * @returns the id
   * @throws CliError store_unavailable; nothing of the value is then left behind
   */
  save(kind: SecretKind, value: string, id?: string): Promise<string>;
  /** Idempotent. */
  remove(kind: SecretKind, id: string): Promise<void>;
}

// with the u flag a surrogate only matches where its other half is missing
const HALF_CHARACTER = /[\ud800-\udfff]/u;

export function openVault(store: SecretStore): Vault {
  return {
    store,
    read: (kind, id) => readValue(store, accountOf(kind, id)),
    save: async (kind, value, id = newSecretId()) => {
      if (HALF_CHARACTER.test(value)) {
        throw new CliError('invalid_data', `the ${kind} is not text: it has half a character`);
      }
      const account = accountOf(kind, id);
      try {
        await writeValue(store, account, value);
      } catch (error) {
        await removeValue(store, account).catch(() => {});
        throw error;
      }
      return id;
    },
    remove: (kind, id) => removeValue(store, accountOf(kind, id)),
  };
}

/**
 * Writes, reads and deletes an entry of no worth.
 * @throws CliError store_unavailable
 */
export async function tryStore(store: SecretStore): Promise<void> {
  const account = `probe:${newSecretId()}`;
  const value = newSecretId();
  await store.set(account, value);
  try {
    if ((await store.get(account)) === value) return;
  } finally {
    await store.delete(account);
  }
  throw new CliError('store_unavailable', `the ${store.describe()} does not keep what it is given`);
}

/** @returns 32 hexadecimal digits */
export function newSecretId(): string {
  return randomBytes(16).toString('hex');
}

/** Environment before configuration before the keyring. @throws CliError usage */
export function storeKindOf(env: Env, configured: StoreKind | undefined): StoreKind {
  const wanted = wantedStore(env, configured);
  if (wanted === 'keyring' || wanted === 'file') return wanted;
  throw new CliError('usage', `TOKENCLI_STORE is keyring or file, not "${wanted}"`);
}
