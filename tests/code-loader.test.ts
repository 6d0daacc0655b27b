import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CompiledCode, createCodeLoader } from '../src/code-loader.ts';
import { createRandom } from './support/random.ts';

const FILE = './large.cjs';
/** Larger than what is worth keeping. */
const PADDING = `/*${'x'.repeat(70 * 1024)}*/`;

let root: string;
let folders: { built: string; kept: string };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokencli-code-'));
  folders = { built: join(root, 'dist'), kept: join(root, 'kept') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  write(FILE, `${PADDING}exports.add = (a, b) => a + b; exports.here = __dirname;`);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, source: string): void {
  writeFileSync(join(folders.built, name), source);
}

/** A start of its own. @returns what the file exports, and what was compiled for it */
function load() {
  const require = createRequire(join(folders.built, 'start.cjs'));
  const loader = createCodeLoader(require, folders);
  const exports = loader.load(FILE) as { add(a: number, b: number): number; here: string };
  return { exports, made: loader.made(), loader };
}

function keep(made: readonly CompiledCode[]): string {
  for (const { path, content } of made) writeFileSync(path, content);
  return made[0]?.path ?? '';
}

describe('large files of the build', () => {
  it('are compiled once and then taken from where they are kept', () => {
    const first = load();
    expect([first.exports.add(1, 2), first.exports.here]).toEqual([3, folders.built]);
    expect(first.made).toHaveLength(1);
    expect(keep(first.made)).toMatch(/large\.cjs\.v[\d.]+-\w+\.code$/);
    const second = load();
    expect([second.exports.add(1, 2), second.made]).toEqual([3, []]);
  });

  it('are loaded once', () => {
    const { loader, exports } = load();
    expect(loader.load(FILE)).toBe(exports);
  });

  it('find each other', () => {
    write('./other.cjs', `exports.add = require('${FILE}').add;`);
    const { loader, exports } = load();
    expect((loader.load('./other.cjs') as typeof exports).add).toBe(exports.add);
  });

  it('are compiled again when their source is another one, of the same length too', () => {
    keep(load().made);
    write(FILE, `${PADDING}exports.add = (a, b) => a - b; exports.here = __dirname;`);
    const changed = load();
    expect([changed.exports.add(1, 2), changed.made.length]).toEqual([-1, 1]);
    keep(changed.made);
    expect(load()).toMatchObject({ made: [] });
  });

  it('are not kept twice by two starts at once', () => {
    const [one, other] = [load(), createCodeLoader(createRequire(root), folders)];
    other.load(FILE);
    keep(one.made);
    expect(other.made()).toEqual([]);
  });

  it('are compiled again where a bit of what was kept has changed, or a part is gone', () => {
    const path = keep(load().made);
    const sound = readFileSync(path);
    const below = createRandom(7);
    for (let round = 0; round < 300; round += 1) {
      const at = round < 40 ? round : below(sound.length);
      const damaged = Buffer.from(sound);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << below(8));
      writeFileSync(path, round % 3 === 0 ? damaged.subarray(0, at) : damaged);
      const { exports, made } = load();
      expect([exports.add(1, 2), made.length]).toEqual([3, 1]);
      expect(made[0]?.content.length).toBeGreaterThan(100);
    }
  });

  it('are told from those of another build', () => {
    const { made, loader } = load();
    const name = keep(made).split('/').at(-1) ?? '';
    expect(loader.isOurs(name)).toBe(true);
    expect(loader.isOurs(name.replace('large', 'gone'))).toBe(false);
  });
});
