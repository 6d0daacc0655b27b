import type { Env } from '../../core/ports.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';

/** Where the password of a certificate file comes from. */
export type PasswordSource =
  | { readonly from: 'environment'; readonly variable: string }
  | { readonly from: 'store'; readonly ref: CredentialRef }
  /** It was typed, and is not stored yet. */
  | { readonly from: 'person'; readonly value: string }
  | { readonly from: 'nowhere' };

/** The newest of its kind is the last, because a rotation adds the new one behind the old. */
export function newest(profile: Profile, kind: CredentialRef['kind']): CredentialRef | undefined {
  return profile.credentials?.findLast((ref) => ref.kind === kind);
}

/** The password for a certificate that the profile names. */
export function passwordFor(env: Env, profile: Profile): PasswordSource {
  const ref = newest(profile, 'certificatePassword');
  const stored: PasswordSource = ref ? { from: 'store', ref } : { from: 'nowhere' };
  return passwordInEnvironment(env, 'TOKENCLI') ?? stored;
}

export function passwordInEnvironment(env: Env, family: string): PasswordSource | undefined {
  const variable = `${family}_CLIENT_CERTIFICATE_PASSWORD`;
  return env[variable] ? { from: 'environment', variable } : undefined;
}

/** A part of the fingerprint of a certificate. */
export function passwordId(password: PasswordSource): string {
  if (password.from === 'store') return `store:${password.ref.id}`;
  return password.from === 'environment' ? password.variable : 'none';
}
