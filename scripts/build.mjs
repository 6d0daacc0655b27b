// Builds the npm package in dist/: CommonJS, which Node 20 starts faster than ES modules (measured).
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { rolldown } from 'rolldown';
import { manPages } from './man-pages.mjs';
import { packageFolders, thirdPartyLicenses } from './third-party.mjs';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const bundle = await rolldown({
  input: { tokencli: 'src/npm-package.ts' },
  platform: 'node',
  checks: { emptyImportMeta: false },
  external: ['@napi-rs/keyring', /^fs-native-extensions/],
  transform: { target: 'node20.19', define: { TOKENCLI_VERSION: JSON.stringify(version) } },
});
// one file for what every start loads, one for a cached token: each file takes time to be found
const groups = [
  { name: 'start', test: /src.npm-package\.ts$/, priority: 2 },
  { name: 'token', test: /token.get-token\.ts$|adapters.sealed-store\.ts$/, priority: 1 },
];
const { output } = await bundle.write({
  ...{ dir: 'dist', format: 'cjs', minify: true, sourcemap: true, cleanDir: true },
  ...{ entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
  codeSplitting: { groups },
});
const chunks = output.filter(({ type }) => type === 'chunk');
const modules = [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds))];
await writeFile('dist/THIRD-PARTY-LICENSES.txt', thirdPartyLicenses(packageFolders(modules)));
await mkdir('dist/man');
for (const [name, page] of Object.entries(await manPages()))
  await writeFile(`dist/man/${name}`, page);
// what each file holds and loads at once, for the tests
await mkdir('build', { recursive: true });
const loads = chunks.map((chunk) => ({ ...chunk, bytes: chunk.code.length }));
await writeFile(
  'build/npm-package.json',
  JSON.stringify(loads, ['fileName', 'bytes', 'moduleIds', 'imports']),
);
