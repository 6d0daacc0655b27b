import { statSync } from 'node:fs';

/**
 * Tells one state of a file from every other, without reading it.
 * @returns undefined if there is no such file
 */
export function markFile(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!found?.isFile()) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
