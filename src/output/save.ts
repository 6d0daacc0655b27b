import { accessSync, constants, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { attempt } from '../core/attempt.ts';
import { CliError } from '../core/errors.ts';
import { ioError } from '../core/files/failure.ts';
import { keepsModes, STICKY_BIT } from '../core/files/ownership.ts';
import { replaceFile } from '../core/files/private-file.ts';
import type { App } from '../core/ports.ts';

/**
 * Checks the target of `-o`, so that an unusable one is reported before any network request.
 * @returns a function that writes the file atomically, with mode 0600. It belongs to who runs
 *   tokencli, whoever owned the file before: in /tmp that may have been anybody
 * @throws CliError io, usage
 */
export function prepareSave(
  { workingFolder, paths }: Pick<App, 'workingFolder' | 'paths'>,
  file: string,
): (content: string | Uint8Array) => void {
  if (file === '-') {
    throw new CliError('usage', '-o takes the name of a file; without it the token goes to stdout');
  }
  const path = resolve(workingFolder, file);
  const folder = checkFolder(dirname(path), file);
  checkTarget(path, file);
  if (isInside(folder, realpathOf(paths.home))) {
    throw refused(file, 'that folder holds the files of tokencli itself');
  }
  return (content) => replaceFile(join(folder, basename(path)), content);
}

/** @returns the folder's path without symbolic links */
function checkFolder(folder: string, file: string): string {
  try {
    const real = realpathSync(folder);
    const found = statSync(real);
    if (!found.isDirectory()) throw refused(file, `${folder} is not a folder`);
    if (isOpenToOthers(found) && keepsModes(real)) {
      throw refused(file, `everybody can replace files in ${folder}`);
    }
    accessSync(real, constants.W_OK | constants.X_OK);
    return real;
  } catch (error) {
    throw ioError(`cannot write ${file}`, error);
  }
}

/** True if every user may replace files in the folder, for example by a symbolic link. */
function isOpenToOthers({ mode }: Stats): boolean {
  const worldWritable = (mode & 0o002) !== 0;
  return worldWritable && (mode & STICKY_BIT) === 0;
}

function checkTarget(path: string, file: string): void {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found || (found.isFile() && !file.endsWith(sep))) return;
    throw refused(file, `it is ${kindOf(found)}`);
  } catch (error) {
    throw ioError(`cannot write ${file}`, error);
  }
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return found.isFile() ? 'a file' : 'a device';
}

function isInside(folder: string, parent: string): boolean {
  const path = relative(parent, folder);
  return path === '' || !(path === '..' || path.startsWith(`..${sep}`) || resolve(path) === path);
}

function realpathOf(path: string): string {
  return attempt(() => realpathSync(path)) ?? resolve(path);
}

function refused(file: string, reason: string): CliError {
  return new CliError('io', `cannot write ${file}: ${reason}`, {
    hint: 'name a regular file in a folder of your own',
  });
}
