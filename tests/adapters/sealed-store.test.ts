import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSealedStore } from '../../src/adapters/sealed-store.ts';
import {
  createStoreApp,
  createTemporaryFolder,
  type StoreAppOptions,
  type TemporaryFolder,
} from '../support/store-app.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const PASSPHRASE = 'correct horse battery';
const ACCOUNT = 'clientSecret:0123456789abcdef0123456789abcdef';
const WRONG_KEY = {
  code: 'store_unavailable',
  message: 'the sealed store does not open with this key',
};

let folder: TemporaryFolder;
let path: string;

beforeEach(() => {
  folder = createTemporaryFolder();
  path = join(folder.path, 'secrets.sealed');
});
afterEach(() => folder.remove());

/** The store as a new process would have it. */
function open(options: Partial<StoreAppOptions> = { env: { TOKENCLI_STORE_KEY: KEY } }) {
  const told = createStoreApp({ home: folder.path, ...options });
  // a home of its own: the sealed file lies directly in it
  const paths = { ...told.app.paths, home: folder.path, sealedSecrets: path };
  return { ...told, store: createSealedStore({ ...told.app, paths }) };
}

describe('with a key', () => {
  it('keeps, gives back, lists and forgets', async () => {
    const { store } = open();
    expect(await store.get(ACCOUNT)).toBeUndefined();
    await store.set(ACCOUNT, 'grüße\0\n😀');
    await store.set('cacheKey:1', '');
    expect(await open().store.get(ACCOUNT)).toBe('grüße\0\n😀');
    expect(await open().store.get('cacheKey:1')).toBe('');
    expect(await open().store.list()).toEqual([ACCOUNT, 'cacheKey:1']);
    await open().store.delete(ACCOUNT);
    await open().store.delete(ACCOUNT);
    expect(await store.get(ACCOUNT)).toBeUndefined();
    expect(await store.list()).toEqual(['cacheKey:1']);
  });

  it('writes a file for its owner alone that shows nothing', async () => {
    await open().store.set(ACCOUNT, 'a-secret-value');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('a-secret-value');
    expect(text).not.toContain('clientSecret');
    expect(JSON.parse(text)).toEqual({
      format: 'tokencli-secrets',
      version: 1,
      sealed: expect.any(String),
    });
  });

  it('never seals twice alike', async () => {
    await open().store.set(ACCOUNT, 'same');
    const first = readFileSync(path, 'utf8');
    await open().store.set(ACCOUNT, 'same');
    expect(readFileSync(path, 'utf8')).not.toBe(first);
  });

  it('takes names that objects have by birth for ordinary ones', async () => {
    const { store } = open();
    await store.set(ACCOUNT, 'value');
    expect(await store.get('constructor')).toBeUndefined();
    expect(await store.get('__proto__')).toBeUndefined();
  });

  it('takes the key from a file and warns when others can read it', async () => {
    const file = join(folder.path, 'key');
    writeFileSync(file, `${KEY}\n`, { mode: 0o600 });
    const fromFile = { env: { TOKENCLI_STORE_KEY_FILE: file } };
    await open(fromFile).store.set(ACCOUNT, 'value');
    expect(await open().store.get(ACCOUNT)).toBe('value');
    chmodSync(file, 0o644);
    const { store, lines } = open(fromFile);
    await store.get(ACCOUNT);
    await store.get(ACCOUNT);
    expect(lines).toEqual([`warn: others can read the key file ${file}`]);
  });

  it('is hidden from the conversation', async () => {
    const { store, hidden } = open();
    await store.set(ACCOUNT, 'value');
    expect(hidden).toEqual([KEY]);
  });

  it.each(['short', randomBytes(31).toString('base64'), `${KEY}AAAA`, `${KEY.slice(0, -1)}`, 'é'])(
    'refuses %s as a key',
    async (text) => {
      const { store } = open({ env: { TOKENCLI_STORE_KEY: text } });
      await expect(store.set(ACCOUNT, 'value')).rejects.toMatchObject({ code: 'usage' });
      expect(existsSync(path)).toBe(false);
    },
  );

  it('refuses a key file that is not there', async () => {
    const { store } = open({ env: { TOKENCLI_STORE_KEY_FILE: join(folder.path, 'none') } });
    await expect(store.set(ACCOUNT, 'v')).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('is needed: without one and without a terminal nothing is read or written', async () => {
    await expect(open({}).store.set(ACCOUNT, 'v')).rejects.toMatchObject({
      code: 'store_unavailable',
      details: { hint: expect.stringContaining('openssl rand -base64 32') },
    });
    expect(existsSync(path)).toBe(false);
    await open().store.set(ACCOUNT, 'v');
    await expect(open({}).store.get(ACCOUNT)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(open({ interactive: true }).store.get(ACCOUNT)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('opens nothing with another key, and leaves the file as it is', async () => {
    await open().store.set(ACCOUNT, 'value');
    const before = readFileSync(path);
    const { store } = open({ env: { TOKENCLI_STORE_KEY: OTHER_KEY } });
    await expect(store.get(ACCOUNT)).rejects.toMatchObject(WRONG_KEY);
    await expect(store.list()).rejects.toMatchObject(WRONG_KEY);
    await expect(store.set(ACCOUNT, 'other')).rejects.toMatchObject(WRONG_KEY);
    await expect(store.delete(ACCOUNT)).rejects.toMatchObject(WRONG_KEY);
    expect(readFileSync(path)).toEqual(before);
  });
});

describe('a file that was changed', () => {
  it('is refused whichever byte it is', async () => {
    await open().store.set(ACCOUNT, 'value');
    const intact = readFileSync(path);
    const codes = new Set<string>();
    for (let position = 0; position < intact.length; position += 1) {
      for (const bit of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(intact);
        changed[position] = (changed[position] ?? 0) ^ bit;
        writeFileSync(path, changed);
        const answer = await open()
          .store.get(ACCOUNT)
          .catch((error: { code: string }) => ({ code: error.code }));
        codes.add(typeof answer === 'object' ? answer.code : `opened at ${position}`);
      }
    }
    expect([...codes].sort()).toEqual(['invalid_data', 'store_unavailable']);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, -5)],
    ['empty', () => ''],
    ['not an object', () => 'null'],
    ['of another format', (text: string) => text.replace('tokencli-secrets', 'x')],
    ['of a newer version', (text: string) => text.replace('"version":1', '"version":2')],
    ['with more in it', (text: string) => text.replace('{', '{"more":1,')],
  ])('is never overwritten: %s', async (_what, change) => {
    await open().store.set(ACCOUNT, 'value');
    const changed = change(readFileSync(path, 'utf8'));
    writeFileSync(path, changed);
    const { store } = open();
    await expect(store.get(ACCOUNT)).rejects.toMatchObject({ code: 'invalid_data' });
    await expect(store.set(ACCOUNT, 'other')).rejects.toMatchObject({ code: 'invalid_data' });
    await expect(store.delete(ACCOUNT)).rejects.toMatchObject({ code: 'invalid_data' });
    expect(readFileSync(path, 'utf8')).toBe(changed);
  });
});

describe('with a passphrase', () => {
  const typed = (...passwords: string[]) => open({ interactive: true, passwords });

  it('is chosen twice, then asked for once per process', async () => {
    const first = typed(PASSPHRASE, PASSPHRASE);
    await first.store.set(ACCOUNT, 'value');
    expect(first.asked).toEqual([
      'New passphrase for the sealed store (at least 12 characters)',
      'The same passphrase again',
    ]);
    expect(first.hidden).toEqual([PASSPHRASE]);
    expect(JSON.parse(readFileSync(path, 'utf8')).kdf).toEqual({
      name: 'scrypt',
      N: 131072,
      r: 8,
      p: 1,
      salt: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
    });
    const second = typed(PASSPHRASE);
    expect(await second.store.get(ACCOUNT)).toBe('value');
    await second.store.set(ACCOUNT, 'changed');
    expect(await second.store.list()).toEqual([ACCOUNT]);
    expect(second.asked).toEqual(['Passphrase of the sealed store']);
  });

  it('is refused when it is short or typed differently', async () => {
    const { store, asked } = typed('too short', PASSPHRASE, 'a different one', PASSPHRASE);
    await store.set(ACCOUNT, 'value');
    expect(asked).toEqual([
      'New passphrase for the sealed store (at least 12 characters)',
      'it needs at least 12 characters',
      'The same passphrase again',
      'the two are not the same',
    ]);
  });

  it('is the same however the keyboard composes it', async () => {
    await typed('caf\u00e9 au lait!', 'caf\u00e9 au lait!').store.set(ACCOUNT, 'value');
    expect(await typed('cafe\u0301 au lait!').store.get(ACCOUNT)).toBe('value');
  });

  it('opens nothing when it is wrong, and a key does not either', async () => {
    await typed(PASSPHRASE, PASSPHRASE).store.set(ACCOUNT, 'value');
    await expect(typed('quite another one').store.get(ACCOUNT)).rejects.toMatchObject(WRONG_KEY);
    await expect(open().store.get(ACCOUNT)).rejects.toMatchObject(WRONG_KEY);
  });

  it.each([
    { N: 2 ** 21 },
    { N: 2 ** 13 },
    { N: 131073 },
    { N: '131072' },
    { r: 1024 },
    { p: 64 },
    { salt: '' },
    { salt: 'AAAA' },
    { name: 'pbkdf2' },
  ])('spends nothing on the parameters %j', async (parameters) => {
    const kdf = {
      name: 'scrypt',
      N: 131072,
      r: 8,
      p: 1,
      salt: Buffer.alloc(16).toString('base64'),
    };
    const sealed = Buffer.alloc(40).toString('base64');
    const file = { format: 'tokencli-secrets', version: 1, kdf: { ...kdf, ...parameters }, sealed };
    writeFileSync(path, JSON.stringify(file));
    const { store, asked } = typed(PASSPHRASE);
    await expect(store.get(ACCOUNT)).rejects.toMatchObject({ code: 'invalid_data' });
    expect(asked).toEqual([]);
  });
});

describe('many writers', () => {
  it('lose nothing', async () => {
    const accounts = Array.from({ length: 40 }, (_, index) => `cacheKey:${index}`);
    await Promise.all(accounts.map((account) => open().store.set(account, `of ${account}`)));
    await Promise.all(accounts.slice(0, 10).map((account) => open().store.delete(account)));
    const { store } = open();
    expect([...(await store.list())].sort()).toEqual(accounts.slice(10).sort());
    for (const account of accounts.slice(10))
      expect(await store.get(account)).toBe(`of ${account}`);
  });
});
