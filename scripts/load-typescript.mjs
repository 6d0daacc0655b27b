// Scripts that need the code itself: TypeScript as a module of this process.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * @param contents what a TypeScript file in `folder` would say
 * @param name of the bundle below build/
 */
export async function loadTypeScript(contents, folder, name) {
  const outfile = resolve('build', `${name}.mjs`);
  await build({
    stdin: { contents, resolveDir: resolve(folder), loader: 'ts' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile,
    define: { TOKENCLI_VERSION: '"0.0.0"' },
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
