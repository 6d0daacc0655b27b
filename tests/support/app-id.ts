import { createHash } from 'node:crypto';

/** A client id of Entra's shape, the same for the same name. */
export function appId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
