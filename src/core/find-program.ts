import { accessSync, constants, statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import type { App } from './ports.ts';

/**
 * Looks a program up in `PATH`. Ignores relative folders, so that nothing in the current folder is
 * started.
 * @param name a name, or an absolute path
 * @returns its absolute path
 */
export function findProgram(
  name: string,
  search: Pick<App, 'env' | 'platform'>,
  isFound: (path: string) => boolean = isProgram,
): string | undefined {
  return placesOf(name, search).find(isFound);
}

/** True for a file that this user may execute. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function placesOf(name: string, { env, platform }: Pick<App, 'env' | 'platform'>): string[] {
  const { isAbsolute, join, delimiter, basename } = platform === 'win32' ? win32 : posix;
  if (isAbsolute(name)) return [name];
  if (name === '' || basename(name) !== name) return [];
  const endings = platform === 'win32' ? ['', '.exe', '.com'] : [''];
  return (env['PATH'] ?? env['Path'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .flatMap((folder) => endings.map((ending) => join(folder, name + ending)));
}
