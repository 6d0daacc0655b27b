import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../attempt.ts';
import { parseJsonObject } from '../json.ts';
import { readPrivateFile, removeQuietly, writePrivateFile } from './private-file.ts';
import { ensurePrivateFolder } from './private-folder.ts';

/** The content of a file. Only `until` has been checked. */
export interface Remembered {
  /** Seconds since the epoch. */
  readonly until: number;
  readonly [field: string]: unknown;
}

const LARGEST_FILE = 16 * 1024;

/**
 * Facts that expire and whose loss does no harm, each in one small private file.
 * @param suffix of the files, with its dot; other files in the folder are never touched
 * @param longestSeconds upper limit of every life time
 * @param now seconds since the epoch
 */
export function createTtlFileStore(
  folder: string,
  suffix: string,
  longestSeconds: number,
  now: () => number,
) {
  const pathOf = (subject: string) => {
    const name = createHash('sha256').update(subject).digest('hex').slice(0, 32);
    return join(folder, `${name}${suffix}`);
  };
  const read = (path: string): Remembered | undefined => {
    // a fact that cannot be read is treated as expired
    const bytes = attempt(() => readPrivateFile(path, LARGEST_FILE));
    const found = parseJsonObject(String(bytes));
    const until = found?.['until'];
    if (typeof until !== 'number') return undefined;
    const left = until - now();
    // more than was ever written: the clock has been set back since, so the file may be long
    // expired
    return left > 0 && left <= longestSeconds + 1 ? { ...found, until } : undefined;
  };
  const paths = () => {
    const names = attempt(() => readdirSync(folder)) ?? [];
    return names.filter((name) => name.endsWith(suffix)).map((name) => join(folder, name));
  };
  return {
    /** @returns undefined if the file is missing, expired or damaged */
    recall: (subject: string) => read(pathOf(subject)),
    /**
     * Writes one file and removes the expired ones.
     * @param subject identifies the fact; the file name is a hash of it
     * @param seconds until it expires
     * @throws CliError io
     */
    remember: (subject: string, content: object, seconds: number) => {
      const until = now() + Math.min(seconds, longestSeconds);
      const text = `${JSON.stringify({ ...content, until })}\n`;
      if (Buffer.byteLength(text) > LARGEST_FILE) return;
      ensurePrivateFolder(folder);
      for (const path of paths()) if (!read(path)) removeQuietly(path);
      writePrivateFile(pathOf(subject), text);
    },
    forget: (subject: string) => removeQuietly(pathOf(subject)),
    /** Everything that has not expired. */
    list: () => paths().flatMap((path) => read(path) ?? []),
  };
}
