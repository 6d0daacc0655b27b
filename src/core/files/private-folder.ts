import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError, systemCode, systemReason } from '../errors.ts';
import { OTHER_HOME, unsafeError } from './failure.ts';
import { findDanger, isDangling, setMode, setOwnerAndMode } from './ownership.ts';

/**
 * Creates the folder (mode 0700). If others can read an existing one, their permissions are
 * removed, and if its owner cannot use it, the owner's are added.
 * @throws CliError io, also for a folder that must not be used by the rule in `ownership.ts`
 */
export function ensurePrivateFolder(folder: string): void {
  try {
    if (isDangling(folder)) throw unsafeError(folder, 'dangling');
    makeFolder(folder);
    const found = statSync(folder);
    const danger = findDanger(folder, found);
    if (danger) throw unsafeError(folder, danger);
    setMode(folder, 0o700);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const what = `cannot use the folder ${folder}: ${systemReason(cause)}`;
    throw new CliError('io', what, { cause, hint: OTHER_HOME });
  }
}

/**
 * Creates a folder (mode 0700, whatever the umask) and its missing parents. Node's `recursive`
 * option is not used: below /proc it never returns, because `mkdir` answers ENOENT there although
 * the parent exists.
 * @throws the system error
 */
function makeFolder(folder: string): void {
  try {
    makeOne(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    makeOne(folder);
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
    return;
  }
  setOwnerAndMode(folder, 0o700);
}
