import { referenceOf } from './reference.ts';
import type { CredentialRef, Profile } from './schema.ts';
import type { CarriedProfile } from './transfer.ts';

export const CONFLICT_POLICIES = ['fail', 'skip', 'overwrite', 'rename'] as const;
export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number];

/** What an import does with one profile. */
export interface PlannedProfile {
  readonly carried: CarriedProfile;
  readonly action: 'create' | 'skip' | 'overwrite';
  /** The name of the new profile, or the exact name of the existing one. */
  readonly name: string;
}

const LONGEST_NAME = 64;

/**
 * Decides what an import does with each profile.
 * @param taken the names of all existing profiles, also of invalid ones
 * @param policy what to do if the name is taken. `fail` plans like `overwrite`: the caller must
 *   refuse a plan in which anything is overwritten
 */
export function planImport(
  taken: readonly string[],
  incoming: readonly CarriedProfile[],
  policy: ConflictPolicy,
): PlannedProfile[] {
  const there = new Map(taken.map((name) => [name.toLowerCase(), name]));
  const used = new Set([
    ...there.keys(),
    ...incoming.map(({ profile }) => profile.name.toLowerCase()),
  ]);
  return incoming.map((carried): PlannedProfile => {
    const wanted = carried.profile.name;
    const existing = there.get(wanted.toLowerCase());
    if (existing === undefined) return { carried, action: 'create', name: wanted };
    if (policy === 'skip') return { carried, action: 'skip', name: existing };
    if (policy !== 'rename') return { carried, action: 'overwrite', name: existing };
    const name = freeName(wanted, used);
    used.add(name.toLowerCase());
    return { carried, action: 'create', name };
  });
}

/** `graph` becomes `graph-2`, or `graph-3` and so on if that is taken too. */
function freeName(wanted: string, used: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) {
    const end = `-${number}`;
    const name = wanted.slice(0, LONGEST_NAME - end.length) + end;
    if (!used.has(name.toLowerCase())) return name;
  }
}

/**
 * The stored secrets that stay when an import replaces a profile: all of them, if the import has none
 * and the secrets go on being sent to the same place. Beside a reference no other credential stays, only
 * the password of a certificate file.
 */
export function keptSecrets(
  { profile, secrets }: CarriedProfile,
  before: Profile | undefined,
): readonly CredentialRef[] {
  if (!before || secrets.some(({ value }) => value !== undefined)) return [];
  if (!signsInAlike(profile, before)) return [];
  const { credentials = [] } = before;
  if (!referenceOf(profile)) return credentials;
  return credentials.filter(
    ({ kind }) => profile.certificateFrom && kind === 'certificatePassword',
  );
}

/** True if both are the same app at the same authority, so that one may use the secrets of the other. */
export function signsInAlike(one: Profile, other: Profile): boolean {
  const target = ({ clientId, tenantId, authority, cloud, protocol, caFile }: Profile) =>
    JSON.stringify(
      [clientId, tenantId, authority, cloud, protocol, caFile].map((each) => each ?? ''),
    );
  return target(one) === target(other);
}
