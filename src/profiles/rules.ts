import { describeProblems } from './problems.ts';
import { type CredentialRef, credentialSchema, fileHeadSchema, profileSchema } from './schema.ts';

/** What is wrong with one profile, each with its path. */
export function findProfileProblems(profile: unknown, prefix: string): string[] {
  const result = profileSchema.safeParse(profile);
  return result.success ? [] : describeProblems(result.error.issues, profile, prefix);
}

/** What is wrong with profiles.json as a whole, its profiles left aside. */
export function findHeadProblems(file: unknown): string[] {
  const head = fileHeadSchema.safeParse(file);
  return head.success ? [] : describeProblems(head.error.issues, file, '');
}

/** @returns undefined if it is no reference to a secret */
export function parseRef(value: unknown): CredentialRef | undefined {
  return credentialSchema.safeParse(value).data;
}

/** True for the name of a field that is ours. */
export function isProfileField(name: string): boolean {
  return Object.hasOwn(profileSchema.shape, name);
}
