import { readFileSync } from 'node:fs';
import { join } from 'node:path';

declare const TOKENCLI_VERSION: string;

const COMMAND = /^[a-z][a-z-]*$/;

/**
 * What `--version` and `--help` print, without the parser that would say the same.
 * @param folder holds `help.json`, which the build has the parser write
 * @returns undefined for any other command line
 */
export function quickText(argv: readonly string[], folder: string): string | undefined {
  if (argv.length === 1 && argv[0] === '--version') return `${TOKENCLI_VERSION}\n`;
  const path = argv.slice(0, -1);
  if (argv.at(-1) !== '--help' || !path.every((word) => COMMAND.test(word))) return undefined;
  try {
    const pages = JSON.parse(readFileSync(join(folder, 'help.json'), 'utf8'));
    const name = path.join(' ');
    return Object.hasOwn(pages, name) ? String(pages[name]) : undefined;
  } catch {
    return undefined;
  }
}
