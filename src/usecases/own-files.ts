import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { App } from '../core/ports.ts';

const ABANDONED_SECONDS = 3600;
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** Our files and folders, as far as they are there. Others may lie beside them: they are not ours. */
export function findOwnPaths(app: App): string[] {
  const { home, profiles, sealedSecrets } = app.paths;
  const inside = foldersOf(app)
    .filter((folder) => folder !== home)
    .flatMap((folder) => [folder, ...namesIn(folder).map((name) => join(folder, name))]);
  return [home, profiles, sealedSecrets, ...inside].filter((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.isFile() || found?.isDirectory();
  });
}

/** Temporary files that nobody will rename any more. */
export function findLeftovers(app: App): string[] {
  const old = app.clock.now() - ABANDONED_SECONDS;
  return foldersOf(app).flatMap((folder) =>
    namesIn(folder)
      .filter((name) => TEMPORARY.test(name))
      .map((name) => join(folder, name))
      .filter((path) => {
        const found = lstatSync(path, { throwIfNoEntry: false });
        return found?.isFile() && found.mtimeMs / 1000 < old;
      }),
  );
}

function foldersOf(app: App): string[] {
  const { profiles, cacheFolder, lockFolder, throttleFolder, pendingFolder } = app.paths;
  return [dirname(profiles), cacheFolder, lockFolder, throttleFolder, pendingFolder];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
