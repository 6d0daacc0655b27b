import { describe, expect, it } from '@jest/globals';
import { decodeAnyText, decodeText, withoutLineEnd } from '../../src/core/text.ts';
import { BYTE_FORMS } from '../support/byte-forms.ts';

describe('one text in all the bytes that programs write it in', () => {
  it.each(Object.entries(BYTE_FORMS))('%s', (_, bytesOf) => {
    for (const text of ['', 'a', 'äß€ \u{1f600}\r\n', 'line\nline\r\n']) {
      expect(decodeText(bytesOf(text))).toBe(text);
    }
  });
});

it.each<[string, number[]]>([
  ['half a letter of UTF-8', [0x61, 0xc3]],
  ['half a unit of UTF-16', [0xff, 0xfe, 0x41]],
  ['a lone surrogate', [0xfe, 0xff, 0xd8, 0x00]],
])('%s is no text, but its bytes stay readable', (_, bytes) => {
  expect(decodeText(Buffer.from(bytes))).toBeUndefined();
  expect(decodeAnyText(Buffer.from(bytes))).toHaveLength(bytes.length);
});

it.each([
  ['a', 'a'],
  ['a\n', 'a'],
  ['a\r\n', 'a'],
  ['a\n\n', 'a\n'],
  [' a \r', ' a '],
  ['a\r\r', 'a\r'],
])('%j without its line end', (text, value) => {
  expect(withoutLineEnd(text)).toBe(value);
});
