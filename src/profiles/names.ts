import { readPrivateFile } from '../core/files/private-file.ts';
import { PROFILE_NAME } from '../core/names.ts';
import { decodeText } from '../core/text.ts';

/** Bytes. A larger file would take longer than a person waits for the Tab key. */
const LARGEST = 4 * 1024 * 1024;

/**
 * The names of the profiles for shell completion. Does not validate anything else in the file.
 * @returns only valid names, which no shell needs to quote; none if the file is unreadable
 */
export function listProfileNames(path: string): string[] {
  try {
    const bytes = readPrivateFile(path, LARGEST);
    const file: unknown = JSON.parse((bytes && decodeText(bytes)) ?? '');
    const { profiles } = file as { profiles: readonly { name?: unknown }[] };
    const names = profiles.map((profile) => profile?.name);
    return names
      .filter((name) => typeof name === 'string')
      .filter((name) => PROFILE_NAME.test(name));
  } catch {
    return [];
  }
}
