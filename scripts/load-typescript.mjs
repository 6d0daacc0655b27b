// Scripts that need the code itself: TypeScript as a module of this process.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

/**
 * @param contents what a TypeScript file in `folder` would say
 * @param name of the bundle below build/
 */
export async function loadTypeScript(contents, folder, name) {
  const entry = resolve(folder, 'entry.ts');
  const file = resolve('build', `${name}.mjs`);
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    external: (id) => !/^[./]/.test(id),
    transform: { define: { TOKENCLI_VERSION: '"0.0.0"' } },
    plugins: [
      {
        name: 'contents',
        resolveId: (id) => (id === entry ? entry : undefined),
        load: (id) => (id === entry ? contents : undefined),
      },
    ],
  });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  return import(pathToFileURL(file).href);
}
