// Writes the pages of --help; with --check it only says whether they are stale.
import { readFile, writeFile } from 'node:fs/promises';
import { loadTypeScript } from './load-typescript.mjs';

const TARGET = 'src/cli/help-pages.json';

const { COMMANDS, renderHelp } = await loadTypeScript(
  `export * from './src/commands/index.ts'; export * from './src/cli/yargs.ts';`,
  '.',
  'help',
);
const text = `${JSON.stringify(await renderHelp(COMMANDS), undefined, 2)}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(TARGET, text);
} else if ((await readFile(TARGET, 'utf8').catch(() => '')) !== text) {
  console.error(`${TARGET} is stale: npm run help`);
  process.exitCode = 1;
}
