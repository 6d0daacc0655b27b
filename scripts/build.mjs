// Builds dist/: one command, CommonJS (measured: far cheaper to start than ESM on Node 20).
// esbuild splits ES modules only, so the rest is split as ESM first and each chunk then turned into
// CommonJS.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { build, transform } from 'esbuild';
import { thirdPartyLicenses } from './third-party.mjs';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const external = ['@napi-rs/keyring', 'fs-native-extensions'];
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { TOKENCLI_VERSION: JSON.stringify(version) },
  write: false,
  metafile: true,
  logLevel: 'warning',
};

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });

const result = await build({
  ...common,
  entryPoints: { start: 'src/start.ts', 'keyring-agent': 'src/keyring-agent.ts' },
  format: 'esm',
  splitting: true,
  outdir: 'dist',
  chunkNames: 'chunk-[hash]',
  external,
});

for (const file of result.outputFiles) {
  const { code } = await transform(file.text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    define: { 'import.meta.url': 'here' },
    logLevel: 'error',
  });
  const name = file.path.replace(/\.js$/, '.cjs');
  const linked = code.replaceAll(/(["'])(\.\/[\w-]+)\.js\1/g, '$1$2.cjs$1');
  const here = linked.includes('here')
    ? `const here=require("url").pathToFileURL(__filename).href;`
    : '';
  await writeFile(name, here + linked, { mode: 0o644 });
}

// The quick lane is a file of its own that shares nothing with the rest (measured: the rest in the
// same file costs a start as much as the whole answer does).
const quick = await build({
  ...common,
  entryPoints: { tokencli: 'src/main.ts' },
  format: 'cjs',
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  external,
  banner: { js: '#!/usr/bin/env node' },
  define: { ...common.define, 'import.meta.url': '__filename' },
  supported: { 'dynamic-import': false },
  plugins: [
    {
      name: 'the-rest',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^\.\/start\.ts$/ }, () => ({ path: './start.cjs', external: true }));
      },
    },
  ],
});
for (const file of quick.outputFiles) await writeFile(file.path, file.contents, { mode: 0o755 });
await mkdir('build', { recursive: true });
await writeFile('build/meta.json', JSON.stringify(result.metafile));
await writeFile('build/meta-quick.json', JSON.stringify(quick.metafile));

const inputs = [result, quick].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile('dist/THIRD-PARTY-LICENSES.txt', await thirdPartyLicenses(inputs));
