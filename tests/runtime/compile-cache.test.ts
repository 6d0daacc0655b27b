import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { locatePaths, type Paths } from '../../src/core/paths.ts';

// Node 20 has no such cache, and another Node must not turn on its own for the rest of the tests
const told: string[] = [];
let whenTold: (folder: string) => void;
jest.unstable_mockModule('node:module', () => ({
  enableCompileCache: (folder: string) => {
    told.push(folder);
    whenTold(folder);
  },
}));
const { keepCompiledCode } = await import('../../src/runtime/compile-cache.ts');

const user = process.getuid?.();
let folder: string;
let paths: Paths;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-compile-'));
  paths = locatePaths(folder, undefined);
  mkdirSync(paths.home, { mode: 0o700 });
  told.length = 0;
  whenTold = () => {};
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The folders that Node was told to use. */
function keep(as: { readonly user: number | undefined } = { user }): string[] {
  keepCompiledCode(folder, undefined, as.user);
  return told.splice(0);
}

it('keeps compiled code in a folder that nobody else can enter', () => {
  expect(keep()).toEqual([paths.compileCache]);
  expect(statSync(paths.compileCache).mode & 0o777).toBe(0o700);
  expect(keep()).toEqual([paths.compileCache]);
});

it('lets nobody else see what Node makes there, and leaves the mask of files as it was', () => {
  const before = process.umask(0o022);
  try {
    whenTold = (name) => mkdirSync(join(name, 'version'));
    keep();
    expect(statSync(join(paths.compileCache, 'version')).mode & 0o777).toBe(0o700);
  } finally {
    expect(process.umask(before)).toBe(0o022);
  }
});

const UNFIT: readonly [string, () => void][] = [
  ['the home is open to others', () => chmodSync(paths.home, 0o711)],
  [
    'the folder is open to others',
    () => {
      mkdirSync(paths.compileCache);
      chmodSync(paths.compileCache, 0o770);
    },
  ],
  ['the folder is a link', () => symlinkSync(tmpdir(), paths.compileCache)],
  ['there is no home', () => rmSync(paths.home, { recursive: true })],
];

it.each(UNFIT)('keeps none when %s', (_title, prepare) => {
  prepare();
  const there = existsSync(paths.home);
  expect(keep()).toEqual([]);
  expect(existsSync(paths.home)).toBe(there);
});

it('keeps none below what can be no home', () => {
  keepCompiledCode('/dev/null/home', undefined, user);
  expect(told).toEqual([]);
});

it('keeps none in a folder of another user, or where users have no number', () => {
  expect(keep({ user: (user ?? 0) + 1 })).toEqual([]);
  expect(keep({ user: undefined })).toEqual([]);
});
