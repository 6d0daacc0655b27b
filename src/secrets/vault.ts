import { randomBytes } from 'node:crypto';
import { readVariable } from '../core/env-value.ts';
import { CliError } from '../core/errors.ts';
import type { Env, SecretStore, StoreKind } from '../core/ports.ts';
import { readValue, removeValue, writeValue } from './chunks.ts';

export type SecretKind = 'clientSecret' | 'certificate' | 'certificatePassword' | 'cacheKey';

/** The account name under which a store keeps a secret. */
export function accountOf(kind: SecretKind, id: string): string {
  return `${kind}:${id}`;
}

// with the flag u this matches a surrogate only if its other half is missing
const HALF_CHARACTER = /[\ud800-\udfff]/u;

/** Reads and writes secrets by kind and id. Hides account names and how long values are split. */
export function openVault(store: SecretStore) {
  return {
    /**
     * @returns undefined only if the store certainly has no such secret
     * @throws CliError store_unavailable, or invalid_data if a part of the value is missing
     */
    read: (kind: SecretKind, id: string) => readValue(store, accountOf(kind, id)),
    /**
     * Stores a value. Existing ones stay.
     * @param id a new random one by default
     * @returns the id
     * @throws CliError store_unavailable, after parts that were already stored have been removed
     */
    save: async (kind: SecretKind, value: string, id = newSecretId()): Promise<string> => {
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
    /** Idempotent. */
    remove: (kind: SecretKind, id: string) => removeValue(store, accountOf(kind, id)),
  };
}

/**
 * Tests a store: writes, reads and deletes an entry without a secret.
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
  throw new CliError('store_unavailable', `the ${store.label()} does not keep what it is given`);
}

/** @returns 32 hexadecimal digits */
export function newSecretId(): string {
  return randomBytes(16).toString('hex');
}

/**
 * The store for new secrets: `TOKENCLI_STORE`, else what profiles.json says, else the keyring.
 * @throws CliError usage if `TOKENCLI_STORE` names another one
 */
export function storeKindOf(env: Env, configured: StoreKind | undefined): StoreKind {
  const wanted = readVariable(env, 'TOKENCLI_STORE') ?? configured ?? 'keyring';
  if (wanted === 'keyring' || wanted === 'file') return wanted;
  // the value is not shown, because somebody may have put the key into this variable
  throw new CliError('usage', 'TOKENCLI_STORE is keyring or file');
}
