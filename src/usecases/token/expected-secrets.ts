import { existsSync } from 'node:fs';
import type { App, StoreKind } from '../../core/ports.ts';
import type { CredentialRef } from '../../profiles/schema.ts';
import { accountOf } from '../../secrets/account.ts';
import { cachePath } from '../../tokens/cache-file.ts';
import { expectedKeyId } from '../../tokens/encryption-key.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';

/**
 * The accounts that a call will ask its store for, as far as that can be told before it is open: the
 * key of the token cache, and where nothing is cached yet the credential.
 */
export function expectedSecrets(
  { paths }: App,
  profile: string,
  source: CredentialSource | undefined,
  store: StoreKind,
): string[] {
  const key = expectedKeyId(paths.cacheFolder, profile, store);
  const isCached = existsSync(cachePath(paths.cacheFolder, profile));
  const ref = isCached ? undefined : source && refOf(source);
  return [
    ...(key === undefined ? [] : [accountOf('cacheKey', key)]),
    ...(ref?.store === store ? [accountOf(ref.kind, ref.id)] : []),
  ];
}

function refOf(source: CredentialSource): CredentialRef | undefined {
  if (source.from === 'store') return source.ref;
  return source.from === 'file' && source.password.from === 'store'
    ? source.password.ref
    : undefined;
}
