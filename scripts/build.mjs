// Builds dist/: one command, CommonJS (measured: far cheaper to start than ESM on Node 20).
// esbuild splits ES modules only, so the rest is split as ESM first, and the chunks are then joined in
// a few files of CommonJS.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build, transform } from 'esbuild';
import {
  LATE_FILES,
  lateModules,
  lateRules,
  lateSignatures,
  wholeModules,
} from './late-modules.mjs';
import { loadTypeScript } from './load-typescript.mjs';
import {
  chunksAskedFor,
  joinChunks,
  LOADER_END,
  loaderFor,
  REQUIRE_SHARED,
  START,
  sharedOutputs,
} from './share-chunks.mjs';
import { thirdPartyLicenses } from './third-party.mjs';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const external = ['@napi-rs/keyring', 'fs-native-extensions'];
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // a start reads and compiles every character; traces name the source by its map
  minify: true,
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

const HERE_DEFINED = { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' };
const inCommonJs = {
  supported: { 'dynamic-import': false },
  define: { ...HERE_DEFINED, 'import.meta.url': 'here', TOKENCLI_LOADER: 'load' },
};
const HERE = 'const here=require("url").pathToFileURL(__filename).href;';

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await mkdir('build', { recursive: true });

const alone = {
  ...common,
  format: 'cjs',
  sourcemap: 'linked',
  external,
  define: { ...common.define, ...HERE_DEFINED, 'import.meta.url': '__filename' },
  supported: { 'dynamic-import': false },
};
const others = await build({
  ...alone,
  entryPoints: {
    'keyring-agent': 'src/keyring-agent.ts',
    'code-loader': 'src/code-loader.ts',
    ...LATE_FILES,
  },
  plugins: [lateModules()],
});
await writeAll(others);

const rest = await build({
  ...common,
  // it is done when they are put together
  minify: false,
  entryPoints: { start: 'src/cli/start.ts' },
  format: 'esm',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  sourcemap: 'inline',
  external,
  plugins: [
    ...wholeModules,
    lateSignatures,
    lateRules(digestOf(others, 'rules.cjs')),
    lateModules(['node:module', 'node:process']),
  ],
});
const fileOf = sharedOutputs(rest.metafile);
const isAskedFor = chunksAskedFor(rest.metafile, fileOf);
const chunks = rest.outputFiles.map(({ path, text }) => {
  const output = relative('.', path);
  const { imports } = rest.metafile.outputs[output];
  const needsShared = imports.some((each) => !each.external && fileOf(each.path));
  return { name: basename(path), text, file: fileOf(output), needsShared };
});
const files = [];
for (const chunk of chunks.filter(({ file }) => !file)) files.push(await toCommonJs(chunk));
for (const file of new Set(chunks.flatMap((chunk) => chunk.file ?? []))) {
  if (file !== START) files.push(await joinInto(file, REQUIRE_SHARED));
}
const elsewhere = chunks.filter(({ name, file }) => file !== START && isAskedFor(name));
files.push(await joinInto(START, loaderFor(elsewhere, files), LOADER_END));
for (const file of files) await writeChunk(file);

// The quick lane is a file of its own that shares nothing with the rest (measured: the rest in the
// same file costs a start as much as the whole answer does).
const quick = await build({
  ...alone,
  entryPoints: { tokencli: 'src/main.ts' },
  banner: { js: '#!/usr/bin/env node' },
  plugins: [
    {
      name: 'the-rest',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^\.\/(?:start|code-loader)\.ts$/ }, ({ path }) => ({
          path: path.replace('.ts', '.cjs'),
          external: true,
        }));
      },
    },
    lateModules(),
  ],
});
await writeAll(quick, 0o755);

await writeHelp();
await writeFile('build/meta.json', JSON.stringify(rest.metafile));
await writeFile('build/meta-quick.json', JSON.stringify(quick.metafile));
const inputs = [rest, quick, others].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile('dist/THIRD-PARTY-LICENSES.txt', await thirdPartyLicenses(inputs));

function digestOf({ outputFiles }, name) {
  const { contents } = outputFiles.find(({ path }) => basename(path) === name);
  return createHash('sha256').update(contents).digest('hex');
}

/** Of a build that is ASCII `src/code-loader.ts` decodes nothing. */
function checkText(path, text) {
  if (/[^\0-\x7f]/.test(text)) throw new Error(`${path} is not ASCII`);
}

async function writeAll({ outputFiles }, mode = 0o644) {
  for (const { path, contents, text } of outputFiles) {
    if (path.endsWith('.cjs')) checkText(path, text);
    await writeFile(path, contents, { mode: path.endsWith('.map') ? 0o644 : mode });
  }
}

function joinInto(file, banner, footer = '') {
  const own = chunks.filter((chunk) => chunk.file === file);
  const start = own.some(({ text }) => usesHere(text)) ? `${HERE}${banner}` : banner;
  return joinChunks(file, own, isAskedFor, {
    ...{ ...common, ...inCommonJs, format: 'cjs', sourcemap: 'external' },
    ...{ banner: { js: start }, footer: { js: footer } },
  });
}

async function toCommonJs({ name, text, needsShared }) {
  const { code, map } = await transform(text, {
    ...{ ...inCommonJs, format: 'cjs', platform: 'node', target: 'node20', minify: true },
    ...{ sourcemap: 'external', sourcesContent: false, sourcefile: name, logLevel: 'error' },
    banner: `${needsShared ? REQUIRE_SHARED : ''}${usesHere(text) ? HERE : ''}`,
  });
  return { name, code, map };
}

function usesHere(text) {
  return text.includes('import.meta.url');
}

async function writeChunk({ name, code, map }) {
  checkText(name, code);
  const path = join('dist', name);
  const link = `//# sourceMappingURL=${name}.map\n`;
  await writeFile(path, code + link, { mode: 0o644 });
  await writeFile(`${path}.map`, map, { mode: 0o644 });
}

/** The parser itself writes its help, so that no start has to. */
async function writeHelp() {
  const parser = `export { renderHelp } from './src/cli/parser.ts';`;
  const { renderHelp } = await loadTypeScript(parser, '.', 'parser');
  await writeFile(join('dist', 'help.json'), JSON.stringify(await renderHelp(version)));
}
