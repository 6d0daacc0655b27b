import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  ensurePrivateFolder,
  readPrivateFile,
  writePrivateFile,
} from '../../src/core/private-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'private-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

it('creates and replaces files with mode 600 whatever the umask and the old mode', () => {
  const old = process.umask(0);
  try {
    const path = join(folder, 'a');
    writePrivateFile(path, 'one');
    expect(modeOf(path)).toBe('600');
    chmodSync(path, 0o666);
    writePrivateFile(path, 'two');
    expect(modeOf(path)).toBe('600');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['a']);
  } finally {
    process.umask(old);
  }
});

it('replaces a symbolic link instead of writing through it', () => {
  const target = join(folder, 'target');
  writeFileSync(target, 'untouched');
  symlinkSync(target, join(folder, 'link'));
  writePrivateFile(join(folder, 'link'), 'new');
  expect(readFileSync(target, 'utf8')).toBe('untouched');
  expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('new');
});

it('leaves the old state and no leftover when the target cannot be replaced', () => {
  mkdirSync(join(folder, 'taken'));
  writeFileSync(join(folder, 'taken', 'x'), '');
  expect(() => writePrivateFile(join(folder, 'taken'), 'new')).toThrow(/cannot write .*taken: /);
  expect(readdirSync(folder)).toEqual(['taken']);
});

it('names the folder that is missing', () => {
  expect(() => writePrivateFile(join(folder, 'no', 'file'), 'x')).toThrow('no such file or folder');
});

it('closes a file and a folder to others when it meets them', () => {
  const path = join(folder, 'open');
  writeFileSync(path, 'text', { mode: 0o644 });
  expect(readPrivateFile(path, 100)?.toString()).toBe('text');
  expect(modeOf(path)).toBe('600');
  const inner = join(folder, 'inner');
  mkdirSync(inner, { mode: 0o755 });
  ensurePrivateFolder(inner);
  expect(modeOf(inner)).toBe('700');
});

it('does not close a folder that everybody shares', () => {
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  expect(() => ensurePrivateFolder(shared)).toThrow('a folder that everybody shares');
  expect(statSync(shared).mode & 0o7777).toBe(0o1777);
  ensurePrivateFolder(join(shared, 'own'));
});

it('makes every folder on the way, and ends where none can be made', () => {
  ensurePrivateFolder(join(folder, 'a', 'b', 'c'));
  expect(modeOf(join(folder, 'a'))).toBe('700');
  expect(modeOf(join(folder, 'a', 'b', 'c'))).toBe('700');
  writeFileSync(join(folder, 'file'), '');
  expect(() => ensurePrivateFolder(join(folder, 'file'))).toThrow('something else in its place');
  expect(() => ensurePrivateFolder(join(folder, 'file', 'x'))).toThrow('cannot use the folder');
  // Node's own recursive mkdir never returns from this one
  expect(() => ensurePrivateFolder('/proc/x/y')).toThrow('cannot use the folder /proc/x/y');
  expect(() => ensurePrivateFolder('/proc/x/y')).toThrow(
    expect.objectContaining({
      details: expect.objectContaining({ hint: expect.stringContaining('TOKENCLI_HOME') }),
    }),
  );
});

it('reads nothing from nowhere, and refuses what is too long', () => {
  expect(readPrivateFile(join(folder, 'absent'), 10)).toBeUndefined();
  writeFileSync(join(folder, 'long'), 'x'.repeat(11));
  expect(() => readPrivateFile(join(folder, 'long'), 10)).toThrow('is larger than 10 bytes');
  expect(existsSync(join(folder, 'long'))).toBe(true);
});

it('refuses what is no file, without waiting for it', () => {
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  const read = (name: string) => () => readPrivateFile(join(folder, name), 10);
  expect(read('fifo')).toThrow('it is not a regular file');
  expect(read('.')).toThrow('it is a folder');
});
