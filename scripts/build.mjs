// Builds dist/: one command, CommonJS (measured: far cheaper to start than ESM on Node 20).
// esbuild splits ES modules only, so the rest is split as ESM first and each chunk then turned into
// CommonJS.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build, transform } from 'esbuild';
import { LATE_FILES, lateModules, lateRules, lateSignatures } from './late-modules.mjs';
import { loadTypeScript } from './load-typescript.mjs';
import { joinChunks, REQUIRE_SHARED, sharedOutputs } from './share-chunks.mjs';
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
const HERE = 'const here=require("url").pathToFileURL(__filename).href;';

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await mkdir('build', { recursive: true });

const alone = {
  ...common,
  format: 'cjs',
  sourcemap: 'linked',
  external,
  define: {
    ...common.define,
    'import.meta.url': '__filename',
    ...HERE_DEFINED,
  },
  supported: { 'dynamic-import': false },
};
const others = await build({
  ...alone,
  entryPoints: {
    'keyring-agent': 'src/keyring-agent.ts',
    'age-worker': 'src/age-worker.ts',
    'code-loader': 'src/code-loader.ts',
    ...LATE_FILES,
  },
  plugins: [lateModules()],
});
await writeAll(others);

const rest = await build({
  ...common,
  entryPoints: { start: 'src/start.ts' },
  format: 'esm',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  sourcemap: 'inline',
  external,
  plugins: [lateSignatures, lateRules(digestOf(others, 'rules.cjs')), lateModules(['node:module'])],
});
const sharedFile = sharedOutputs(rest.metafile);
const chunks = [];
for (const { path, text } of rest.outputFiles) {
  const output = relative('.', path);
  const file = sharedFile(output);
  const needsShared = rest.metafile.outputs[output].imports.some(
    (each) => !each.external && sharedFile(each.path),
  );
  const chunk = await toCommonJs(path, text, !file && needsShared);
  chunks.push({ ...chunk, file });
}
for (const file of joinChunks(chunks)) await writeChunk(file);

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

async function toCommonJs(path, text, needsShared) {
  const here = text.includes('import.meta.url');
  const loader = text.includes('TOKENCLI_LOADER') ? 'const TOKENCLI_LOADER=require;' : '';
  const name = basename(path);
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': false },
    minify: true,
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: name,
    banner: `${needsShared ? REQUIRE_SHARED : ''}${loader}${here ? HERE : ''}`,
    define: { ...HERE_DEFINED, ...(here && { 'import.meta.url': 'here' }) },
    logLevel: 'error',
  });
  return { name, code, map };
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
  const parser = `export { renderHelp } from './src/parser.ts';`;
  const { renderHelp } = await loadTypeScript(parser, '.', 'parser');
  await writeFile(join('dist', 'help.json'), JSON.stringify(await renderHelp(version)));
}
