import * as realFs from 'node:fs';
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as realOs from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

// no file system of the tests has files without modes or with a fixed owner, so that the answers
// about open files are those of such a one
let shown: (found: realFs.Stats) => realFs.Stats = (found) => found;
jest.unstable_mockModule('node:fs', () => ({
  ...realFs,
  fstatSync: (fd: number) => shown(realFs.fstatSync(fd)),
}));
let home = '';
jest.unstable_mockModule('node:os', () => ({ ...realOs, homedir: () => home }));
const { findDanger, keepsModes } = await import('../../../src/core/files/ownership.ts');
const { ensurePrivateFolder } = await import('../../../src/core/files/private-folder.ts');
const { readPrivateFile, writePrivateFile } = await import(
  '../../../src/core/files/private-file.ts'
);

const user = process.geteuid;
const asRoot = user?.() === 0;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ownership-'));
});
afterEach(() => {
  shown = (found) => found;
  home = '';
  setUser(user);
  rmSync(folder, { recursive: true });
});

function setUser(geteuid: typeof user): void {
  Object.defineProperty(process, 'geteuid', { value: geteuid, configurable: true });
}

/** Runs as that user, to whom new files belong. */
function become(uid: number): void {
  setUser(() => uid);
  shown = (found) => Object.assign(found, { uid });
}

function file(mode: number): string {
  const path = join(folder, 'file');
  writeFileSync(path, 'text');
  chmodSync(path, mode);
  return path;
}

const danger = (path: string) => findDanger(path, statSync(path));

describe('where modes or owners mean nothing', () => {
  it('on Windows, they are not looked at', () => {
    const path = file(0o666);
    chmodSync(folder, 0o777);
    setUser(undefined);
    expect([danger(path), danger(folder), keepsModes(folder)]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    ensurePrivateFolder(folder);
    expect(readPrivateFile(path, 10)?.toString()).toBe('text');
  });

  it('on a share whose files are all open, modes are not held against them', () => {
    const path = file(0o666);
    shown = (found) => Object.assign(found, { mode: found.mode | 0o777 });
    expect([danger(path), danger(folder), keepsModes(folder)]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    expect(readPrivateFile(path, 10)?.toString()).toBe('text');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('on a share whose files all belong to one user, owners are not', () => {
    become(4242);
    const path = file(0o600);
    const found = Object.assign(statSync(path), { uid: 4343 });
    shown = (each) => Object.assign(each, { uid: 4343 });
    expect(findDanger(path, found)).toBeUndefined();
  });

  it('where they mean something, finding it out leaves nothing behind', () => {
    expect(keepsModes(folder)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });
});

// only root can make files of others; to anybody else those of the system are strange enough
describe('another user', () => {
  it('owns nothing that is used, except root', () => {
    become(4242);
    const path = file(0o600);
    const of = (uid: number) => findDanger(path, Object.assign(statSync(path), { uid }));
    expect([of(4242), of(0), of(4343)]).toEqual([undefined, undefined, 'foreign']);
  });

  it('owns what root may use if HOME is his too, and nothing else', () => {
    become(0);
    const path = file(0o600);
    const owner = statSync(folder).uid;
    for (const found of [statSync(path), statSync(folder)]) {
      const of = (uid: number) => findDanger(path, Object.assign(found, { uid }));
      home = folder;
      expect([of(owner), of(0), of(owner + 4343)]).toEqual([undefined, undefined, 'foreign']);
      for (home of [join(folder, 'nowhere'), ''])
        expect([of(0), of(4343)]).toEqual([undefined, 'foreign']);
    }
  });

  if (asRoot) {
    it('keeps what root writes for him: files, folders, targets of links', () => {
      const ownerOf = (...path: string[]) => lstatSync(join(folder, ...path)).uid;
      chownSync(folder, 4242, 4242);
      home = folder;
      writePrivateFile(join(folder, 'new'), 'x');
      ensurePrivateFolder(join(folder, 'deep', 'deeper'));
      expect([ownerOf('new'), ownerOf('deep'), ownerOf('deep', 'deeper')]).toEqual(
        Array(3).fill(4242),
      );
      mkdirSync(join(folder, 'elsewhere'));
      writeFileSync(join(folder, 'elsewhere', 'target'), '');
      chownSync(join(folder, 'elsewhere', 'target'), 4343, 4343);
      symlinkSync(join(folder, 'elsewhere', 'target'), join(folder, 'link'));
      writePrivateFile(join(folder, 'link'), 'x');
      expect(ownerOf('elsewhere', 'target')).toBe(4343);
    });

    it('keeps a home of his in the folder of a third', () => {
      home = join(folder, 'home');
      mkdirSync(home, { mode: 0o755 });
      chownSync(folder, 4343, 4343);
      chownSync(home, 4242, 4242);
      ensurePrivateFolder(home);
      expect([statSync(home).uid, statSync(home).mode & 0o777]).toEqual([4242, 0o700]);
    });

    it('has no links that are followed', () => {
      const shared = join(folder, 'shared');
      mkdirSync(shared);
      chmodSync(shared, 0o1777);
      symlinkSync(file(0o600), join(shared, 'middle'));
      symlinkSync(join(shared, 'middle'), join(folder, 'first'));
      expect(readPrivateFile(join(folder, 'first'), 10)).toBeDefined();
      lchownSync(join(shared, 'middle'), 4242, 4242);
      expect(() => readPrivateFile(join(folder, 'first'), 10)).toThrow('belongs to another user');
      const link = join(folder, 'link');
      symlinkSync(file(0o600), link);
      lchownSync(link, 4242, 4242);
      expect(() => writePrivateFile(link, 'x')).toThrow('belongs to another user');
    });
  }
});
