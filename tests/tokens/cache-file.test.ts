import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  type CacheHeader,
  cachePath,
  findRecord,
  formatCacheFile,
  openRecord,
  readHeader,
  readRecords,
  sealRecord,
} from '../../src/tokens/cache-file.ts';

const KEY = randomBytes(32);
const HEADER: CacheHeader = { store: 'keyring', key: 'ab'.repeat(16) };
const FIRST = '1'.repeat(32);
const SECOND = '2'.repeat(32);

function sealedFile(): Buffer {
  const records = [
    sealRecord(KEY, HEADER, 'Graph', FIRST, { plain: true }),
    sealRecord(KEY, HEADER, 'Graph', SECOND, { accessToken: 'x'.repeat(2900) }),
  ];
  return Buffer.from(formatCacheFile(HEADER, records));
}

/** Everything in a file, or undefined if any part of it is not as it was written. */
function openAll(bytes: Buffer, profile = 'graph'): unknown[] | undefined {
  const header = readHeader(bytes);
  const records = readRecords(bytes);
  if (!header || records.length !== 2) return undefined;
  const contents = records.map((record) => record && openRecord(KEY, header, profile, record));
  return contents.includes(undefined) ? undefined : contents;
}

function sealedRecords() {
  return readRecords(sealedFile()).flatMap((record) => record ?? []);
}

describe('the cache file', () => {
  it('is named after the profile, whatever its case', () => {
    expect(cachePath('/c', 'Graph')).toBe('/c/graph.tokens');
  });

  it('opens as it was written', () => {
    expect(openAll(sealedFile())).toEqual([{ plain: true }, { accessToken: 'x'.repeat(2900) }]);
    const file = sealedFile();
    expect(findRecord(file, SECOND)).toEqual(readRecords(file)?.[1]);
    expect(findRecord(file, '3'.repeat(32))).toBeUndefined();
  });

  it('shows nothing of its content', () => {
    expect(sealedFile().toString()).not.toContain('xxxxxxxx');
    expect(sealedFile().toString().split('\n')[0]).toBe(
      '{"format":"tokencli-cache","version":1,"store":"keyring","key":"abababababababababababababababab"}',
    );
  });

  it('refuses every single flipped bit of 4 KiB', () => {
    const good = sealedFile();
    expect(good.length).toBeGreaterThan(4000);
    const accepted: number[] = [];
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const bad = Buffer.from(good);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (openAll(bad)) accepted.push(bit);
    }
    expect(accepted).toEqual([]);
  });

  it('refuses every truncation', () => {
    const good = sealedFile();
    const accepted: number[] = [];
    for (let length = 0; length < good.length; length += 1) {
      if (openAll(good.subarray(0, length))) accepted.push(length);
    }
    expect(accepted).toEqual([]);
  });

  it('binds a record to its profile, its name and its file', () => {
    const records = sealedRecords();
    expect(openAll(sealedFile(), 'other')).toBeUndefined();
    const swapped = records.map(({ sealed }, index) => ({
      name: records[1 - index]?.name ?? '',
      sealed,
    }));
    expect(openAll(Buffer.from(formatCacheFile(HEADER, swapped)))).toBeUndefined();
    const other = { ...HEADER, key: 'cd'.repeat(16) };
    expect(openAll(Buffer.from(formatCacheFile(other, records)))).toBeUndefined();
  });

  it('takes the first of two records of the same name', () => {
    const [first, second] = sealedRecords();
    const twice = [first, second, first].flatMap((record) => record ?? []);
    const read = readRecords(Buffer.from(formatCacheFile(HEADER, twice)));
    expect(read).toEqual([first, second, undefined]);
  });

  it('tells a line that holds no record from those that do', () => {
    const file = sealedFile();
    const [first, second] = readRecords(file);
    const lines = file.toString().split('\n');
    const damaged = [lines[0], lines[1], 'no record', '', lines[2], ''].join('\n');
    expect(readRecords(Buffer.from(damaged))).toEqual([first, undefined, undefined, second]);
    expect(readRecords(file.subarray(0, -1))).toEqual([first, undefined]);
  });
});
