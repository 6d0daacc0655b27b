import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  describeUnreadable,
  readBounded,
  tryReadFile,
} from '../../../src/core/files/bounded-read.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokencli-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function fifo(name: string): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

describe('readBounded', () => {
  it('reads what is as long as the limit, and nothing of what is longer', async () => {
    expect((await readBounded(file('fits', '12345'), 5))?.toString()).toBe('12345');
    expect(await readBounded(file('longer', '123456'), 5)).toBeUndefined();
    expect(await readBounded('/dev/zero', 5)).toBeUndefined();
    expect((await readBounded('/dev/null', 5))?.length).toBe(0);
  });

  it('waits a moment for whoever writes to a pipe', async () => {
    const path = fifo('late');
    const writer = spawn('sh', ['-c', 'sleep 0.3; printf late > "$1"', 'sh', path]);
    expect((await readBounded(path, 10))?.toString()).toBe('late');
    writer.kill();
  });

  it('loses its patience with a writer that writes nothing', async () => {
    const path = fifo('silent');
    const writer = spawn('sh', ['-c', 'exec 3<>"$1"; echo ready; exec sleep 60', 'sh', path]);
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    expect((await readBounded(path, 10, 200))?.length).toBe(0);
    writer.kill();
  });

  it('throws what the system says', async () => {
    await expect(readBounded(join(folder, 'none'), 5)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readBounded(folder, 5)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

it('reads a regular file that is as large as it may be', () => {
  const path = file('whole', '12345');
  expect(tryReadFile(path, 5).toString()).toBe('12345');
});

it.each([
  ['longer', 'large', 'it is larger than 5 bytes'],
  ['beside', 'folder', 'it is a folder'],
  ['irregular', 'irregular', 'it is not a regular file'],
  ['none', 'absent', 'no such file or folder'],
  ['longer/below', 'absent', 'a part of the path is not a folder'],
])('says why %s is not read', (name, what, words) => {
  file('longer', '123456');
  if (name === 'beside') mkdirSync(join(folder, name));
  if (name === 'irregular') fifo(name);
  const read = tryReadFile(join(folder, name), 5);
  if (Buffer.isBuffer(read)) throw new Error('it was read');
  expect([read.what, describeUnreadable(read, 5)]).toEqual([what, words]);
});
