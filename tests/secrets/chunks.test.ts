import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readValue, removeValue, splitText, writeValue } from '../../src/secrets/chunks.ts';
import { createMemoryStore } from '../support/memory-store.ts';

describe('splitText', () => {
  it('cuts before a pair that does not fit', () => {
    expect(splitText('abc😀d', 4)).toEqual(['abc', '😀d']);
    expect(splitText('ab😀😀', 3)).toEqual(['ab', '😀', '😀']);
    expect(splitText('', 3)).toEqual([]);
  });

  it('loses nothing, whatever the text', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 400 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 50 }), (text, limit) => {
        const parts = splitText(text, limit);
        expect(parts.join('')).toBe(text);
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(limit);
        expect(parts.every((part) => !/\p{Surrogate}/u.test(part))).toBe(true);
      }),
    );
  });
});

describe('writeValue, readValue', () => {
  it('give back any text under a store with the smallest limit', async () => {
    const texts = fc
      .tuple(
        fc.constantFrom('', 'tokencli-parts:', 'tokencli-text:'),
        fc.string({ maxLength: 4000 }),
      )
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const store = createMemoryStore({ limit: 1280 });
        await writeValue(store, 'a', text);
        expect(await readValue(store, 'a')).toBe(text);
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
});
