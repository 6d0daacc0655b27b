import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findStoreKey } from '../../src/secrets/store-key.ts';
import { createStoreApp } from '../support/store-app.ts';

const KEY = Buffer.alloc(32, 1);

const { app, lines } = createStoreApp({ home: '/nowhere' });
const find = (env: Record<string, string>) => findStoreKey({ ...app, env }, 'make one');

describe('findStoreKey', () => {
  it('reads the variable, with white space around it', async () => {
    expect(await find({ TOKENCLI_STORE_KEY: ` ${KEY.toString('base64')}\n` })).toEqual(KEY);
  });

  it('answers undefined when neither variable holds anything', async () => {
    expect(await find({})).toBeUndefined();
    const empty = { TOKENCLI_STORE_KEY: '', TOKENCLI_STORE_KEY_FILE: '' };
    expect(await find(empty)).toBeUndefined();
  });

  it('does not wait for ever for somebody who writes to a pipe', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokencli-key-'));
    const file = join(folder, 'fifo');
    try {
      execFileSync('mkfifo', [file]);
      const found = find({ TOKENCLI_STORE_KEY_FILE: file });
      await expect(found).rejects.toMatchObject({ code: 'usage' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('does not read a device for ever', async () => {
    await expect(find({ TOKENCLI_STORE_KEY_FILE: '/dev/zero' })).rejects.toMatchObject({
      message: 'TOKENCLI_STORE_KEY_FILE does not hold 32 bytes as base64',
      details: { hint: 'correct or unset TOKENCLI_STORE_KEY_FILE; make one' },
    });
  });

  it.each([
    ['is told', process.geteuid, 1],
    ['is not told where modes mean nothing', undefined, 0],
  ])('a file that others can read %s', async (_what, geteuid, count) => {
    const old = process.geteuid;
    const folder = mkdtempSync(join(tmpdir(), 'tokencli-key-'));
    const file = join(folder, 'key');
    writeFileSync(file, KEY.toString('base64'), { mode: 0o644 });
    const before = lines.length;
    try {
      Object.defineProperty(process, 'geteuid', { value: geteuid, configurable: true });
      expect(await find({ TOKENCLI_STORE_KEY_FILE: file })).toEqual(KEY);
      expect(lines.slice(before)).toHaveLength(count);
    } finally {
      Object.defineProperty(process, 'geteuid', { value: old, configurable: true });
      rmSync(folder, { recursive: true });
    }
  });
});
