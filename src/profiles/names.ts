import { PROFILE_NAME } from '../core/names.ts';
import { readPrivateFile } from '../core/private-file.ts';

/** Bytes; whoever waits for a key to answer does not wait for more. */
const LARGEST = 4 * 1024 * 1024;

/**
 * The names in profiles.json, without a look at the rest; for a shell that completes one.
 * @returns only what every shell takes as one plain word; nothing if the file is of no use
 */
export function listProfileNames(path: string): string[] {
  try {
    const file: unknown = JSON.parse(String(readPrivateFile(path, LARGEST)).replace(/^\uFEFF/, ''));
    const { profiles } = file as { profiles: readonly { name?: unknown }[] };
    const names = profiles.map((profile) => profile?.name);
    return names
      .filter((name) => typeof name === 'string')
      .filter((name) => PROFILE_NAME.test(name));
  } catch {
    return [];
  }
}
