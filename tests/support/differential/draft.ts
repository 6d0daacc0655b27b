import { existsSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintFile } from '../../../src/core/file-fingerprint.ts';
import { profileDigest } from '../../../src/profiles/digest.ts';
import { sealSecrets } from '../../../src/secrets/sealed-file.ts';
import {
  type CacheHeader,
  cachePath,
  formatCacheFile,
  sealRecord,
} from '../../../src/tokens/cache-file.ts';
import { asPlainRecord } from '../../../src/tokens/records.ts';
import { clearTree } from './tree.ts';
import { STORE_KEY, type World } from './world.ts';

type Profiles = Record<string, unknown> & { profiles: Record<string, unknown>[] };

interface CacheDraft {
  profile: string;
  header: CacheHeader;
  records: { name: string; content: Record<string, unknown> }[];
}

/** A home that is still being thought about. */
export interface Draft {
  file: Profiles;
  /** Over what `file` says. */
  head: Record<string, unknown>;
  /** In the place of both. */
  text?: string;
  /** profiles.json was written again after the tokens had been cached. */
  later: boolean;
  /** The certificate as well. */
  laterCertificate: boolean;
  secrets: Record<string, string>;
  caches: CacheDraft[];
  /** No tokencli has written this profiles.json, so there can be no index of it. */
  foreign: boolean;
  /** Which state of profiles.json profiles.index is about. */
  index: 'none' | 'now' | 'before' | 'another store';
  /** Changes of the sealed lines, the header first; by the profile in lower case. */
  lines: ((files: Map<string, string[]>) => void)[];
  /** Changes of the files as they lie there. */
  files: (() => void)[];
}

const BEFORE = '1 2 3 4';

export function draftOf({ base }: World): Draft {
  return {
    file: structuredClone({ schemaVersion: 1, profiles: base.profiles }) as unknown as Profiles,
    head: {},
    later: false,
    laterCertificate: false,
    foreign: false,
    secrets: { ...base.secrets },
    caches: structuredClone(base.caches) as CacheDraft[],
    index: 'none',
    lines: [],
    files: [],
  };
}

/** Puts the draft into the place of the home. */
export function writeHome({ paths, base, stage }: World, draft: Draft): void {
  const certificate = join(stage.home, 'certificate.pem');
  const keyFile = join(paths.cacheFolder, 'key.json');
  const cacheOf = (profile: string) => cachePath(paths.cacheFolder, profile);
  clearTree(
    stage.home,
    [paths.home, paths.cacheFolder],
    [
      ...[certificate, keyFile, paths.profiles, paths.profilesIndex, paths.sealedSecrets],
      ...draft.caches.map(({ profile }) => cacheOf(profile)),
    ],
  );
  put(certificate, base.certificate);
  put(keyFile, base.keyFile);
  put(
    paths.profiles,
    draft.text ?? `${JSON.stringify({ ...draft.file, ...draft.head }, null, 2)}\n`,
  );
  put(paths.sealedSecrets, sealSecrets(draft.secrets, Buffer.from(STORE_KEY, 'base64'), undefined));
  const mark = fingerprintFile(paths.profiles) ?? '';
  if (draft.index === 'none') rmSync(paths.profilesIndex, { force: true });
  else put(paths.profilesIndex, indexOf(draft, mark));
  const marks = {
    profilesFile: draft.later ? BEFORE : mark,
    certificate: draft.laterCertificate ? BEFORE : fingerprintFile(certificate),
  };
  const files = new Map(
    draft.caches.map((cache) => [
      cache.profile.toLowerCase(),
      sealCache(base.cacheKey, cache, marks).split('\n'),
    ]),
  );
  for (const change of draft.lines) change(files);
  for (const [profile, lines] of files) put(cacheOf(profile), lines.join('\n'));
  for (const change of draft.files) change();
}

/** As a new file: to cut an old one and fill it again can take ten times as long. */
function put(path: string, content: string | Buffer): void {
  if (existsSync(path)) unlinkSync(path);
  writeFileSync(path, content, { mode: 0o600 });
}

function sealCache(
  key: Buffer,
  { profile, header, records }: CacheDraft,
  marks: { profilesFile: string; certificate: string | undefined },
): string {
  const sealed = records.map(({ name, content }) => {
    const file = content['certificateFile'];
    const now = asPlainRecord(content) && {
      profilesFile: marks.profilesFile,
      ...(file !== undefined && { certificateFile: { ...file, mark: marks.certificate } }),
    };
    return sealRecord(key, header, profile, name, { ...content, ...now });
  });
  return formatCacheFile(header, sealed);
}

/** As the product writes it beside a large profiles.json. */
function indexOf({ file, index, foreign, text }: Draft, mark: string): string {
  const known = index !== 'before' && !foreign && text === undefined;
  const store = index === 'another store' ? 'keyring' : (file['store'] ?? '-');
  const head = `tokencli-digests 1 ${known ? mark : BEFORE} ${store}\n`;
  const lines = file.profiles.map(
    (profile) => `${String(profile?.['name']).toLowerCase()} ${profileDigest(profile)}\n`,
  );
  return head + lines.join('');
}
