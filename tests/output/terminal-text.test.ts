import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanLines, cleanText } from '../../src/output/terminal-text.ts';

describe('cleanText', () => {
  it.each([
    ['plain text – ü 漢字 🔑', 'plain text – ü 漢字 🔑'],
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['\u001b]52;c;aGk=\u0007', '\\x1b]52;c;aGk=\\x07'],
    ['good\rbad', 'good\\rbad'],
    ['two\nlines\tand tab', 'two\\nlines\\tand tab'],
    ['back\bspace\u007f', 'back\\x08space\\x7f'],
    ['\u009b6n', '\\x9b6n'],
    ['abc\u202egnp.exe', 'abc\\u{202e}gnp.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
  ])('%j is shown as %j', (text, shown) => {
    expect(cleanText(text)).toBe(shown);
  });

  it('cuts what is longer than 2,000 characters', () => {
    expect(cleanText('x'.repeat(3000))).toBe(`${'x'.repeat(2000)}…`);
  });

  it('lets only printable characters through, whatever comes', () => {
    const allowed = /^[^\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*$/u;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) =>
        allowed.test(cleanText(text)),
      ),
      { numRuns: 5000 },
    );
  });
});

it('cleanLines keeps newlines and tabs only', () => {
  expect(cleanLines('a\n\tb\u001b[0m\r')).toBe('a\n\tb\\x1b[0m\\r');
});
