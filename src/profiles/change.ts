import { realpathSync } from 'node:fs';
import { startDeadline } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import { SCHEMA_URL, SCHEMA_VERSION, sameName } from '../core/names.ts';
import { removeLeftovers } from '../core/own-files.ts';
import type { App } from '../core/ports.ts';
import { ensurePrivateFolder, writePrivateFile } from '../core/private-file.ts';
import { joinProblems } from './problems.ts';
import { findProfileProblems, parseRef } from './rules.ts';
import type { CredentialRef, Profile } from './schema.ts';
import {
  findValid,
  nameOf,
  type ProfilesFile,
  placesByName,
  type RawFile,
  readProfiles,
} from './store.ts';

const LOCK_SECONDS = 10;

/** The file as it was found under the lock, and the verbs that change it. Names in any case. */
export interface Draft {
  readonly file: ProfilesFile;
  find(name: string): Profile | undefined;
  /** @throws CliError profile_not_found: another process may have been faster */
  get(name: string): Profile;
  add(profile: Profile): void;
  /**
   * Puts a profile in the place of the one with this name; it may bring another name, which a
   * configured default follows.
   */
  replace(name: string, profile: Profile): void;
  /**
   * Removes it, valid or not; the configured default goes with it.
   * @throws CliError profile_not_found
   */
  remove(name: string): void;
  /** @param name undefined: none any more */
  setDefault(name: string | undefined): void;
}

/**
 * Changes profiles.json: under a lock of the kernel, from a fresh reading, whole or not at all.
 * Unknown fields and broken profiles stay as they are.
 * @param change synchronous, so that no signal comes between reading and writing; if it throws,
 *   nothing is written
 * @throws CliError invalid_data (corrupt, newer, or the new profile is wrong), busy, io
 */
export async function changeProfiles<T>(app: App, change: (draft: Draft) => T): Promise<T> {
  ensurePrivateFolder(app.paths.home);
  const locks = await app.locks();
  const release = await locks.acquire('profiles', startDeadline(LOCK_SECONDS, app.interrupted));
  try {
    const file = await readProfiles(app.paths);
    refuseDuplicates(file);
    const raw = file.exists ? { ...file.raw, profiles: [...file.raw.profiles] } : newFile();
    const result = change(createDraft(file, raw));
    app.interrupted.throwIfAborted();
    writeFile(file, raw);
    removeLeftovers(app.paths, app.clock.now());
    return result;
  } finally {
    release();
  }
}

function newFile(): RawFile {
  return { $schema: SCHEMA_URL, schemaVersion: SCHEMA_VERSION, profiles: [] };
}

function createDraft(file: ProfilesFile, raw: RawFile): Draft {
  const indexOf = (name: string) =>
    raw.profiles.findIndex((profile) => sameName(nameOf(profile), name));
  const put = (index: number, profile: Profile) => {
    const problems = findProfileProblems(profile, '');
    if (problems.length > 0) throw new CliError('invalid_data', joinProblems(problems));
    const other = indexOf(profile.name);
    if (other !== -1 && other !== index) {
      throw new CliError('usage', `there is already a profile '${nameOf(raw.profiles[other])}'`);
    }
    raw.profiles[index] = profile;
  };
  const isDefault = (name: string) => sameName(file.defaultName, name);
  const find = (name: string) => findValid(file, name);
  return {
    file,
    find,
    get: (name) => {
      const profile = find(name);
      if (!profile) throw gone(name);
      return profile;
    },
    add: (profile) => put(raw.profiles.length, profile),
    replace: (name, profile) => {
      const index = indexOf(name);
      put(index === -1 ? raw.profiles.length : index, profile);
      if (isDefault(name) && profile.name !== name) raw['default'] = profile.name;
    },
    remove: (name) => {
      const index = indexOf(name);
      if (index === -1) throw gone(name);
      raw.profiles.splice(index, 1);
      if (isDefault(name)) delete raw['default'];
    },
    setDefault: (name) => {
      if (name === undefined) delete raw['default'];
      else raw['default'] = name;
    },
  };
}

function gone(name: string): CliError {
  return new CliError('profile_not_found', `there is no profile '${name}' any more`);
}

/** The references to secrets of a profile by name, of a broken one those that can be read. */
export function credentialsOf(file: ProfilesFile, name: string): readonly CredentialRef[] {
  const raw = file.raw.profiles.find((each) => sameName(nameOf(each), name));
  const refs = (raw as { credentials?: unknown } | undefined)?.credentials;
  return Array.isArray(refs) ? refs.flatMap((ref) => parseRef(ref) ?? []) : [];
}

/** A change could hit the wrong one of two profiles of one name, so a person has to look first. */
function refuseDuplicates(file: ProfilesFile): void {
  for (const [name, places] of placesByName(file.raw.profiles)) {
    if (places.length === 1) continue;
    throw new CliError('invalid_data', `${file.path} holds two profiles named '${name}'`, {
      hint: `remove or rename one of them in ${file.path}`,
    });
  }
}

function writeFile(file: ProfilesFile, raw: RawFile): void {
  const text = `${stringify(raw, file.path)}\n`;
  if (file.exists && text === `${stringify(file.raw, file.path)}\n`) return;
  // people keep configuration elsewhere and link to it: the link stays, its target is replaced
  writePrivateFile(file.exists ? realpathSync(file.path) : file.path, text);
}

function stringify(raw: RawFile, path: string): string {
  try {
    return JSON.stringify(raw, undefined, 2);
  } catch (error) {
    throw new CliError('invalid_data', `${path} is nested too deeply`, { cause: error });
  }
}
