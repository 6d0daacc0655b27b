import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scanJson } from '../../src/core/json-scan.ts';
import { prettyJson } from '../../src/output/json-text.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

it('takes exactly what JSON.parse takes', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '\\', ',', '}', ']', ':', '0', '-', ' '))
    .map(([json, at, by]) => {
      const position = at % (json.length + 1);
      return json.slice(0, position) + by + json.slice(position + 1);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
      expect(scanJson(text, 10_000).flaw === undefined).toBe(parses(text));
    }),
    { numRuns: 3000 },
  );
});

it('prints as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const printed = prettyJson(json);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be printed
      expect(printed).not.toMatch(/[\u007f-\u009f\u200b-\u200f\u202a-\u202e\ufeff\u001b]/);
      expect(JSON.parse(printed)).toEqual(JSON.parse(json));
      const safe = /^[\u0020-\u007e\n]*$/.test(printed) && !/\d[eE.]|"[^"]*\d+"|-0/.test(json);
      if (safe) expect(printed).toBe(JSON.stringify(JSON.parse(json), null, 2));
    }),
    { numRuns: 2000 },
  );
});

it('keeps numbers and the order of names as they stand', () => {
  expect(prettyJson('{"b":12345678901234567890,"2":1e400,"1":-0}')).toBe(
    '{\n  "b": 12345678901234567890,\n  "2": 1e400,\n  "1": -0\n}',
  );
});
