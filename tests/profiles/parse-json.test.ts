import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findMistake, parseJsonFile } from '../../src/profiles/parse-json.ts';

it.each([
  ['{"a": tru', 6],
  ['{"a" 1}', 5],
  ['[1,]', 3],
  ['[01]', 1],
  ['{"a":1}}', 7],
  ['"\\x"', 0],
  ['{,}', 1],
  ['[1 2]', 3],
  ['', 0],
])('%s is wrong at %i', (text, at) => {
  expect(findMistake(text)).toBe(at);
});

it('finds no mistake before the end of a valid text', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(findMistake(text)).toBe(text.length);
    }),
  );
});

it('a cut text is wrong at its end or in its last word', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, cut) => {
      const part = text.slice(0, cut % text.length);
      const at = findMistake(part);
      expect(at).toBeLessThanOrEqual(part.length);
      expect(text.startsWith(part.slice(0, at))).toBe(true);
    }),
  );
});

it('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(parseJsonFile(Buffer.from(text), 'x.json')).toEqual(JSON.parse(text));
    }),
  );
});
