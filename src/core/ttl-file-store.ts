import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseJsonObject } from './json.ts';
import {
  ensurePrivateFolder,
  readPrivateFile,
  removeQuietly,
  writePrivateFile,
} from './private-file.ts';

/** What is worth knowing for a while and can be done without: one small private file a subject. */
export interface TtlFileStore {
  /** @returns undefined for what is not there, has ended or is damaged */
  recall(subject: string): Remembered | undefined;
  /**
   * Removes what has ended on the way.
   * @param seconds for how long it is good
   * @throws CliError io
   */
  remember(subject: string, content: object, seconds: number): void;
  forget(subject: string): void;
  /** Everything that has not ended. */
  list(): Remembered[];
}

/** As it was read: whatever stands beside `until` is for the caller to check. */
export interface Remembered {
  /** Seconds since the epoch. */
  readonly until: number;
  readonly [field: string]: unknown;
}

export interface ShortMemorySetting {
  readonly folder: string;
  /** Of its files, with the dot; nothing else in the folder is touched. */
  readonly suffix: string;
  /** Nothing is good for longer, whatever a file or the clock may say. */
  readonly longestSeconds: number;
  /** Seconds since the epoch. */
  readonly now: () => number;
}

const LARGEST_FILE = 16 * 1024;

export function createTtlFileStore(setting: ShortMemorySetting): TtlFileStore {
  const { folder, suffix, longestSeconds, now } = setting;
  const pathOf = (subject: string) => {
    const name = createHash('sha256').update(subject).digest('hex').slice(0, 32);
    return join(folder, `${name}${suffix}`);
  };
  const read = (path: string): Remembered | undefined => {
    const found = readObject(path);
    const until = found?.['until'];
    if (typeof until !== 'number') return undefined;
    const left = until - now();
    // further away than anything that is written here: the clock was set back meanwhile
    return left > 0 && left <= longestSeconds + 1 ? { ...found, until } : undefined;
  };
  const paths = () => namesIn(folder, suffix).map((name) => join(folder, name));
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

function readObject(path: string): Record<string, unknown> | undefined {
  try {
    return parseJsonObject(String(readPrivateFile(path, LARGEST_FILE)));
  } catch {
    // it can be done without
    return undefined;
  }
}

function namesIn(folder: string, suffix: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(suffix));
  } catch {
    return [];
  }
}
