import { startDeadline } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import { removeLeftovers } from '../core/files/own-files.ts';
import { writePrivateFile } from '../core/files/private-file.ts';
import { ensurePrivateFolder } from '../core/files/private-folder.ts';
import { SCHEMA_URL, SCHEMA_VERSION, sameName } from '../core/names.ts';
import type { App } from '../core/ports.ts';
import { restoreNumbers } from './exact-numbers.ts';
import { parseExactJsonFile } from './parse-json.ts';
import { joinProblems } from './problems.ts';
import type { CredentialRef, Profile } from './schema.ts';
import {
  findValid,
  indexesByName,
  nameOfRaw,
  type ProfilesFile,
  type RawFile,
  readProfiles,
} from './store.ts';
import { findProfileProblems, parseRef } from './validate.ts';

const LOCK_SECONDS = 10;

/**
 * Takes the lock of profiles.json, reads the file, changes it and writes it atomically. Unknown
 * fields, with the numbers in them as they stood, and invalid profiles stay as they are.
 * @param change synchronous, so that no signal handler runs before the file is written; if it
 *   throws, nothing is written
 * @throws CliError invalid_data (damaged file, newer version, invalid new profile), busy, io
 */
export async function changeProfiles<T>(app: App, change: (draft: Draft) => T): Promise<T> {
  ensurePrivateFolder(app.paths.home);
  const locks = await app.locks();
  const release = await locks.acquire('profiles', startDeadline(LOCK_SECONDS, app.interrupted));
  try {
    const file = await readProfiles(app.paths, parseExactJsonFile);
    refuseDuplicateNames(file);
    const raw: RawFile = file.exists
      ? { ...file.raw, profiles: [...file.raw.profiles] }
      : { $schema: SCHEMA_URL, schemaVersion: SCHEMA_VERSION, profiles: [] };
    const result = change(createDraft(file, raw));
    app.interrupted.throwIfAborted();
    writeFile(file, raw);
    removeLeftovers(app.paths, app.clock.now());
    return result;
  } finally {
    release();
  }
}

export type Draft = ReturnType<typeof createDraft>;

/**
 * The file as read under the lock, and the changes that can be made to it. Names are matched in any
 * case.
 */
function createDraft(file: ProfilesFile, raw: RawFile) {
  const indexOf = (name: string) =>
    raw.profiles.findIndex((profile) => sameName(nameOfRaw(profile), name));
  const put = (index: number, profile: Profile) => {
    const problems = findProfileProblems(profile, '');
    if (problems.length > 0) throw new CliError('invalid_data', joinProblems(problems));
    const other = indexOf(profile.name);
    if (other !== -1 && other !== index) {
      throw new CliError('usage', `there is already a profile '${nameOfRaw(raw.profiles[other])}'`);
    }
    raw.profiles[index] = profile;
  };
  const isDefault = (name: string) => sameName(file.defaultName, name);
  return {
    file,
    /** @throws CliError profile_not_found: another process may have been faster */
    get: (name: string): Profile => {
      const profile = findValid(file, name);
      if (!profile) throw gone(name);
      return profile;
    },
    add: (profile: Profile) => put(raw.profiles.length, profile),
    /**
     * Replaces the profile of this name. If the new profile has another name, a default that named
     * the old one names the new one.
     */
    replace: (name: string, profile: Profile) => {
      const index = indexOf(name);
      put(index === -1 ? raw.profiles.length : index, profile);
      if (isDefault(name) && profile.name !== name) raw['default'] = profile.name;
    },
    /**
     * Removes a profile, valid or not, and the default if it names it.
     * @throws CliError profile_not_found
     */
    remove: (name: string) => {
      const index = indexOf(name);
      if (index === -1) throw gone(name);
      raw.profiles.splice(index, 1);
      if (isDefault(name)) delete raw['default'];
    },
    /** @param name undefined removes the default */
    setDefault: (name: string | undefined) => {
      if (name === undefined) delete raw['default'];
      else raw['default'] = name;
    },
  };
}

function gone(name: string): CliError {
  return new CliError('profile_not_found', `there is no profile '${name}' any more`);
}

/** The references to secrets of a profile. If the profile is invalid, those that are readable. */
export function credentialsOf(file: ProfilesFile, name: string): readonly CredentialRef[] {
  const raw = file.raw.profiles.find((each) => sameName(nameOfRaw(each), name));
  const refs = (raw as { credentials?: unknown } | undefined)?.credentials;
  return Array.isArray(refs) ? refs.flatMap((ref) => parseRef(ref) ?? []) : [];
}

/**
 * A change by name cannot tell which of two profiles with that name is meant.
 * @throws CliError invalid_data
 */
function refuseDuplicateNames(file: ProfilesFile): void {
  for (const [name, places] of indexesByName(file.raw.profiles)) {
    if (places.length === 1) continue;
    throw new CliError('invalid_data', `${file.path} holds two profiles named '${name}'`, {
      hint: `remove or rename one of them in ${file.path}`,
    });
  }
}

function writeFile(file: ProfilesFile, raw: RawFile): void {
  const text = `${stringify(raw)}\n`;
  if (file.exists && text === `${stringify(file.raw)}\n`) return;
  writePrivateFile(file.path, text);
}

function stringify(raw: RawFile): string {
  return restoreNumbers(JSON.stringify(raw, undefined, 2));
}
