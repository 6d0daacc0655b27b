import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTtlFileStore } from '../../../src/core/files/ttl-file-store.ts';

let root: string;
let folder: string;
let time: number;
const open = () => createTtlFileStore(folder, '.thing', 60, () => time);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokencli-memory-'));
  folder = join(root, 'below', 'things');
  time = 1_800_000_000;
});
afterEach(() => rmSync(root, { recursive: true }));

it('keeps what it was given until its time is over, and not for longer than anything may last', () => {
  open().remember('a', { word: 'one' }, 30);
  open().remember('b', { word: 'two' }, 1e9);
  expect(open().recall('a')).toEqual({ word: 'one', until: time + 30 });
  expect(open().recall('b')).toEqual({ word: 'two', until: time + 60 });
  expect(open().recall('c')).toBeUndefined();
  time += 30;
  expect(open().recall('a')).toBeUndefined();
  expect(open().list()).toEqual([{ word: 'two', until: time + 30 }]);
  open().forget('b');
  open().forget('b');
  expect(open().list()).toEqual([]);
});

it('takes no end from what it is given', () => {
  open().remember('a', { until: 0 }, 30);
  expect(open().recall('a')).toEqual({ until: time + 30 });
});

it('does not write what it would not read', () => {
  open().remember('a', { word: 'x'.repeat(20_000) }, 30);
  expect(readdirSync(root)).toEqual([]);
});

it('removes what has ended or is damaged, and nothing of others', () => {
  open().remember('a', {}, 30);
  const foreign = ['other.txt', 'damaged.thing'];
  for (const name of foreign) writeFileSync(join(folder, name), '{');
  time += 40;
  open().remember('b', {}, 30);
  expect(readdirSync(folder)).toHaveLength(2);
  expect(readdirSync(folder)).toContain('other.txt');
});

it('says why it cannot be written, and is empty where it cannot be read', () => {
  writeFileSync(join(root, 'below'), 'not a folder');
  expect(open().recall('a')).toBeUndefined();
  expect(open().list()).toEqual([]);
  expect(() => open().remember('a', {}, 30)).toThrow(expect.objectContaining({ code: 'io' }));
  open().forget('a');
});

it('does not read what is no file', () => {
  open().remember('a', {}, 30);
  const [name = ''] = readdirSync(folder);
  rmSync(join(folder, name));
  symlinkSync('/dev/zero', join(folder, name));
  expect(open().recall('a')).toBeUndefined();
});
