/** A GUID in its usual spelling, in any case. A source for larger patterns too. */
export const GUID = /[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/;

const WHOLE_GUID = new RegExp(`^${GUID.source}$`);

/** Words in the place of a tenant that stand for many (Microsoft identity platform, endpoints). */
export const SHARED_TENANTS: readonly string[] = ['common', 'organizations', 'consumers'];

export function isGuid(value: string): boolean {
  return WHOLE_GUID.test(value);
}

export function isSharedTenant(value: string): boolean {
  return SHARED_TENANTS.includes(value.toLowerCase());
}

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';

/** What may stand for a tenant: a GUID, a domain, or one of the words for many. */
export const TENANT = new RegExp(
  `^(?:${GUID.source}|${SHARED_TENANTS.map(anyCase).join('|')}|(?=.{1,253}$)${LABEL}(?:\\.${LABEL})+)$`,
);

export function isTenant(value: string): boolean {
  // the usual one is told by a shorter pattern, which is made ready in less time
  return isGuid(value) || TENANT.test(value);
}

/** The source of a pattern for a word in any case; `profiles.schema.json` has patterns without flags. */
export function anyCase(word: string): string {
  return word.replace(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}
