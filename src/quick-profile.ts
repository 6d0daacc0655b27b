import { fingerprintFile } from './core/file-fingerprint.ts';
import type { Paths } from './core/paths.ts';
import { tryReadPrivate } from './core/private-read.ts';
import { profileDigest } from './profiles/digest.ts';
import { isInDigestIndex } from './profiles/digest-index.ts';
import type { PlainRecord } from './tokens/records.ts';

const LARGEST_FILE = 100 * 1024 * 1024;

/** True if everything that the record was made from is as it was then. */
export function isAsItWas(plain: PlainRecord, paths: Paths): boolean {
  const { certificateFile: file } = plain;
  if (file && fingerprintFile(file.path) !== file.mark) return false;
  const mark = fingerprintFile(paths.profiles);
  if (mark === undefined || mark === plain.profilesFile) return mark !== undefined;
  return isIndexed(plain, mark, paths) || saysTheSame(plain, paths.profiles);
}

function isIndexed(plain: PlainRecord, mark: string, { profilesIndex }: Paths): boolean {
  const state = { mark, store: plain.configuredStore };
  return isInDigestIndex(profilesIndex, state, plain.profile, plain.profileDigest);
}

/** The file was written since, but what it says about this profile is what was accepted before. */
function saysTheSame(plain: PlainRecord, path: string): boolean {
  const bytes = tryReadPrivate(path, LARGEST_FILE);
  if (!Buffer.isBuffer(bytes)) return false;
  const file: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof file !== 'object' || file === null) return false;
  const {
    $schema,
    schemaVersion,
    default: chosen,
    store,
    profiles,
    ...unknown
  } = file as Record<string, unknown>;
  const usual =
    ($schema === undefined || typeof $schema === 'string') &&
    (schemaVersion === undefined || schemaVersion === 1) &&
    (chosen === undefined || typeof chosen === 'string') &&
    store === plain.configuredStore &&
    Object.keys(unknown).length === 0 &&
    Array.isArray(profiles);
  if (!usual) return false;
  const wanted = plain.profile.toLowerCase();
  const same = profiles.filter((profile) => String(profile?.name).toLowerCase() === wanted);
  return same.length === 1 && profileDigest(same[0]) === plain.profileDigest;
}
