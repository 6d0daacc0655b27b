import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError, systemCode } from './errors.ts';
import { shellWord } from './shell-word.ts';

/** The mode bit of folders such as /tmp, where everybody may write but only owners may delete. */
export const STICKY_BIT = 0o1000;

/**
 * Creates a folder (mode 0700) and its missing parents. Node's `recursive` option is not used:
 * below /proc it never returns, because `mkdir` answers ENOENT there although the parent exists.
 * @throws the system error
 */
export function makeFolder(folder: string): void {
  const make = () => {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
    }
  };
  try {
    make();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    make();
  }
}

/** The error for a path that `isForeign` rejects. */
export function foreignOwnerError(path: string): CliError {
  return new CliError('io', `${path} belongs to another user`, {
    hint: 'name a folder of your own in TOKENCLI_HOME',
  });
}

/**
 * Refuses a folder such as /tmp: taking away everybody else's permissions would break the machine.
 * @throws CliError io
 */
export function refuseSharedFolder(folder: string, mode: number): void {
  if ((mode & STICKY_BIT) === 0) return;
  throw new CliError('io', `${folder} is a folder that everybody shares`, {
    hint: `name one of your own, such as TOKENCLI_HOME=${shellWord(`${folder}/tokencli`)}`,
  });
}
