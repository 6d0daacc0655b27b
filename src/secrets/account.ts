import type { Env, StoreKind } from '../core/ports.ts';

export type SecretKind = 'clientSecret' | 'certificate' | 'certificatePassword' | 'cacheKey';

/** The account under which a store keeps a secret. */
export function accountOf(kind: SecretKind, id: string): string {
  return `${kind}:${id}`;
}

/** Environment before configuration before the keyring; as it is written, right or wrong. */
export function wantedStore(env: Env, configured: StoreKind | undefined): string {
  return env['TOKENCLI_STORE'] || configured || 'keyring';
}
