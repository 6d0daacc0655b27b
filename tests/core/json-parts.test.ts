import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../src/core/json.ts';
import { canonicalText, splitJson } from '../../src/core/json-parts.ts';

it('a value is the sum of its parts', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 1, 2), (json, indent) => {
      const value: unknown = JSON.parse(json);
      const parts = splitJson(JSON.stringify(value, null, indent));
      if (typeof value !== 'object' || value === null) expect(parts).toBeUndefined();
      else
        expect([...(parts ?? [])].map(([name, text]) => [name, JSON.parse(text)])).toEqual(
          Object.keys(value).map((name) => [name, (value as Record<string, unknown>)[name]]),
        );
    }),
  );
});

it('equal values have equal texts, whatever the spelling', () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (json) => {
      const value: unknown = JSON.parse(json);
      expect(JSON.parse(canonicalText(json))).toEqual(value);
      expect(canonicalText(JSON.stringify(value, null, 2))).toBe(
        canonicalText(canonicalJson(value)),
      );
    }),
  );
  expect(canonicalText('[1.0, 1e2,"\\u0061"]')).toBe('[1,100,"a"]');
});

it.each([
  '100002348117421473',
  '-9007199254740993',
  '0.10000000000000000001',
  '1e400',
  '12345678901234567890.5',
])('%s keeps its digits', (number) => {
  expect(canonicalText(`{"a":[${number}]}`)).toBe(`{"a":[${number}]}`);
});

it('of a name that comes twice the last counts, as for JSON.parse', () => {
  expect(splitJson('{"a":1,"\\u0061":{"b":2}}')).toEqual(new Map([['a', '{"b":2}']]));
});
