import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removePrivateFile } from '../../../src/core/files/own-files.ts';
import {
  appendPrivateFile,
  readPrivateFile,
  replaceFile,
  writePrivateFile,
} from '../../../src/core/files/private-file.ts';
import { ensurePrivateFolder } from '../../../src/core/files/private-folder.ts';

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

describe('a symbolic link', () => {
  const linkTo = (target: string) => {
    const link = join(folder, 'link');
    symlinkSync(target, link);
    return link;
  };

  it('of the user stays, and its target is replaced', () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'old');
    const link = linkTo(target);
    writePrivateFile(link, 'new');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(modeOf(target)).toBe('600');
    expect(readPrivateFile(link, 10)?.toString()).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['link', 'target']);
  });

  it('that leads nowhere means that the file is away: nothing takes its place', () => {
    const link = linkTo(join(folder, 'away', 'file'));
    const away = expect.objectContaining({
      code: 'io',
      message: `${link} is a link that leads nowhere just now`,
    });
    expect(() => readPrivateFile(link, 10)).toThrow(away);
    expect(() => writePrivateFile(link, 'new')).toThrow(away);
    expect(() => ensurePrivateFolder(link)).toThrow(away);
    expect(() => readPrivateFile(join(link, 'inside'), 10)).toThrow(away);
    expect(readlinkSync(link)).toBe(join(folder, 'away', 'file'));
    expect(readdirSync(folder)).toEqual(['link']);
  });

  it.each([
    { mode: 0o777, what: 'that others can write', used: false },
    { mode: 0o775, what: 'that a group can write', used: false },
    { mode: 0o1777, what: 'where only owners may replace files', used: true },
    { mode: 0o755, what: 'of the user alone', used: true },
  ])('into a folder $what', ({ mode, used }) => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'target'), 'x', { mode: 0o600 });
    const link = linkTo(join(elsewhere, 'target'));
    chmodSync(elsewhere, mode);
    const read = () => readPrivateFile(link, 10)?.toString();
    if (used) expect(read()).toBe('x');
    else expect(read).toThrow(`${elsewhere} can be changed by others`);
  });

  it('through a folder that others can write is not followed, wherever it leads in the end', () => {
    const shared = join(folder, 'shared');
    mkdirSync(shared);
    writeFileSync(join(folder, 'target'), 'x', { mode: 0o600 });
    symlinkSync('../target', join(shared, 'middle'));
    const link = linkTo('shared/middle');
    expect(readPrivateFile(link, 10)?.toString()).toBe('x');
    chmodSync(shared, 0o777);
    expect(() => readPrivateFile(link, 10)).toThrow(`${shared} can be changed by others`);
  });

  it('to anything but a file is not written through', () => {
    const link = linkTo('/dev/null');
    expect(() => writePrivateFile(link, 'new')).toThrow('does not lead to a regular file');
  });

  it('is removed together with what it leads to', () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'x');
    const link = linkTo(target);
    expect(removePrivateFile(link)).toBe(true);
    expect([readdirSync(folder), removePrivateFile(link)]).toEqual([[], false]);
  });

  it('that leads nowhere is not removed: its target is away', () => {
    const link = linkTo(join(folder, 'away'));
    expect(() => removePrivateFile(link)).toThrow('is a link that leads nowhere just now');
    expect(readdirSync(folder)).toEqual(['link']);
  });

  it('is replaced itself by what is no file of tokencli', () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'untouched');
    replaceFile(linkTo(target), 'new');
    expect(readFileSync(target, 'utf8')).toBe('untouched');
    expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('new');
  });
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

it('leaves modes as they are on Windows, where a read-only file would lose that mark', () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'text');
  chmodSync(path, 0o444);
  const { geteuid } = process;
  const setUser = (value: typeof geteuid) =>
    Object.defineProperty(process, 'geteuid', { value, configurable: true });
  setUser(undefined);
  try {
    expect(readPrivateFile(path, 10)?.toString()).toBe('text');
  } finally {
    setUser(geteuid);
  }
  expect(modeOf(path)).toBe('444');
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

it.each([0o602, 0o620])('uses no file that others can write (mode %o)', (mode) => {
  const path = join(folder, 'writable');
  writeFileSync(path, 'text');
  chmodSync(path, mode);
  const unsafe = expect.objectContaining({
    code: 'io',
    message: `${path} can be changed by others`,
    details: expect.objectContaining({ hint: 'tokencli doctor --fix' }),
  });
  expect(() => readPrivateFile(path, 100)).toThrow(unsafe);
  const link = join(folder, 'link');
  symlinkSync(path, link);
  const cure = { details: expect.objectContaining({ hint: `chmod go-w ${path}` }) };
  expect(() => readPrivateFile(link, 100)).toThrow(expect.objectContaining(cure));
});

it.each([0o702, 0o720])('uses nothing in a folder that others can write (mode %o)', (mode) => {
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  writeFileSync(join(inner, 'file'), 'text', { mode: 0o600 });
  chmodSync(inner, mode);
  const unsafe = expect.objectContaining({
    code: 'io',
    message: `${inner} can be changed by others`,
    details: expect.objectContaining({ hint: 'tokencli doctor --fix' }),
  });
  for (const name of ['file', 'absent']) {
    expect(() => readPrivateFile(join(inner, name), 100)).toThrow(unsafe);
  }
  expect(() => ensurePrivateFolder(inner)).toThrow(unsafe);
  expect(readdirSync(inner)).toEqual(['file']);
});

it.each([0o177, 0o777])('makes folders and files that their owner can use (umask %o)', (mask) => {
  const old = process.umask(mask);
  try {
    ensurePrivateFolder(join(folder, 'a', 'b'));
    writePrivateFile(join(folder, 'a', 'b', 'file'), 'text');
    appendPrivateFile(join(folder, 'a', 'b', 'more'), 'text');
  } finally {
    process.umask(old);
  }
  for (const name of ['a', 'a/b']) expect(modeOf(join(folder, name))).toBe('700');
  for (const name of ['a/b/file', 'a/b/more']) expect(modeOf(join(folder, name))).toBe('600');
});

it('opens a folder to its owner when it meets it', () => {
  const path = join(folder, 'a');
  mkdirSync(path, { mode: 0o600 });
  ensurePrivateFolder(path);
  expect(modeOf(path)).toBe('700');
});

it('does not close a folder that everybody shares', () => {
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  expect(() => ensurePrivateFolder(shared)).toThrow(
    expect.objectContaining({
      message: `${shared} can be changed by others`,
      details: expect.objectContaining({
        hint: `name a folder of your own inside it: TOKENCLI_HOME=${shared}/tokencli`,
      }),
    }),
  );
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
  mkdirSync(join(folder, 'inner'));
  const read = (name: string) => () => readPrivateFile(join(folder, name), 10);
  expect(read('fifo')).toThrow('it is not a regular file');
  expect(read('inner')).toThrow('it is a folder');
});
