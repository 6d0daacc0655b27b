import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/canonical-json.ts';

/**
 * SHA-256 (hex) over a profile's raw JSON, whatever the order of its fields. Equal digests mean that
 * a profile need not be validated again.
 */
export function profileDigest(profile: unknown): string {
  return createHash('sha256').update(canonicalJson(profile)).digest('hex');
}
