import { describe, expect, it } from '@jest/globals';
import type { StoreKind } from '../../src/core/ports.ts';
import { openVault, storeKindOf } from '../../src/secrets/vault.ts';
import { createMemoryStore, readEntries } from '../support/memory-store.ts';

const LIMIT = 1280;

function open() {
  const store = createMemoryStore({ limit: LIMIT });
  return { store, vault: openVault(store) };
}

describe('openVault', () => {
  it.each([
    ['one character', 'x'],
    ['just below the limit', 'a'.repeat(947)],
    ['the limit', 'a'.repeat(948)],
    ['one more', 'a'.repeat(949)],
    ['just below two', 'a'.repeat(1919)],
    ['two entries', 'a'.repeat(1920)],
    ['three', 'a'.repeat(1921)],
    ['10 KiB', 'abcdefghij'.repeat(1024)],
    ['100 KiB', 'abcdefghij'.repeat(10240)],
    ['a pair across the border', `${'a'.repeat(1279)}😀${'b'.repeat(1279)}😀`],
    ['nothing but pairs', '😀'.repeat(2000)],
    ['NUL', `a\0b${'\0'.repeat(3000)}`],
    ['line ends', 'a\r\nb\n'],
    ['what looks like a manifest', 'tokencli-parts:{"parts":2,"sha256":"00"}'],
    ['what looks escaped', 'tokencli-text:x'],
    ['a long one that looks like a manifest', `tokencli-parts:${'9'.repeat(5000)}`],
    ['one that only its mark makes too long', `tokencli-parts:${'9'.repeat(1265)}`],
  ])('gives back what it was given: %s', async (_what, value) => {
    const { store, vault } = open();
    const id = await vault.save('clientSecret', value);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await vault.read('clientSecret', id)).toBe(value);
    for (const [account, text] of store.entries) {
      expect(account).toMatch(new RegExp(`^clientSecret:${id}(#\\d+)?$`));
      expect(text.length).toBeLessThanOrEqual(LIMIT);
    }
    await vault.remove('clientSecret', id);
    expect(store.entries.size).toBe(0);
  });

  it('uses one entry up to the limit and parts with a manifest above it', async () => {
    const { store, vault } = open();
    // in base64, with its mark in front, this is the limit
    await vault.save('certificate', 'a'.repeat(948));
    expect(store.entries.size).toBe(1);
    const id = await vault.save('certificate', 'a'.repeat(961));
    expect([...store.entries.keys()].slice(1)).toEqual([
      `certificate:${id}#1`,
      `certificate:${id}#2`,
      `certificate:${id}`,
    ]);
  });

  it('gives every value an id of its own and keeps the older one', async () => {
    const { vault } = open();
    const first = await vault.save('clientSecret', 'old');
    const second = await vault.save('clientSecret', 'new');
    expect(second).not.toBe(first);
    expect(await vault.read('clientSecret', first)).toBe('old');
  });

  it('keeps kinds apart', async () => {
    const { vault } = open();
    const id = await vault.save('clientSecret', 'value');
    expect(await vault.read('certificatePassword', id)).toBeUndefined();
  });

  it.each([1, 2, 3])('answers damaged when part %d is missing', async (part) => {
    const { store, vault } = open();
    const id = await vault.save('certificate', 'a'.repeat(3000));
    store.entries.delete(`certificate:${id}#${part}`);
    await expect(vault.read('certificate', id)).rejects.toMatchObject({ code: 'invalid_data' });
  });

  it('answers damaged when a part belongs to another value', async () => {
    const { store, vault } = open();
    const id = await vault.save('certificate', 'a'.repeat(3000));
    store.entries.set(`certificate:${id}#2`, 'b'.repeat(1280));
    await expect(vault.read('certificate', id)).rejects.toMatchObject({ code: 'invalid_data' });
  });

  it.each(['', '{}', '{"parts":0,"sha256":""}', '{"parts":1e9,"sha256":""}', '[', 'null'])(
    'answers damaged for the manifest %s',
    async (manifest) => {
      const { store, vault } = open();
      store.entries.set('certificate:x', `tokencli-parts:${manifest}`);
      await expect(vault.read('certificate', 'x')).rejects.toMatchObject({ code: 'invalid_data' });
    },
  );

  it.each([0, 1, 2, 3])(
    'leaves no readable value when saving stops after %d writes',
    async (count) => {
      const { store, vault } = open();
      store.failAfter = count;
      await expect(vault.save('certificate', 'a'.repeat(3000))).rejects.toMatchObject({
        code: 'store_unavailable',
      });
      const manifests = [...store.entries.keys()].filter((account) => !account.includes('#'));
      expect(manifests).toEqual([]);
    },
  );

  it('clears the parts of a save that failed, when the store recovers', async () => {
    const { store, vault } = open();
    const set = store.set;
    store.set = async (account, value) => {
      if (!account.includes('#')) throw new Error('refused');
      await set(account, value);
    };
    await expect(vault.save('certificate', 'a'.repeat(3000))).rejects.toThrow('refused');
    expect(store.entries.size).toBe(0);
  });

  it.each([0, 1, 2, 3])('finishes a removal that stopped after %d deletions', async (count) => {
    const { store, vault } = open();
    const id = await vault.save('certificate', 'a'.repeat(3000));
    store.failAfter = count;
    await expect(vault.remove('certificate', id)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    store.failAfter = Number.POSITIVE_INFINITY;
    await vault.remove('certificate', id);
    expect(store.entries.size).toBe(0);
    await vault.remove('certificate', id);
  });

  it('refuses half a character, which no store would give back', async () => {
    const { store, vault } = open();
    await expect(vault.save('clientSecret', 'a\ud83d')).rejects.toMatchObject({
      code: 'invalid_data',
    });
    expect(store.entries.size).toBe(0);
  });

  it.each(['failing', 'locked'] as const)('passes on that the store is %s', async (state) => {
    const { store, vault } = open();
    const id = await vault.save('clientSecret', 'value');
    store.state = state;
    const refusal = { code: 'store_unavailable' };
    await expect(vault.read('clientSecret', id)).rejects.toMatchObject(refusal);
    await expect(vault.save('clientSecret', 'other')).rejects.toMatchObject(refusal);
    await expect(vault.remove('clientSecret', id)).rejects.toMatchObject(refusal);
    expect(readEntries(store)).toEqual({ [`clientSecret:${id}`]: 'value' });
  });
});

describe('storeKindOf', () => {
  it.each<[string | undefined, StoreKind | undefined, StoreKind]>([
    [undefined, undefined, 'keyring'],
    ['', undefined, 'keyring'],
    [undefined, 'file', 'file'],
    ['file', 'keyring', 'file'],
    ['keyring', 'file', 'keyring'],
  ])('environment %s, configured %s: %s', (variable, configured, expected) => {
    expect(storeKindOf({ TOKENCLI_STORE: variable }, configured)).toBe(expected);
  });

  it('refuses any other word', () => {
    expect(() => storeKindOf({ TOKENCLI_STORE: 'plain' }, undefined)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});
