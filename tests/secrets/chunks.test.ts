import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readValue, removeValue, writeValue } from '../../src/secrets/chunks.ts';
import { createMemoryStore } from '../support/memory-store.ts';

describe('writeValue, readValue', () => {
  it('give back any text under a store with the smallest limit', async () => {
    const texts = fc
      .tuple(
        fc.constantFrom('', 'tokencli-parts:', 'tokencli-text:', 'tokencli-value:', ' ', '\ufeff'),
        fc.string({ unit: 'binary', maxLength: 4000 }),
      )
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const store = createMemoryStore({ limit: 1280 });
        await writeValue(store, 'a', text);
        expect(await readValue(store, 'a')).toBe(text);
        // one line that no file format, no shell and no terminal reads as anything else
        for (const entry of store.entries.values()) expect(entry).toMatch(/^[\w:-]+$/);
        await removeValue(store, 'a');
        expect(store.entries.size).toBe(0);
      }),
    );
  });

  it('leaves the parts of other accounts alone', async () => {
    const store = createMemoryStore();
    await writeValue(store, 'a', 'x'.repeat(2000));
    await writeValue(store, 'ab', 'y'.repeat(2000));
    await removeValue(store, 'a');
    expect(await readValue(store, 'ab')).toBe('y'.repeat(2000));
  });

  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const long = ' a\\b\r\n'.repeat(300);
  it.each<[string, Record<string, string>, string]>([
    ['as it was', { a: ' a\\b\n' }, ' a\\b\n'],
    ['behind a mark', { a: 'tokencli-text:tokencli-text:x' }, 'tokencli-text:x'],
    [
      'in parts',
      {
        'a#1': long.slice(0, 1280),
        'a#2': long.slice(1280),
        a: `tokencli-parts:{"parts":2,"sha256":"${sha256(long)}"}`,
      },
      long,
    ],
  ])('read and remove what earlier versions stored %s', async (_how, entries, value) => {
    const store = createMemoryStore();
    for (const [account, text] of Object.entries(entries)) store.entries.set(account, text);
    expect(await readValue(store, 'a')).toBe(value);
    await removeValue(store, 'a');
    expect(store.entries.size).toBe(0);
  });

  it('replace what an earlier version stored by one line', async () => {
    const store = createMemoryStore();
    store.entries.set('a', ' two\nlines');
    await writeValue(store, 'a', ' two\nlines');
    expect(store.entries.get('a')).toBe('tokencli-value:IHR3bwpsaW5lcw');
    expect(await readValue(store, 'a')).toBe(' two\nlines');
  });
});
