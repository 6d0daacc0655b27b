import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../attempt.ts';
import { parseJsonObject } from '../json.ts';
import { readPrivateFile, removeQuietly, writePrivateFile } from './private-file.ts';
import { ensurePrivateFolder } from './private-folder.ts';

/** Facts that expire and whose loss does no harm, each in one small private file. */
export interface TtlFileStore {
  /** @returns undefined if the file is missing, expired or damaged */
  recall(subject: string): Remembered | undefined;
  /**
   * Writes one file and removes the expired ones.
   * @param subject identifies the fact; the file name is a hash of it
   * @param seconds until it expires
   * @throws CliError io
   */
  remember(subject: string, content: object, seconds: number): void;
  forget(subject: string): void;
  /** Everything that has not expired. */
  list(): Remembered[];
}

/** The content of a file. Only `until` has been checked. */
export interface Remembered {
  /** Seconds since the epoch. */
  readonly until: number;
  readonly [field: string]: unknown;
}

export interface TtlFileStoreOptions {
  readonly folder: string;
  /** File name extension, with its dot. Other files in the folder are never touched. */
  readonly suffix: string;
  /** Upper limit of every life time. */
  readonly longestSeconds: number;
  /** Seconds since the epoch. */
  readonly now: () => number;
}

const LARGEST_FILE = 16 * 1024;

export function createTtlFileStore(options: TtlFileStoreOptions): TtlFileStore {
  const { folder, suffix, longestSeconds, now } = options;
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
    recall: (subject) => read(pathOf(subject)),
    remember: (subject, content, seconds) => {
      const until = now() + Math.min(seconds, longestSeconds);
      const text = `${JSON.stringify({ ...content, until })}\n`;
      if (Buffer.byteLength(text) > LARGEST_FILE) return;
      ensurePrivateFolder(folder);
      for (const path of paths()) if (!read(path)) removeQuietly(path);
      writePrivateFile(pathOf(subject), text);
    },
    forget: (subject) => removeQuietly(pathOf(subject)),
    list: () => paths().flatMap((path) => read(path) ?? []),
  };
}
