import { fingerprintFile } from '../core/file-fingerprint.ts';
import { readPrivateFile, removeQuietly, writePrivateFile } from '../core/private-file.ts';
import { tryReadPrivate } from '../core/private-read.ts';
import { profileDigest } from './digest.ts';

/**
 * Beside a large profiles.json: what its digests are, so that nobody has to parse it all for one
 * profile. It counts only for the one state of the file that its first line names.
 */
export interface DigestIndex {
  /** `core/file-mark.ts` of profiles.json. */
  readonly mark: string;
  /** The `store` that profiles.json chooses. */
  readonly store: string | undefined;
}

/** Characters; a smaller file is parsed in less time than an index takes to open (measured). */
const LARGE = 128 * 1024;
const LARGEST_INDEX = 64 * 1024 * 1024;
const NAME = /^[\w.-]{1,64}$/;

/** @param text what was just written to profiles.json; never fails: an index is no more than a help */
export function writeDigestIndex(
  index: string,
  path: string,
  text: string,
  { store, profiles }: { readonly store?: unknown; readonly profiles: readonly unknown[] },
): void {
  if (text.length < LARGE) {
    removeQuietly(index);
    return;
  }
  try {
    // looked at before the content, so that a change in between is never seen as this state
    const mark = fingerprintFile(path);
    if (mark === undefined || readPrivateFile(path, LARGEST_INDEX)?.toString() !== text) return;
    const head = headLine({ mark, store: typeof store === 'string' ? store : undefined });
    writePrivateFile(index, `${head}\n${profiles.map(lineOf).join('')}`);
  } catch {
    removeQuietly(index);
  }
}

/** True if this state of profiles.json says exactly this about the profile. */
export function isInDigestIndex(
  index: string,
  { mark, store }: DigestIndex,
  name: string,
  digest: string,
): boolean {
  const bytes = tryReadPrivate(index, LARGEST_INDEX);
  if (!Buffer.isBuffer(bytes)) return false;
  const head = Buffer.from(`${headLine({ mark, store })}\n`);
  if (!bytes.subarray(0, head.length).equals(head)) return false;
  return bytes.includes(`\n${name.toLowerCase()} ${digest}\n`, head.length - 1, 'latin1');
}

function headLine({ mark, store }: DigestIndex): string {
  return `tokencli-digests 1 ${mark} ${store ?? '-'}`;
}

function lineOf(profile: unknown): string {
  const name = (profile as { name?: unknown } | null)?.name;
  if (typeof name !== 'string' || !NAME.test(name)) return '';
  return `${name.toLowerCase()} ${profileDigest(profile)}\n`;
}
