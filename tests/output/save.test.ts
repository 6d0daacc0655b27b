import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { locatePaths } from '../../src/core/paths.ts';
import { prepareSave } from '../../src/output/save.ts';

const geteuid = process.geteuid;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'save-'));
  mkdirSync(join(folder, 'out'));
});
afterEach(() => {
  Object.defineProperty(process, 'geteuid', { value: geteuid, configurable: true });
  rmSync(folder, { recursive: true });
});

const prepare = () => {
  const paths = locatePaths(folder, join(folder, 'home'));
  return prepareSave({ workingFolder: join(folder, 'out'), paths }, 'token');
};

it('refuses a folder where everybody can replace files', () => {
  chmodSync(join(folder, 'out'), 0o777);
  expect(prepare).toThrow('everybody can replace files');
});

it('writes on Windows, where every folder looks like that', () => {
  chmodSync(join(folder, 'out'), 0o777);
  Object.defineProperty(process, 'geteuid', { value: undefined, configurable: true });
  prepare()('text');
  expect(readFileSync(join(folder, 'out', 'token'), 'utf8')).toBe('text');
});

if (geteuid?.() === 0) {
  it('writes for root itself, not for who made a file of that name before', () => {
    const path = join(folder, 'out', 'token');
    chmodSync(join(folder, 'out'), 0o1777);
    writeFileSync(path, '');
    chownSync(path, 4242, 4242);
    prepare()('secret');
    expect([statSync(path).uid, statSync(path).mode & 0o777]).toEqual([0, 0o600]);
  });
}
