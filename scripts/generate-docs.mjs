// Writes the tables in docs/ that the code knows; with --check it only says whether they are stale.
import { readFile, writeFile } from 'node:fs/promises';
import { loadTypeScript } from './load-typescript.mjs';

const { ADVICE, EXIT_CODES } = await loadTypeScript(
  `export * from './src/entra/advice-table.ts'; export * from './src/core/errors.ts';`,
  '.',
  'docs',
);

/** What stands in a page between `<!-- name -->` and `<!-- /name -->`. */
const TABLES = [
  { page: 'docs/troubleshooting.md', name: 'aadsts', rows: adviceRows() },
  { page: 'docs/exit-codes-and-json.md', name: 'exit codes', rows: exitCodeRows() },
];

for (const { page, name, rows } of TABLES) {
  const text = await readFile(page, 'utf8');
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`);
  if (!marked.test(text)) throw new Error(`${page} has no place for the table`);
  const wanted = text.replace(marked, (_all, before, after) => before + tableOf(rows) + after);
  if (!process.argv.includes('--check')) await writeFile(page, wanted);
  else if (wanted !== text) {
    console.error(`${page} is stale: npm run docs`);
    process.exitCode = 1;
  }
}

function exitCodeRows() {
  const rows = Object.entries(EXIT_CODES).map(([name, { code, when }]) => [code, name, when]);
  return [['code', 'name', 'when'], ...rows];
}

function adviceRows() {
  const rows = Object.entries(ADVICE).map(([number, { code = 'auth_failed', cause, next }]) => [
    `AADSTS${number}`,
    fill(cause),
    fill(next),
    EXIT_CODES[code].code,
  ]);
  return [['error', 'what it means', 'what to do', 'exit'], ...rows];
}

/** The words in braces, which `src/entra/advice.ts` replaces by the values of the call. */
function fill(text) {
  const words = {
    edit: '`tokencli config edit -p NAME`',
    own: '`tokencli config edit -p NAME`',
    command: '`tokencli get-token -p NAME`',
    consent: 'the link of `tokencli consent -p NAME`',
    clientId: '_client id_',
    tenant: '_tenant_',
    scopes: '_scope_',
    publicly:
      '[platform, redirect URI and "Allow public client flows" by flow](app-registration.md#by-flow)',
    presented: '',
  };
  return text
    .replaceAll('{profile}', 'NAME')
    .replaceAll('{graph}', 'https://graph.microsoft.com')
    .replaceAll("'{", '{')
    .replaceAll("}'", '}')
    .replace(/tokencli [^,;]+/g, '`$&`')
    .replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
}

function tableOf(rows) {
  const texts = rows.map((cells) => cells.map(String));
  const widths = texts[0].map((_, at) => Math.max(...texts.map((cells) => cells[at].length)));
  const lines = texts.map((cells) => cells.map((cell, at) => cell.padEnd(widths[at])));
  lines.splice(
    1,
    0,
    widths.map((width) => '-'.repeat(width)),
  );
  return `\n${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}\n`;
}
