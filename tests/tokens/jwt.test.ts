import { describe, expect, it } from '@jest/globals';
import { decodeToken } from '../../src/tokens/jwt.ts';
import * as rfc from '../fixtures/jose-examples.ts';
import { compact, encode } from '../support/tokens.ts';

const HEADER = encode({ alg: 'RS256' });
const deep = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

describe('the examples of the RFCs', () => {
  it.each([
    ['RFC 7515 A.1 (HS256)', rfc.HS256],
    ['RFC 7515 A.2 (RS256)', rfc.RS256],
    ['RFC 7515 A.3 (ES256)', rfc.ES256],
    ['RFC 7519 6.1 (unsecured)', rfc.UNSECURED],
  ])('%s is read', (_name, token) => {
    expect(decodeToken(token)).toMatchObject({
      kind: 'signed',
      payload: {
        value: { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true },
        duplicates: [],
      },
      signature: token.split('.')[2],
    });
  });

  it('RFC 7516 A.1 shows its header alone', () => {
    const token = decodeToken(rfc.ENCRYPTED);
    expect(token).toMatchObject({
      kind: 'encrypted',
      header: { value: { alg: 'RSA-OAEP', enc: 'A256GCM' } },
    });
    expect(token).not.toHaveProperty('payload');
  });

  it('RFC 7515 A.4 is a JWS but no JWT', () => {
    expect(() => decodeToken(rfc.ES512)).toThrow('the payload is not JSON: a value expected at 1');
  });
});

describe('what is wrong, and where', () => {
  it.each([
    ['two parts', 'a.b', 'a JWT has three parts (five when encrypted), this has 2'],
    ['a thousand parts', 'a.'.repeat(1000), 'this has more than five'],
    ['a space inside', `${HEADER} .e30.x`, `the header is not base64url at ${HEADER.length + 1}`],
    ['padding', `${HEADER}=.e30.`, 'the header is not base64url at 21'],
    ['standard base64', `${HEADER}.+/8.`, 'the payload is not base64url at 22'],
    ['a stray tail', `${HEADER}.e31.`, 'the payload is not base64url: its end, at 24, is cut'],
    ['one character too few', `${HEADER}.e30.A`, 'the signature is not base64url: its end, at 26'],
    ['not UTF-8', `${HEADER}._w.`, 'the payload is not UTF-8'],
    ['a byte order mark', compact({}, '\ufeff{}'), 'a value expected at 1'],
    ['an empty payload', `${HEADER}..`, 'the payload is not JSON: it ends too early at 1'],
    ['cut JSON', compact({}, '{"a":1'), 'the payload is not JSON: it ends too early at 7'],
    ['a missing comma', compact({}, '{"a":1 "b":2}'), 'a comma expected at 8'],
    ['NaN', compact({}, '{"a":NaN}'), 'a value expected at 6'],
    ['a list', compact({}, '[]'), 'the payload is not a JSON object'],
    ['null', compact('null', '{}'), 'the header is not a JSON object'],
    ['65 levels', compact({}, deep(65)), 'nested deeper than 64 levels at 69'],
    ['a wrong JWE', `${HEADER}.a.b.c.d`, 'the encrypted key is not base64url'],
    ['an escape sequence', 'abc\u001b[31mdefghijklmnop', 'a character that no token has, at 4'],
  ])('%s', (_name, token, message) => {
    expect(() => decodeToken(token)).toThrow(message);
    expect(() => decodeToken(token)).toThrow(expect.objectContaining({ code: 'invalid_data' }));
  });
});

it('64 levels are read', () => {
  expect(decodeToken(compact({}, deep(64)))).toHaveProperty('kind', 'signed');
});

it('256 KiB are read, one character more is not', () => {
  const start = `${HEADER}.${encode({ a: 'x'.repeat(150_000) })}.`;
  const fill = 'A'.repeat(262_144 - start.length);
  const whole = fill.length % 4 === 1 ? start.replace(HEADER, encode('{"alg":"RS256" }')) : start;
  const token = whole.padEnd(262_144, 'A');
  expect(token.length).toBe(262_144);
  expect(decodeToken(token)).toHaveProperty('kind', 'signed');
  expect(() => decodeToken(`${token}A`)).toThrow('it has 262145 characters, more than 262144');
});

it('names that come twice are told with their paths, also when escapes hide it', () => {
  const token = decodeToken(compact('{"alg":"a","\\u0061lg":"b"}', '{"a":{"b":1,"b":2},"a":1}'));
  expect(token).toMatchObject({
    header: { duplicates: ['alg'] },
    payload: { duplicates: ['a.b', 'a'] },
  });
});

it('__proto__ is a name like any other', () => {
  const token = decodeToken(compact({}, '{"__proto__":{"admin":true}}'));
  if (token.kind !== 'signed') throw new Error('not signed');
  expect(Object.keys(token.payload.value)).toEqual(['__proto__']);
  expect(token.payload.value['admin']).toBeUndefined();
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

it('without the structure of a JWT it is opaque', () => {
  for (const token of ['EwB4A8l6BAAUkj1NuJYtTVha+Mogk+HEiPbQo04AAQ==', '0.AXoA1234567890abcd']) {
    expect(decodeToken(token)).toEqual({ kind: 'opaque', compact: token });
  }
});
