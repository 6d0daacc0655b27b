import process from 'node:process';

/** The numeric id of this user; undefined on Windows, where files have neither modes nor owners. */
export function currentUser(): number | undefined {
  return process.geteuid?.();
}
