import * as realFs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { locatePaths, type Paths } from '../../../src/core/paths.ts';

// of a share where every file looks open, whatever chmod is told
let isShare = false;
let isReadOnly = false;
jest.unstable_mockModule('node:fs', () => ({
  ...realFs,
  fstatSync: (fd: number) => {
    const found = realFs.fstatSync(fd);
    return isShare ? Object.assign(found, { mode: found.mode | 0o777 }) : found;
  },
  accessSync: (path: string, mode: number) => {
    if (!isReadOnly || (mode & realFs.constants.W_OK) === 0) return realFs.accessSync(path, mode);
    throw Object.assign(new Error('read-only'), { code: 'EROFS' });
  },
  chmodSync: (path: string, mode: number) => {
    if (!isShare) realFs.chmodSync(path, mode);
  },
}));
const { closeHome, describeModes } = await import('../../../src/usecases/doctor/home-modes.ts');
const { prepareSave } = await import('../../../src/output/save.ts');

const geteuid = process.geteuid;
let folder: string;
let paths: Paths;

beforeEach(() => {
  folder = realFs.mkdtempSync(join(tmpdir(), 'home-modes-'));
  paths = locatePaths(folder, undefined);
  realFs.mkdirSync(paths.cacheFolder, { recursive: true });
  realFs.writeFileSync(paths.profiles, '{}');
  const all = [paths.home, paths.cacheFolder, paths.profiles];
  for (const path of all) realFs.chmodSync(path, 0o777);
});
afterEach(() => {
  isShare = false;
  isReadOnly = false;
  Object.defineProperty(process, 'geteuid', { value: geteuid, configurable: true });
  realFs.rmSync(folder, { recursive: true });
});

const modeOf = (path: string) => realFs.statSync(path).mode & 0o777;

it('finds what others can use, and closes it', () => {
  expect(describeModes({ paths }).troubles).toEqual([
    '3 of its files and folders can be read by others',
  ]);
  expect(closeHome({ paths })).toEqual([
    'corrected the modes of 3 files and folders',
    'others could write: see with tokencli config list if all is yours',
  ]);
  expect([paths.home, paths.cacheFolder, paths.profiles].map(modeOf)).toEqual([
    0o700, 0o700, 0o600,
  ]);
  expect(describeModes({ paths })).toEqual({ troubles: [] });
});

it('a share where chmod does nothing is told, and no failure', () => {
  isShare = true;
  expect(closeHome({ paths })).toEqual([]);
  expect(describeModes({ paths })).toEqual({
    troubles: [],
    note: 'this file system does not close files to others',
  });
  const out = join(folder, 'out');
  realFs.mkdirSync(out);
  realFs.chmodSync(out, 0o777);
  prepareSave({ workingFolder: out, paths }, 'app.cer')('a certificate');
  expect(realFs.readdirSync(out)).toEqual(['app.cer']);
});

it('a file system that is read-only is not a matter of modes', () => {
  closeHome({ paths });
  isReadOnly = true;
  expect(describeModes({ paths })).toEqual({ troubles: [] });
});

it('a system without modes is told, and no failure', () => {
  Object.defineProperty(process, 'geteuid', { value: undefined, configurable: true });
  expect(closeHome({ paths })).toEqual([]);
  expect(describeModes({ paths })).toEqual({
    troubles: [],
    note: 'file modes mean nothing on this system',
  });
});

it('a folder that everybody shares is not closed', () => {
  realFs.chmodSync(paths.home, 0o1777);
  closeHome({ paths });
  expect(realFs.statSync(paths.home).mode & 0o7777).toBe(0o1777);
});
