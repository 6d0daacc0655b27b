import { createHash } from 'node:crypto';

/**
 * SHA-256 (hex) over a profile's raw JSON, whatever the order of its fields. Equal digests mean that
 * a profile need not be validated again.
 */
export function profileDigest(profile: unknown): string {
  return createHash('sha256').update(JSON.stringify(profile, sortFields)).digest('hex');
}

function sortFields(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
