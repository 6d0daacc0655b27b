import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError, systemCode } from './errors.ts';

const STICKY = 0o1000;

/**
 * Makes a folder (0700) and those on the way to it. Not by Node's own recursion, which never ends
 * where a folder that exists denies it (below /proc).
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

/** For what `isForeign` finds: it would decide where secrets are sent. */
export function foreign(path: string): CliError {
  return new CliError('io', `${path} belongs to another user`, {
    hint: 'name a folder of your own in TOKENCLI_HOME',
  });
}

/** Closing a folder such as /tmp to others would break the machine. @throws CliError io */
export function refuseShared(folder: string, mode: number): void {
  if ((mode & STICKY) === 0) return;
  throw new CliError('io', `${folder} is a folder that everybody shares`, {
    hint: `name one of your own, such as TOKENCLI_HOME=${folder}/tokencli`,
  });
}
