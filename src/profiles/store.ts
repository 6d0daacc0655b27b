import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { CliError, systemCode } from '../core/errors.ts';
import { ioError } from '../core/files/failure.ts';
import { readPrivateFile } from '../core/files/private-file.ts';
import { canonicalJson } from '../core/json.ts';
import { SCHEMA_VERSION, sameName } from '../core/names.ts';
import type { Paths } from '../core/paths.ts';
import type { StoreKind } from '../core/ports.ts';
import { restoreNumbers } from './exact-numbers.ts';
import { checkJsonShape, parseJsonFile } from './parse-json.ts';
import { joinProblems } from './problems.ts';
import type { Profile } from './schema.ts';
import { isStamped, writeStamp } from './validation-stamp.ts';

/** Bytes. */
export const LARGEST_PROFILES = 100 * 1024 * 1024;

export interface BrokenProfile {
  /** Its index in the file. */
  readonly index: number;
  readonly name?: string | undefined;
  /** A line for each problem: `profiles[2].tenantId: must be …`. */
  readonly problems: readonly string[];
}

/** The parsed JSON of the whole file, including unknown fields. */
export type RawFile = Record<string, unknown> & { profiles: unknown[] };

export interface ProfilesFile {
  readonly path: string;
  /** True if `TOKENCLI_HOME` names its folder. */
  readonly homeIsNamed?: boolean | undefined;
  readonly exists: boolean;
  /** The valid profiles: the same objects as in `raw`. */
  readonly profiles: readonly Profile[];
  readonly broken: readonly BrokenProfile[];
  readonly defaultName?: string | undefined;
  readonly store?: StoreKind | undefined;
  readonly raw: RawFile;
}

type Rules = typeof import('./validate.ts');

/**
 * Reads and validates profiles.json. A missing file counts as an empty one. Invalid profiles are
 * listed as `broken` beside the valid ones. The rules, and zod with them, are loaded only if this
 * content has not been found valid before.
 * @throws CliError invalid_data if the file is not JSON, holds a name twice, or its head is invalid;
 *   io if it cannot be read
 */
export async function readProfiles(
  paths: Pick<Paths, 'profiles' | 'validationStamp' | 'homeIsNamed'>,
  parse = parseJsonFile,
): Promise<ProfilesFile> {
  const { profiles: path, validationStamp } = paths;
  let bytes: Buffer | undefined;
  try {
    bytes = readPrivateFile(path, LARGEST_PROFILES);
  } catch (error) {
    throw paths.homeIsNamed ? blameHome(error) : error;
  }
  if (!bytes) return toProfilesFile(paths, { profiles: [] }, false, []);
  const value = await parse(bytes, path);
  if (isStamped(validationStamp, bytes)) return toProfilesFile(paths, value as RawFile, true, []);
  await checkJsonShape(bytes, path);
  const rules = await import('./validate.ts');
  const raw = checkHead(value, path, rules);
  const broken = findBroken(raw, rules);
  if (broken.length === 0) writeStamp(validationStamp, bytes);
  return toProfilesFile(paths, raw, true, broken);
}

/** If TOKENCLI_HOME names the home, a wrong value of it may be why a file there cannot be read. */
function blameHome(error: unknown): unknown {
  if (!(error instanceof CliError)) return error;
  const { hint } = error.details;
  if (hint?.includes('TOKENCLI_HOME')) return error;
  const cure = 'correct or unset TOKENCLI_HOME';
  return error.with({ hint: hint === undefined ? cure : `${hint}; or ${cure}` });
}

function checkHead(value: unknown, path: string, rules: Rules): RawFile {
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new CliError(
      'invalid_data',
      `${path} was written by a newer tokencli (schema ${version}); this one reads ${SCHEMA_VERSION}`,
      { hint: 'update tokencli' },
    );
  }
  const problems = rules.findHeadProblems(value);
  if (problems.length === 0) return value as RawFile;
  const list = (value as { profiles?: unknown } | null)?.profiles;
  const further = Array.isArray(list)
    ? list.flatMap((profile, index) => rules.findProfileProblems(profile, `profiles[${index}]`))
    : [];
  throw new CliError('invalid_data', `${path}: ${joinProblems([...problems, ...further])}`, {
    hint: `edit ${path}; it must be {"schemaVersion": 1, "profiles": [ … ]}`,
  });
}

function findBroken(raw: RawFile, { findProfileProblems }: Rules): BrokenProfile[] {
  const places = indexesByName(raw.profiles);
  return raw.profiles.flatMap((profile, index) => {
    const problems = findProfileProblems(profile, `profiles[${index}]`);
    const name = nameOfRaw(profile);
    const duplicate = places.get(name?.toLowerCase() ?? '')?.find((place) => place !== index);
    if (duplicate !== undefined) {
      problems.push(`profiles[${index}].name: is also the name of profiles[${duplicate}]`);
    }
    return problems.length === 0 ? [] : { index, problems, name };
  });
}

/** The profiles of a file with this content. @param broken those that are left out */
export function toProfilesFile(
  { profiles: path, homeIsNamed }: Pick<Paths, 'profiles' | 'homeIsNamed'>,
  raw: RawFile,
  exists: boolean,
  broken: readonly BrokenProfile[],
): ProfilesFile {
  const places = new Set(broken.map(({ index }) => index));
  const { default: defaultName, store } = raw as { default?: string; store?: StoreKind };
  return {
    path,
    exists,
    profiles: raw.profiles.filter((_profile, index) => !places.has(index)) as Profile[],
    broken,
    raw,
    defaultName,
    store,
    homeIsNamed,
  };
}

/** The indexes of the profiles that have each name; names in lower case. */
export function indexesByName(profiles: readonly unknown[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  profiles.forEach((profile, index) => {
    const name = nameOfRaw(profile)?.toLowerCase();
    if (name === undefined) return;
    const there = places.get(name);
    if (there) there.push(index);
    else places.set(name, [index]);
  });
  return places;
}

/** The valid profile of this name. */
export function findValid({ profiles }: ProfilesFile, name: string): Profile | undefined {
  return profiles.find((each) => sameName(each.name, name));
}

/** True if a profile has this name, be it valid or not. */
export function hasName(file: ProfilesFile, name: string): boolean {
  return profileNames(file).some((each) => sameName(each, name));
}

/** The names of all profiles, those of invalid ones last. */
export function profileNames({ profiles, broken }: ProfilesFile): string[] {
  return [...profiles, ...broken].flatMap(({ name }) => name ?? []);
}

/** The name of a profile that may be invalid. */
export function nameOfRaw(profile: unknown): string | undefined {
  const name = (profile as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}

/**
 * A text that changes whenever the file changes: inode, size and times.
 * @returns undefined if there is no such file
 * @throws CliError io
 */
export function fileFingerprint(path: string): string | undefined {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw ioError(`cannot read ${path}`, error, path);
  }
}

/**
 * SHA-256 (hex) of a profile's JSON. Neither the order of fields matters nor whether the file was
 * read with exact numbers. Cached tokens carry it, so that they are not used after the profile has
 * changed.
 */
export function profileDigest(profile: unknown): string {
  const plain: unknown = JSON.parse(restoreNumbers(JSON.stringify(profile)));
  return createHash('sha256').update(canonicalJson(plain)).digest('hex');
}
