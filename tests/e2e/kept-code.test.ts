import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { versions } from 'node:process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRandom } from '../support/random.ts';
import { type Stage, setStage } from '../support/stage.ts';

const STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 3).toString('base64'),
};
/** From version 22 on Node keeps what it has compiled; before that tokencli does. */
const BY_NODE = Number.parseInt(versions.node, 10) >= 22;
/** It loads what many commands share, in one large file. */
const LIST = ['config', 'list', '--json'];

let stage: Stage;
let listed: string;
const folder = () => join(stage.home, '.tokencli/compile-cache');
const kept = () =>
  readdirSync(folder(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
const stateOf = (path: string) => {
  const { ino, size, mtimeMs, mode } = statSync(path);
  return [path, ino, size, mtimeMs, (mode & 0o777).toString(8)];
};

beforeAll(async () => {
  stage = setStage(STORE);
  stage.writeProfiles({ profiles: [{ name: 'app', clientId: 'client', tenantId: 'contoso.com' }] });
  listed = (await stage.run(LIST)).out;
  expect(JSON.parse(listed).profiles).toHaveLength(1);
});
afterAll(() => stage?.remove());
beforeEach(async () => {
  rmSync(folder(), { recursive: true, force: true });
  expect(await stage.run(LIST)).toMatchObject({ code: 0, out: listed, err: '' });
});

describe('compiled code', () => {
  it('is kept in private files, and not written again', async () => {
    const before = kept().map(stateOf);
    expect(before.length).toBeGreaterThan(0);
    expect(before.map((state) => state[4])).toEqual(before.map(() => '600'));
    expect(stateOf(folder())[4]).toBe('700');
    expect((await stage.run(LIST)).out).toBe(listed);
    expect(kept().map(stateOf)).toEqual(before);
  });

  it('is made anew when it was damaged, which nobody notices', async () => {
    const [path = ''] = kept();
    const sound = readFileSync(path);
    const below = createRandom(11);
    for (let round = 0; round < 25; round += 1) {
      const damaged = Buffer.from(sound);
      const at = below(sound.length);
      damaged.fill(below(256), at, Math.min(sound.length, at + 1 + below(4000)));
      writeFileSync(path, round % 4 === 0 ? sound.subarray(0, at) : damaged);
      expect(await stage.run(LIST)).toMatchObject({ code: 0, out: listed, err: '' });
      expect(readFileSync(path).length).toBeGreaterThan(sound.length / 2);
    }
  });

  it('of another build goes, if it is not Node that keeps it', async () => {
    const before = kept();
    const [path = ''] = before;
    const other = BY_NODE ? `${path}-gone` : path.replace(/[^/]+\.cjs/, 'chunk-GONE.cjs');
    cpSync(path, other);
    rmSync(path);
    await stage.run(LIST);
    expect(existsSync(other)).toBe(BY_NODE);
    rmSync(other, { force: true });
    expect(kept()).toEqual(before);
  });

  it.each<[string, () => void]>([
    [
      'a folder that everybody may write to',
      () => {
        mkdirSync(folder());
        chmodSync(folder(), 0o777);
      },
    ],
    ['what is no folder', () => writeFileSync(folder(), '')],
  ])('is neither read from nor written to %s', async (_what, prepare) => {
    rmSync(folder(), { recursive: true });
    prepare();
    expect(await stage.run(LIST)).toMatchObject({ code: 0, out: listed, err: '' });
    if (statSync(folder()).isDirectory()) expect(kept()).toEqual([]);
  });

  it('is not kept by a call that answers at once, nor by tokencli of a failure', async () => {
    rmSync(folder(), { recursive: true });
    await stage.run(['--version']);
    expect(existsSync(folder())).toBe(false);
    await stage.run(['config', 'show', '-p', 'none']);
    await stage.run(['config', 'path']);
    expect(existsSync(folder())).toBe(BY_NODE);
  });
});
