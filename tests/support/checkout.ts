import { cpSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './built-cli.ts';

/** What a build reads. */
const SOURCES = [
  ...['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json', '.npmrc', 'LICENSE'],
  ...['README.md', 'CHANGELOG.md', 'profiles.schema.json'],
];

/**
 * Copies what a build reads into a new folder, so that the programs that other tests run stay as
 * they are meanwhile.
 */
export function checkOut(folder: string): void {
  mkdirSync(folder);
  for (const name of SOURCES) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  // the packages count as up to date: to install them would change those of this checkout
  utimesSync(join(folder, 'package-lock.json'), 0, 0);
}
