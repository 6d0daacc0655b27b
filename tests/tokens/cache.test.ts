import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openVault } from '../../src/secrets/vault.ts';
import { type CacheChange, openCache } from '../../src/tokens/cache.ts';
import { readHeader, sealRecord } from '../../src/tokens/cache-file.ts';
import type { CacheOptions } from '../../src/tokens/cache-reader.ts';
import type { TokenLookup } from '../../src/tokens/lookup-key.ts';
import { lifeLeft, type SessionRecord, type TokenRecord } from '../../src/tokens/records.ts';
import { createMemoryStore, type MemoryStore, readEntries } from '../support/memory-store.ts';
import { createTemporaryFolder } from '../support/store-app.ts';

const PARTS: TokenLookup = {
  authority: {
    protocol: 'entra',
    url: 'https://login.microsoftonline.com/contoso.com',
    known: true,
  },
  tenantId: 'contoso.com',
  clientId: 'app',
  flow: 'ClientCredentials',
  scopes: ['https://graph.microsoft.com/.default'],
  credential: 'store:1',
};
const OTHER: TokenLookup = { ...PARTS, scopes: ['https://vault.azure.net/.default'] };

const SESSION: SessionRecord = {
  record: 'session',
  root: 'https://login.microsoftonline.com',
  clientId: 'app',
  confidential: false,
  account: { id: 'ada.tid' },
  refreshToken: 'the refresh token',
  signedInOn: 1,
  renewedOn: 1,
};

let folder: ReturnType<typeof createTemporaryFolder>;
let store: MemoryStore;
let warnings: string[];
let now: number;

beforeEach(() => {
  folder = createTemporaryFolder();
  store = createMemoryStore();
  warnings = [];
  now = 1_800_000_000;
});

afterEach(() => folder.remove());

function keys(): CacheOptions['keys'] {
  const vault = openVault(store);
  return {
    kind: 'keyring',
    read: (id) => vault.read('cacheKey', id),
    save: (value) => vault.save('cacheKey', value),
  };
}

function open(changes: Partial<CacheOptions> = {}) {
  return openCache({
    folder: join(folder.path, 'cache'),
    profile: 'Graph',
    profileDigest: 'one',
    keys: keys(),
    lockForKey: async () => () => {},
    warn: (line) => warnings.push(line),
    now: () => now,
    ...changes,
  });
}

function token(accessToken: string, changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    accessToken,
    expiresOn: now + 3600,
    tokenType: 'Bearer',
    scopes: PARTS.scopes,
    obtainedOn: now,
    tenantId: PARTS.tenantId,
    clientId: PARTS.clientId,
    flow: 'ClientCredentials',
    profileDigest: 'one',
    ...changes,
  };
}

function change(parts: TokenLookup, record: TokenRecord): CacheChange {
  return { token: { lookup: parts, record } };
}

/** As a version before this one wrote it: whole, and of no use. */
async function addForeignRecord(): Promise<void> {
  const [key = ''] = Object.values(readEntries(store));
  const bytes = readFileSync(file());
  const header = readHeader(bytes);
  if (!header) throw new Error('no header');
  const content = { profile: 'Graph', profilesFile: 'x', entry: 'y' };
  const record = sealRecord(Buffer.from(key, 'base64'), header, 'Graph', 'f'.repeat(32), content);
  writeFileSync(file(), `${bytes}${record.name} ${record.sealed}\n`);
}

const file = () => join(folder.path, 'cache', 'graph.tokens');

