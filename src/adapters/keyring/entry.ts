import { createRequire } from 'node:module';
import { arch, platform } from 'node:process';
import type { Entry as NativeEntry } from '@napi-rs/keyring';
import { openNativeModule } from '../../core/native-module.ts';

type Native = typeof import('@napi-rs/keyring');

export const KEYRING_SERVICE = 'tokencli';

// without the pin the library falls back silently to the kernel's key store, which a reboot empties
const PINNED = { linux: { store: 'secret-service' } } as const;

let native: Native | undefined;

/** Loads the native module. @throws the loader's error: there is none for this platform */
export function loadKeyring(): Native {
  native ??= loadNative();
  return native;
}

/**
 * Blocks: up to two seconds when the service hangs, and for as long as an unlock prompt is open.
 * @returns null if the store found nothing, which does not yet prove absence
 */
export function readEntry(account: string): string | null {
  return openEntry(account).getPassword();
}

/** Like `readEntry`, but only its connection blocks; the rest is done by a thread. */
export function beginRead(account: string): Promise<string | null> {
  const { AsyncEntry } = loadKeyring();
  return new AsyncEntry(KEYRING_SERVICE, account, PINNED).getPassword();
}

export function writeEntry(account: string, value: string): void {
  openEntry(account).setPassword(value);
}

/** @returns false if there was nothing to delete */
export function deleteEntry(account: string): boolean {
  return openEntry(account).deleteCredential();
}

/** Accounts of this service. Reads every one of them: not for the hot path. */
export function listAccounts(): string[] {
  const found = loadKeyring().findCredentials(KEYRING_SERVICE);
  return found.map(({ account }) => account);
}

/** Each one costs a bus connection and a key exchange, so there is one per call and no more. */
function openEntry(account: string): NativeEntry {
  const { Entry } = loadKeyring();
  return new Entry(KEYRING_SERVICE, account, PINNED);
}

function loadNative(): Native {
  const kind = `${platform}-${arch}${libc()}`;
  const own = `@napi-rs/keyring-${kind}`;
  // the platform's own package first, and where npm puts it: to search for it, and the loader that
  // picks one, cost more than the module
  return (openNativeModule(`${own}/keyring.${kind}.node`) ?? search(own)) as Native;
}

function search(own: string): Native {
  const load = createRequire(import.meta.filename);
  try {
    return load(own) as Native;
  } catch {
    return load('@napi-rs/keyring') as Native;
  }
}

function libc(): string {
  return platform === 'linux' ? '-gnu' : platform === 'win32' ? '-msvc' : '';
}
