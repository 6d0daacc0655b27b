import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openVault } from '../../src/secrets/vault.ts';
import { openCache } from '../../src/tokens/cache.ts';
import { cachePath } from '../../src/tokens/cache-file.ts';
import { prepareCopy } from '../../src/tokens/cache-move.ts';
import { readEncryptionKey } from '../../src/tokens/encryption-key.ts';
import type { TokenLookup } from '../../src/tokens/lookup-key.ts';
import type { SessionRecord, TokenRecord } from '../../src/tokens/records.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createTemporaryFolder } from '../support/store-app.ts';

const NOW = 1_800_000_000;
const PARTS: TokenLookup = {
  authority: {
    protocol: 'entra',
    url: 'https://login.microsoftonline.com/contoso.com',
    known: true,
  },
  tenantId: 'contoso.com',
  clientId: 'app',
  flow: 'DeviceCode',
  scopes: ['User.Read'],
  credential: 'public',
};
const TOKEN: TokenRecord = {
  accessToken: 'the token',
  expiresOn: NOW + 3600,
  tokenType: 'Bearer',
  scopes: PARTS.scopes,
  obtainedOn: NOW,
  tenantId: PARTS.tenantId,
  clientId: PARTS.clientId,
  flow: 'DeviceCode',
  profileDigest: 'before',
};
const SESSION: SessionRecord = {
  record: 'session',
  root: 'https://login.microsoftonline.com',
  clientId: 'app',
  confidential: false,
  account: { id: 'me' },
  refreshToken: 'the refresh token',
  signedInOn: NOW,
  renewedOn: NOW,
};

let folder: ReturnType<typeof createTemporaryFolder>;
const vault = openVault(createMemoryStore());
const keys = {
  kind: 'keyring' as const,
  read: (id: string) => vault.read('cacheKey', id),
  save: (value: string) => vault.save('cacheKey', value),
};
beforeEach(() => {
  folder = createTemporaryFolder();
});
afterEach(() => folder.remove());

const open = (profile: string, profileDigest: string) =>
  openCache({
    folder: folder.path,
    profile,
    profileDigest,
    keys,
    lockForKey: async () => () => {},
    warn: (line) => {
      throw new Error(line);
    },
    now: () => NOW,
  });
const movable = (profile: string) =>
  prepareCopy(folder.path, profile, (_store, id) => readEncryptionKey(keys, id));
const move = async (from: string, to: string) => {
  const owner = { profile: from, profileDigest: 'before' };
  (await movable(from))?.(owner, { profile: to, profileDigest: 'after' });
};

it('carries token and sign-in to another name', async () => {
  const token = { lookup: PARTS, record: TOKEN };
  await open('old', 'before').save({ token, session: SESSION });
  await move('old', 'New');
  const moved = open('New', 'after');
  expect(await moved.find(PARTS)).toEqual({ ...TOKEN, profileDigest: 'after' });
  expect(await moved.session()).toEqual(SESSION);
  // it is whole: another save keeps all of it
  await moved.save({});
  expect(await moved.find(PARTS)).toBeDefined();
  expect(await open('old', 'before').find(PARTS)).toEqual(TOKEN);
});

it('leaves outdated what was outdated', async () => {
  const record = { ...TOKEN, profileDigest: 'long ago' };
  await open('old', 'long ago').save({ token: { lookup: PARTS, record } });
  await move('old', 'new');
  expect((await open('new', 'after').find(PARTS))?.profileDigest).toBe('long ago');
});

it('moves what is whole of a file that is damaged in part', async () => {
  const token = { lookup: PARTS, record: TOKEN };
  await open('old', 'before').save({ token, session: SESSION });
  const path = cachePath(folder.path, 'old');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [lines[0], 'damage', lines[2], ''].join('\n'));
  await move('old', 'new');
  expect(await open('new', 'after').find(PARTS)).toBeUndefined();
  expect(await open('new', 'after').session()).toEqual(SESSION);
});

it('has nothing to move where there is nothing, or damage, or no key', async () => {
  expect(await movable('old')).toBeUndefined();
  await open('old', 'before').save({ session: SESSION });
  expect(await prepareCopy(folder.path, 'old', async () => undefined)).toBeUndefined();
  writeFileSync(cachePath(folder.path, 'old'), 'damage');
  expect(await movable('old')).toBeUndefined();
  expect(existsSync(join(folder.path, 'new.tokens'))).toBe(false);
});
