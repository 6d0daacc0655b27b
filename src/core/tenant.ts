/**
 * A GUID with hyphens, in any case. Not anchored, so that larger patterns can include its source.
 */
export const GUID = /[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/;

/** Matches a text that is a GUID and nothing else. */
export const WHOLE_GUID = new RegExp(`^${GUID.source}$`);

/**
 * Names that stand for many tenants.
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints
 */
export const SHARED_TENANTS: readonly string[] = ['common', 'organizations', 'consumers'];

export function isGuid(value: string): boolean {
  return WHOLE_GUID.test(value);
}

export function isSharedTenant(value: string): boolean {
  return SHARED_TENANTS.includes(value.toLowerCase());
}

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';

/** Matches a tenant: a GUID, a domain, or one of `SHARED_TENANTS` in any case. */
export const TENANT = new RegExp(
  `^(?:${GUID.source}|${SHARED_TENANTS.map(anyCase).join('|')}|(?=.{1,253}$)${LABEL}(?:\\.${LABEL})+)$`,
);

export function isTenant(value: string): boolean {
  return TENANT.test(value);
}

/**
 * The source of a pattern that matches a word in any case. `profiles.schema.json` contains such
 * patterns, and JSON Schema has no flag that ignores case.
 */
export function anyCase(word: string): string {
  return word.replace(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}
