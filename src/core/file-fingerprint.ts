import { type BigIntStats, statSync } from 'node:fs';

type State = Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/**
 * Tells one state of a file from every other, without reading it.
 * @returns undefined if there is no such file
 */
export function fingerprintFile(path: string): string | undefined {
  try {
    return markOf(statSync(path, { bigint: true }));
  } catch {
    // who reads the file says what is wrong with it
    return undefined;
  }
}

/** The same mark from values that were read before, as numbers or decimal text. */
export function markOf({ ino, size, mtimeNs, ctimeNs }: { [K in keyof State]: unknown }): string {
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}
