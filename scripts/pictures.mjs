// Takes the pictures in docs/pictures/ anew, from real runs against the identity provider of the tests.
import { mkdir, writeFile } from 'node:fs/promises';
import { loadTypeScript } from './load-typescript.mjs';

const { takePictures } = await loadTypeScript(
  `export { takePictures } from './pictures.ts';`,
  'tests/docs',
  'docs/pictures',
);
await mkdir('docs/pictures', { recursive: true });
for (const [path, svg] of await takePictures()) {
  await writeFile(path, svg);
  console.log(path);
}
