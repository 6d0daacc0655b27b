import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { FileLock } from '../../../src/core/runtime.ts';
import { nodeRuntime } from '../../../src/runtime/node.ts';
import { checkLock } from '../../../src/usecases/doctor/home.ts';
import { createStoreApp, createTemporaryFolder } from '../../support/store-app.ts';

let folder: ReturnType<typeof createTemporaryFolder>;
beforeEach(() => {
  folder = createTemporaryFolder();
});
afterEach(() => folder.remove());

function check(openLock: () => FileLock) {
  const runtime = { ...nodeRuntime, openLock };
  const { app } = createStoreApp({ home: folder.path, runtime });
  return checkLock({ ...app, runtime });
}

it('without the module for locks, the file system is not to blame', async () => {
  const found = await check(() => {
    throw new Error('the module was not found');
  });
  expect(found).toMatchObject({ ok: false, code: 'io' });
  expect(found.cure).toContain('install tokencli again');
});

it('where the file system has no locks, another one is the cure', async () => {
  const found = await check(() => ({
    tryLock: () => {
      throw Object.assign(new Error('no locks'), { code: 'ENOLCK' });
    },
    close: () => {},
  }));
  expect(found).toMatchObject({ ok: false, code: 'io' });
  expect(found.cure).toContain('a local file system');
});
