import { findProblems } from './problems.ts';
import {
  type CredentialRef,
  credentialSchema,
  fileHeadSchema,
  profileFields,
  profileSchema,
} from './schema.ts';

/** @param prefix path of the profile in the file. @returns a line for each problem */
export function findProfileProblems(profile: unknown, prefix: string): string[] {
  return findProblems(profileSchema, profile, prefix, 'the profile');
}

/** The problems of profiles.json apart from those inside of profiles. @returns a line for each */
export function findHeadProblems(file: unknown): string[] {
  return findProblems(fileHeadSchema, file, '');
}

/** @returns undefined if the value is not a reference to a secret */
export function parseRef(value: unknown): CredentialRef | undefined {
  return credentialSchema.safeParse(value).data;
}

/** True if profiles have a field of this name; others are unknown fields, which are kept. */
export function isProfileField(name: string): boolean {
  return Object.hasOwn(profileFields, name);
}