describe('openCache', () => {
  it('keeps tokens apart and gives back each', async () => {
    await open().save(change(PARTS, token('first')));
    await open().save(change(OTHER, token('second')));
    expect(await open().find(PARTS)).toEqual(token('first'));
    expect(await open().find(OTHER)).toEqual(token('second'));
    expect(await open().find({ ...PARTS, credential: 'store:2' })).toBeUndefined();
    expect(store.entries.size).toBe(1);
    expect(warnings).toEqual([]);
  });

  it('writes private files that hold no token', async () => {
    await open().save(change(PARTS, token('very-secret-token')));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, 'cache')).mode & 0o777).toBe(0o700);
    expect(readFileSync(file(), 'utf8')).not.toContain('very-secret');
    expect(readdirSync(join(folder.path, 'cache')).sort()).toEqual(['graph.tokens', 'key.json']);
  });

  it('drops what has expired and what the profile said before', async () => {
    await open().save(change(PARTS, token('short', { expiresOn: now + 10 })));
    now += 11;
    await open().save(change(OTHER, token('second')));
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(2);
    await open({ profileDigest: 'two' }).save(
      change(PARTS, token('new', { profileDigest: 'two' })),
    );
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(2);
    expect(await open({ profileDigest: 'two' }).find(OTHER)).toBeUndefined();
  });

  it('does not grow when the same token is renewed', async () => {
    for (let round = 0; round < 20; round += 1) await open().save(change(PARTS, token('same')));
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('treats damage as an empty cache, with one warning, and heals at the next save', async () => {
    await open().save(change(PARTS, token('first')));
    for (const damage of ['', 'no cache at all\n', readFileSync(file(), 'utf8').slice(0, -9)]) {
      warnings = [];
      writeFileSync(file(), damage);
      const cache = open();
      expect(await cache.find(PARTS)).toBeUndefined();
      await cache.save(change(OTHER, token('second')));
      expect(warnings).toEqual([
        "what is damaged in the token cache of profile 'Graph' is not used",
      ]);
      expect(await open().find(OTHER)).toEqual(token('second'));
      expect(await open().find(PARTS)).toBeUndefined();
      await open().save(change(PARTS, token('first')));
    }
  });

  it('loses no more than the record that is damaged', async () => {
    const damages: ((line: string) => string)[] = [
      (line) => `${line.slice(0, 60)}${line[60] === 'A' ? 'B' : 'A'}${line.slice(61)}`,
      (line) => line.slice(0, -9),
      (line) => `${'0'.repeat(32)}${line.slice(32)}`,
      () => 'no record at all',
      () => '',
    ];
    for (const damage of damages) {
      warnings = [];
      await open().save({ ...change(PARTS, token('first')), session: SESSION });
      await open().save(change(OTHER, token('second')));
      // the newest record is the first
      const lines = readFileSync(file(), 'utf8').split('\n');
      lines[1] = damage(lines[1] ?? '');
      writeFileSync(file(), lines.join('\n'));
      const cache = open();
      expect(await cache.find(OTHER)).toBeUndefined();
      expect(await cache.find(PARTS)).toEqual(token('first'));
      expect(await cache.session()).toEqual(SESSION);
      await cache.save({});
      expect(warnings).toEqual([
        "what is damaged in the token cache of profile 'Graph' is not used",
      ]);
      warnings = [];
      expect(await open().find(PARTS)).toEqual(token('first'));
      expect(await open().session()).toEqual(SESSION);
      await open().save({});
      expect(warnings).toEqual([]);
    }
  });

  it('leaves out a record of a shape that it does not know, and says nothing', async () => {
    await open().save({ ...change(PARTS, token('first')), session: SESSION });
    await addForeignRecord();
    await open().save(change(OTHER, token('second')));
    expect(await open().find(PARTS)).toEqual(token('first'));
    expect(await open().find(OTHER)).toEqual(token('second'));
    expect(await open().session()).toEqual(SESSION);
    // header, two tokens, the sign-in
    expect(readFileSync(file(), 'utf8').trim().split('\n')).toHaveLength(4);
    expect(warnings).toEqual([]);
  });

  it('lets a token displace the others of its sign-in, and no other', async () => {
    const mine = { account: 'ada', accountId: 'ada.tid' };
    const save = (scope: string, changes: Partial<TokenRecord>) =>
      open().save(change({ ...PARTS, scopes: [scope] }, token(scope, changes)));
    await save('mine', mine);
    await save('of-before', { account: 'ada' });
    await save('of-another-app', { ...mine, clientId: 'other' });
    await save('of-somebody-else', { account: 'eve', accountId: 'eve.tid' });
    await save('of-the-app', {});
    await save('of-the-app-elsewhere', { tenantId: 'fabrikam.com' });
    const newest = change({ ...PARTS, scopes: ['newest'] }, token('newest', mine));
    await open().save({ ...newest, displaces: true });
    const left = async (...scopes: string[]) => {
      const find = async (scope: string) =>
        (await open().find({ ...PARTS, scopes: [scope] }))?.accessToken ?? [];
      return (await Promise.all(scopes.map(find))).flat();
    };
    const others = ['of-another-app', 'of-somebody-else', 'of-the-app', 'of-the-app-elsewhere'];
    expect(await left('mine', 'of-before', ...others, 'newest')).toEqual([...others, 'newest']);
    const ofApp = change({ ...PARTS, scopes: ['newest-of-app'] }, token('newest-of-app'));
    await open().save({ ...ofApp, displaces: true });
    const stay = ['of-another-app', 'of-somebody-else', 'of-the-app-elsewhere', 'newest'];
    expect(await left('of-the-app', ...stay)).toEqual(stay);
  });

  it('never replaces a key that reads as absent while files sealed with it exist', async () => {
    await open().save(change(PARTS, token('first')));
    const before = readFileSync(file(), 'utf8');
    store.entries.clear();
    const cache = open();
    expect(await cache.find(PARTS)).toBeUndefined();
    expect(await cache.prepare()).toBe(false);
    await cache.save(change(PARTS, token('second')));
    expect(await open({ profile: 'another' }).prepare()).toBe(false);
    expect(readFileSync(file(), 'utf8')).toBe(before);
    expect(store.entries.size).toBe(0);
    expect(warnings[0]).toBe(
      `the key of the token cache is gone from the secret store; remove ${join(folder.path, 'cache')} to start a new cache`,
    );
    expect(new Set(warnings).size).toBe(1);
  });

  it('never replaces a file of the other store, which logout forgets', async () => {
    await open().save({ ...change(PARTS, token('first')), session: SESSION });
    const before = readFileSync(file());
    const other = open({ keys: { ...keys(), kind: 'file' } });
    expect(await other.session()).toBeUndefined();
    const refusal = {
      code: 'io',
      message: `${file()} belongs to the store 'keyring'; tokencli logout -p Graph forgets it`,
    };
    await expect(other.prepare()).rejects.toMatchObject(refusal);
    await expect(other.save(change(OTHER, token('x')))).rejects.toMatchObject(refusal);
    expect(readFileSync(file())).toEqual(before);
    expect(await open().session()).toEqual(SESSION);
    expect([warnings, store.entries.size]).toEqual([[], 1]);
  });

  it('never replaces a file that cannot be read, and says why', async () => {
    await open().save(change(PARTS, token('first')));
    rmSync(file());
    symlinkSync(file(), file());
    const cache = open();
    expect(await cache.find(PARTS)).toBeUndefined();
    expect(await cache.prepare()).toBe(false);
    await cache.save(change(OTHER, token('second')));
    expect(readlinkSync(file())).toBe(file());
    expect(warnings).toEqual([
      `cannot read ${file()}: a symbolic link is in the way; see tokencli doctor`,
    ]);
  });

  it('makes a new key once nothing is sealed with the lost one', async () => {
    mkdirSync(join(folder.path, 'cache'));
    const key = { version: 1, keyring: 'ab'.repeat(16) };
    writeFileSync(join(folder.path, 'cache', 'key.json'), JSON.stringify(key));
    await open().save(change(PARTS, token('first')));
    expect(await open().find(PARTS)).toEqual(token('first'));
  });

  it('uses one key for all profiles, and another one for another store', async () => {
    await open().save(change(PARTS, token('first')));
    await open({ profile: 'two' }).save(change(PARTS, token('second')));
    expect(store.entries.size).toBe(1);
    const vault = openVault(createMemoryStore({ kind: 'file' }));
    const there = {
      profile: 'three',
      keys: {
        kind: 'file' as const,
        read: (id: string) => vault.read('cacheKey', id),
        save: (value: string) => vault.save('cacheKey', value),
      },
    };
    await open(there).save(change(PARTS, token('third')));
    expect(await open(there).find(PARTS)).toEqual(token('third'));
    expect(await open({ profile: 'three' }).find(PARTS)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('passes on that the store is locked', async () => {
    await open().save(change(PARTS, token('first')));
    store.state = 'locked';
    await expect(open().find(PARTS)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('lifeLeft', () => {
  it('trusts no token from the future', () => {
    expect(lifeLeft(token('t'), now)).toBe(3600);
    expect(lifeLeft(token('t', { obtainedOn: now + 299 }), now)).toBe(3600);
    expect(lifeLeft(token('t', { obtainedOn: now + 301 }), now)).toBe(0);
  });
});
