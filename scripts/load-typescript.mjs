// Scripts and tests that need the code itself: TypeScript as one file of JavaScript.
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

/**
 * Bundles what a TypeScript file in `folder` would say, and loads it into this process.
 * @param name of the bundle below build/
 */
export async function loadTypeScript(contents, folder, name) {
  const outfile = resolve('build', `${name}.mjs`);
  const define = { TOKENCLI_VERSION: '"0.0.0"' };
  const code = await bundleTypeScript(contents, folder, { define, packages: 'outside' });
  await mkdir('build', { recursive: true });
  await writeFile(outfile, code);
  return import(pathToFileURL(outfile).href);
}

/**
 * @param contents what a TypeScript file in `folder` would say
 * @param options `packages`: whether they are bundled as well; `format`: esm or cjs
 * @returns one file of JavaScript
 */
export async function bundleTypeScript(
  contents,
  folder,
  { define = {}, format = 'esm', packages = 'inside' } = {},
) {
  const entry = resolve(folder, 'entry.ts');
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    external: (id) => packages === 'outside' && !/^[./]/.test(id),
    transform: { target: 'node20.19', define },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? entry : undefined),
        load: (id) => (id === entry ? contents : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}
