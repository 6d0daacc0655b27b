import * as realFs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';

/** What the system answers to the next changes, before it makes them. */
let answers: string[] = [];
let tries = 0;
function answer(): void {
  tries += 1;
  const code = answers.shift();
  if (code !== undefined) throw Object.assign(new Error(code), { code });
}
jest.unstable_mockModule('node:fs', () => ({
  ...realFs,
  renameSync: (from: string, to: string) => {
    answer();
    realFs.renameSync(from, to);
  },
  rmSync: (at: string) => {
    answer();
    realFs.rmSync(at);
  },
}));
const { removeFile } = await import('../../../src/core/files/rename.ts');
const { writePrivateFile } = await import('../../../src/core/files/private-file.ts');

const geteuid = process.geteuid;
let folder: string;
let path: string;

beforeEach(() => {
  folder = realFs.mkdtempSync(join(tmpdir(), 'rename-'));
  path = join(folder, 'file');
  realFs.writeFileSync(path, 'old');
  answers = [];
  tries = 0;
});
afterEach(() => {
  setUser(geteuid);
  realFs.rmSync(folder, { recursive: true });
});

function setUser(value: typeof geteuid): void {
  Object.defineProperty(process, 'geteuid', { value, configurable: true });
}

it('tries again on Windows while another process has the file open', () => {
  setUser(undefined);
  answers = ['EPERM', 'EACCES', 'EBUSY'];
  writePrivateFile(path, 'new');
  expect(tries).toBe(4);
  expect(realFs.readFileSync(path, 'utf8')).toBe('new');
  expect(realFs.readdirSync(folder)).toEqual(['file']);
});

it('removes a file on Windows as soon as the other process has closed it', () => {
  setUser(undefined);
  answers = ['EPERM', 'EBUSY'];
  removeFile(path);
  expect(tries).toBe(3);
  expect(realFs.readdirSync(folder)).toEqual([]);
});

it('gives up there after a second or two, and leaves the old file', () => {
  setUser(undefined);
  answers = Array(1000).fill('EPERM');
  const start = performance.now();
  expect(() => writePrivateFile(path, 'new')).toThrow('operation not permitted');
  expect(performance.now() - start).toBeGreaterThan(500);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(realFs.readFileSync(path, 'utf8')).toBe('old');
  expect(realFs.readdirSync(folder)).toEqual(['file']);
});

it.each(['ENOSPC', 'EISDIR'])('does not try again after %s', (code) => {
  setUser(undefined);
  answers = [code];
  expect(() => writePrivateFile(path, 'new')).toThrow('cannot write');
  expect(tries).toBe(1);
});

it.each(['EPERM', 'EACCES'])('does not try again after %s on other systems', (code) => {
  answers = [code];
  expect(() => writePrivateFile(path, 'new')).toThrow('cannot write');
  expect(tries).toBe(1);
});

it('names the cure for a file that is a mount of its own', () => {
  answers = ['EBUSY'];
  expect(() => writePrivateFile(path, 'new')).toThrow(
    expect.objectContaining({
      code: 'io',
      details: expect.objectContaining({
        hint: `mount its folder ${folder} instead of the file`,
      }),
    }),
  );
  expect(realFs.readFileSync(path, 'utf8')).toBe('old');
});
