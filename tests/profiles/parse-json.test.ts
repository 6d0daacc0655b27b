import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findMistake } from '../../src/core/json-scan.ts';
import { restoreNumbers } from '../../src/profiles/exact-numbers.ts';
import {
  checkJsonShape,
  parseExactJsonFile,
  parseJsonFile,
} from '../../src/profiles/parse-json.ts';

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

it('reads what JSON.parse reads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const text = JSON.stringify(value);
      expect(await parseJsonFile(Buffer.from(text), 'x.json')).toEqual(JSON.parse(text));
    }),
  );
});

it('writes again what it has read, whatever the numbers', async () => {
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.bigInt({ min: 0n }),
      fc.constantFrom('', '.0', '.10', 'e3', 'E-400'),
    )
    .map((parts) => parts.join(''));
  const text = fc
    .tuple(number, number, fc.json())
    .map(([a, b, json]) => `{"a":${a},"b":[${b},${JSON.stringify(json)},{"${b}":${a}}]}`);
  await fc.assert(
    fc.asyncProperty(text, async (json) => {
      const value = await parseExactJsonFile(Buffer.from(json), 'x.json');
      expect(restoreNumbers(JSON.stringify(value))).toBe(json);
    }),
  );
});

it('tells every name that stands twice, by its place', async () => {
  const text = '{"p":[{"n":1},{"n":1,"n":2}],"p":[],"x":{"y":[[{"z":1,"\\u007a":2}]]}}';
  await expect(checkJsonShape(Buffer.from(text), 'x.json')).rejects.toThrow(
    'x.json cannot be trusted: p[1].n: stands twice; p: stands twice; x.y[0][0].z: stands twice',
  );
  const twice = '{"p":[{"n":1},{"n":2}],"n":{"p":1},"q":"{\\"a\\":1,\\"a\\":2}"}';
  await checkJsonShape(Buffer.from(twice), 'x.json');
});

it.each([
  { what: 'lists', open: '[', close: ']' },
  { what: 'objects', open: '{"a":', close: '}' },
])('$what may be nested 64 levels deep, valid or cut', async ({ open, close }) => {
  const nested = (depth: number) => Buffer.from(`${open.repeat(depth)}1${close.repeat(depth)}`);
  await checkJsonShape(nested(64), 'x.json');
  for (const depth of [65, 200_000]) {
    await expect(checkJsonShape(nested(depth), 'x.json')).rejects.toThrow(
      'x.json is nested deeper than 64 levels',
    );
  }
  await expect(parseJsonFile(Buffer.from(open.repeat(200_000)), 'x.json')).rejects.toThrow(
    `x.json is not valid JSON (line 1, column ${64 * open.length + 1})`,
  );
});
