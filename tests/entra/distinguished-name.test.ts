import { expect, it } from '@jest/globals';
import { parseName } from '../../src/entra/distinguished-name.ts';

it.each([
  ['My app', [['CN', 'My app']]],
  ['CN=My app', [['CN', 'My app']]],
  [
    ' cn = My app , O=Contoso,C=DE',
    [
      ['CN', 'My app'],
      ['O', 'Contoso'],
      ['C', 'DE'],
    ],
  ],
  [
    '/CN=x/OU=y',
    [
      ['CN', 'x'],
      ['OU', 'y'],
    ],
  ],
  ['CN=a\\, b\\=c', [['CN', 'a, b=c']]],
  ['Müller & Söhne', [['CN', 'Müller & Söhne']]],
])('%s', (text, expected) => {
  expect(parseName(text).map(({ type, value }) => [type, value])).toEqual(expected);
});

it.each(['', '   ', 'CN=', 'XX=y', 'CN=x, C=Germany', 'CN=x,C=de', `CN=${'x'.repeat(65)}`, 'a\nb'])(
  'refuses %j',
  (text) => {
    expect(() => parseName(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);
