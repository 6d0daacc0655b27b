// Writes the pages of --help, and names the man pages in package.json; with --check it only says
// whether they are stale.
import { readFile, writeFile } from 'node:fs/promises';
import { loadTypeScript } from './load-typescript.mjs';

const { COMMANDS, renderHelp } = await loadTypeScript(
  `export * from './src/commands/index.ts'; export * from './src/cli/yargs.ts';`,
  '.',
  'help',
);
const pages = await renderHelp(COMMANDS);
const man = Object.keys(pages).map(
  (path) => `dist/man/${['tokencli', ...path.split(' ')].filter(Boolean).join('-')}.1`,
);
const settings = JSON.parse(await readFile('package.json', 'utf8'));

for (const [target, content] of [
  ['src/cli/help-pages.json', pages],
  ['package.json', { ...settings, man }],
]) {
  const text = `${JSON.stringify(content, undefined, 2)}\n`;
  if (!process.argv.includes('--check')) {
    await writeFile(target, text);
  } else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    console.error(`${target} is stale: npm run help`);
    process.exitCode = 1;
  }
}
