// Builds dist/: one command, CommonJS (measured: far cheaper to start than ESM on Node 20).
// esbuild splits ES modules only, so the rest is split as ESM first and each chunk then turned into
// CommonJS.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build, transform } from 'esbuild';
import { loadTypeScript } from './load-typescript.mjs';
import { joinChunks, REQUIRE_SHARED, sharedOutputs } from './share-chunks.mjs';
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
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  define: { TOKENCLI_VERSION: JSON.stringify(version) },
  // a trace needs the lines, not the text
  sourcesContent: false,
  write: false,
  metafile: true,
  logLevel: 'warning',
};

const HERE = 'const here=require("url").pathToFileURL(__filename).href;';
/** In processes of their own. */
const APART = ['src/keyring-agent.ts', 'src/age-worker.ts'];

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await mkdir('build', { recursive: true });

const rest = await build({
  ...common,
  entryPoints: {
    start: 'src/start.ts',
    'keyring-agent': 'src/keyring-agent.ts',
    'age-worker': 'src/age-worker.ts',
  },
  format: 'esm',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  sourcemap: 'inline',
  external,
});
const isShared = sharedOutputs(rest.metafile, APART);
const shared = [];
for (const { path, text } of rest.outputFiles) {
  const output = relative('.', path);
  const needsShared = rest.metafile.outputs[output].imports.some(
    (each) => !each.external && isShared(each.path),
  );
  const chunk = await toCommonJs(path, text, !isShared(output) && needsShared);
  if (isShared(output)) shared.push(chunk);
  else await writeChunk(chunk);
}
await writeChunk(joinChunks(shared));

// What a file imports is loaded as it starts, and these take longer than many an answer needs: the
// quick lane loads them when it calls them. A CommonJS file has a `require` without `node:module`.
const LATE = {
  'node:crypto': ['createCipheriv', 'createDecipheriv', 'createHash', 'createHmac', 'randomBytes']
    .map((name) => `export const ${name} = (...args) => require('node:crypto').${name}(...args);`)
    .join('\n'),
  'node:module': 'export const createRequire = () => require;',
};
const lateModules = {
  name: 'late-modules',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/, namespace: 'file' }, ({ path }) =>
      Object.hasOwn(LATE, path) ? { path, namespace: 'late' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({ contents: LATE[path] }));
  },
};

// The quick lane is a file of its own that shares nothing with the rest (measured: the rest in the
// same file costs a start as much as the whole answer does).
const quick = await build({
  ...common,
  entryPoints: { tokencli: 'src/main.ts' },
  format: 'cjs',
  minify: true,
  sourcemap: 'linked',
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
    lateModules,
  ],
});
for (const { path, contents } of quick.outputFiles) {
  await writeFile(path, contents, { mode: path.endsWith('.map') ? 0o644 : 0o755 });
}

await writeHelp();
await writeFile('build/meta.json', JSON.stringify(rest.metafile));
await writeFile('build/meta-quick.json', JSON.stringify(quick.metafile));
const inputs = [rest, quick].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile('dist/THIRD-PARTY-LICENSES.txt', await thirdPartyLicenses(inputs));

async function toCommonJs(path, text, needsShared) {
  const here = text.includes('import.meta.url');
  const name = basename(path);
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: name,
    banner: `${needsShared ? REQUIRE_SHARED : ''}${here ? HERE : ''}`,
    define: here ? { 'import.meta.url': 'here' } : {},
    logLevel: 'error',
  });
  return { name, code, map };
}

async function writeChunk({ name, code, map }) {
  const path = join('dist', name);
  const link = `//# sourceMappingURL=${name}.map\n`;
  await writeFile(path, code + link, { mode: 0o644 });
  await writeFile(`${path}.map`, map, { mode: 0o644 });
}

/** The parser itself writes its help, so that no start has to. */
async function writeHelp() {
  const parser = `export { renderHelp } from './src/parser.ts';`;
  const { renderHelp } = await loadTypeScript(parser, '.', 'parser');
  await writeFile(join('dist', 'help.json'), JSON.stringify(await renderHelp(version)));
}
