import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { attempt } from '../attempt.ts';
import { systemCode } from '../errors.ts';
import type { Paths } from '../paths.ts';
import { ioError } from './failure.ts';
import { followLink, removeQuietly } from './private-file.ts';
import { removeFile } from './rename.ts';

const ABANDONED_SECONDS = 3600;
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * The files and folders of tokencli that exist. Other files in the home folder are not tokencli's.
 */
export function findOwnPaths(paths: Paths): string[] {
  return allPaths(paths).filter((path) => {
    const found = tryStat(path);
    return found?.isFile() || found?.isDirectory();
  });
}

/** The links that stand in the place of such files and folders. */
export function findOwnLinks(paths: Paths): string[] {
  return allPaths(paths).filter((path) => tryStat(path)?.isSymbolicLink());
}

/**
 * Deletes a file of tokencli, by the rule in `ownership.ts`: with a link also the file that it leads
 * to, since that is what holds the content.
 * @returns false if there was none
 * @throws CliError io
 */
export function removePrivateFile(path: string): boolean {
  try {
    const target = followLink(path);
    removeFile(target);
    if (target !== path) removeFile(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
    throw ioError(`cannot remove ${path}`, error, dirname(path));
  }
}

function allPaths(paths: Paths): string[] {
  const inside = foldersOf(paths)
    .filter((folder) => folder !== paths.home)
    .flatMap((folder) => contentOf(folder));
  return [...placesOf(paths), ...inside];
}

function placesOf(paths: Paths): string[] {
  return Object.values(paths).filter((place) => typeof place === 'string');
}

/**
 * Temporary files that are older than an hour: the process that would have renamed them was killed.
 * @param now seconds since the epoch
 */
export function findLeftovers(paths: Paths, now: number): string[] {
  const isOld = (found: Stats | undefined) =>
    found?.isFile() && found.mtimeMs / 1000 < now - ABANDONED_SECONDS;
  return foldersOf(paths)
    .flatMap((folder) => contentOf(folder, TEMPORARY))
    .filter((path) => isOld(tryStat(path)));
}

/** Removes what `findLeftovers` finds. Never fails: what cannot be removed stays. */
export function removeLeftovers(paths: Paths, now: number): void {
  for (const path of findLeftovers(paths, now)) removeQuietly(path);
}

function foldersOf(paths: Paths): string[] {
  return placesOf(paths).filter((path) => tryStat(path)?.isDirectory());
}

function contentOf(folder: string, pattern = /./): string[] {
  const names = attempt(() => readdirSync(folder)) ?? [];
  return names.filter((name) => pattern.test(name)).map((name) => join(folder, name));
}

/** Does not follow a symbolic link: its target need not be a file of tokencli. */
function tryStat(path: string): Stats | undefined {
  return attempt(() => lstatSync(path));
}
