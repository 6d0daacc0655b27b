import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from './paths.ts';
import { removeQuietly } from './private-file.ts';

const ABANDONED_SECONDS = 3600;
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** Our files and folders, as far as they are there. Others may lie beside them: they are not ours. */
export function findOwnPaths(paths: Paths): string[] {
  const inside = foldersOf(paths)
    .filter((folder) => folder !== paths.home)
    .flatMap((folder) => contentOf(folder));
  return [...Object.values(paths), ...inside].filter((path) => {
    const found = look(path);
    return found?.isFile() || found?.isDirectory();
  });
}

/**
 * Temporary files that a killed process left behind instead of renaming them.
 * @param now seconds since the epoch
 */
export function findLeftovers(paths: Paths, now: number): string[] {
  const isOld = (found: Stats | undefined) =>
    found?.isFile() && found.mtimeMs / 1000 < now - ABANDONED_SECONDS;
  return foldersOf(paths)
    .flatMap((folder) => contentOf(folder, TEMPORARY))
    .filter((path) => isOld(look(path)));
}

/** Removes them, as far as that is possible. */
export function removeLeftovers(paths: Paths, now: number): void {
  for (const path of findLeftovers(paths, now)) removeQuietly(path);
}

function foldersOf(paths: Paths): string[] {
  return Object.values(paths).filter((path: string) => look(path)?.isDirectory());
}

function contentOf(folder: string, pattern = /./): string[] {
  try {
    const names = readdirSync(folder).filter((name) => pattern.test(name));
    return names.map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** A link may lead out of our folders, so it is not followed. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
