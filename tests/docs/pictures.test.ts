import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { takePictures } from './pictures.ts';

it('the pictures are what the program shows today (npm run pictures)', async () => {
  const taken = await takePictures();
  const files = readdirSync('docs/pictures').map((name) => `docs/pictures/${name}`);
  expect(files.sort()).toEqual([...taken.keys()].sort());
  for (const [path, svg] of taken) {
    expect({ path, text: existsSync(path) && readFileSync(path, 'utf8') }).toEqual({
      path,
      text: svg,
    });
  }
});
