// Builds dist/: one command, CommonJS (measured: far cheaper to start than ESM on Node 20).
// esbuild splits ES modules only, so the rest is split as ESM first and each chunk then turned into
// CommonJS.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { build, transform } from 'esbuild';

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
  entryPoints: { tokencli: 'src/main.ts', 'keyring-agent': 'src/keyring-agent.ts' },
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
  const shebang = name.endsWith('/tokencli.cjs') ? '#!/usr/bin/env node\n' : '';
  await writeFile(name, shebang + here + linked, { mode: shebang ? 0o755 : 0o644 });
}
await mkdir('build', { recursive: true });
await writeFile('build/meta.json', JSON.stringify(result.metafile));
