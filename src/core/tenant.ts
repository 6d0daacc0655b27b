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
