import { generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { redact } from '../../src/output/redact.ts';
import { cleanText } from '../../src/output/terminal-text.ts';

const SECRET = 'p~w"+/&=% ü';
const known = [SECRET];
const ENTRA_REFRESH = `0.AXkA${'x1_-'.repeat(9)}.AgABAwEAAADW${'6j'.repeat(40)}`;
const MSA_REFRESH = `M.C546_BL2.0.U.-${'Cg1j*zz!'.repeat(9)}`;
const bytes = Buffer.from(SECRET);
const percent = (characters: RegExp) =>
  SECRET.replace(characters, (one) => Buffer.from(one).toString('hex').replace(/../g, '%$&'));

it.each([
  ['as it is', SECRET],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['percent-encoded', encodeURIComponent(SECRET)],
  ['form-encoded', new URLSearchParams({ a: SECRET }).toString().slice(2)],
  ['as .NET encodes it', encodeURIComponent(SECRET).replace(/%../g, (hex) => hex.toLowerCase())],
  ['as Python encodes it', percent(/[^A-Za-z0-9_.~/-]/g)],
  ['as RFC 3986 encodes it', percent(/[^A-Za-z0-9_.~-]/g)],
  ['with everything encoded', percent(/./g).toLowerCase()],
  ['base64', bytes.toString('base64')],
  ['base64url', bytes.toString('base64url')],
  ['hex', bytes.toString('hex')],
])('a known secret does not get through %s', (_how, spelling) => {
  const clean = redact(`before ${spelling} after`, known);
  expect(clean).not.toContain(spelling.replace(/=+$/, ''));
  expect(clean).toMatch(/^before \[redacted\]=* after$/);
});

it.each([
  ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln', '[redacted]'],
  ['client_secret=abc&scope=x', 'client_secret=[redacted]&scope=x'],
  ['{"refresh_token":"0.AX"}', '{"refresh_token":"[redacted]"}'],
  ['"{\\"refresh_token\\":\\"0.AX\\"}"', '"{\\"refresh_token\\":\\"[redacted]\\"}"'],
  ['password={abc\\d', 'password=[redacted]'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer [redacted]'],
  [`give ${ENTRA_REFRESH}, or ${MSA_REFRESH}`, 'give [redacted], or [redacted]'],
  ['version 0.Alpha, release 1.A-b_c', 'version 0.Alpha, release 1.A-b_c'],
  ['http://user:pw@proxy:8080', 'http://[redacted]@proxy:8080'],
  ['http://localhost/?code=0.AX&state=1', 'http://localhost/?code=[redacted]&state=1'],
])('%s is cut although nobody announced it', (text, clean) => {
  expect(redact(text, [])).toBe(clean);
});

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const PEM = KEY.export({ format: 'pem', type: 'pkcs8' }).toString();
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const EC_DER = EC.export({ format: 'der', type: 'sec1' }).toString('base64');
const DER = KEY.export({ format: 'der', type: 'pkcs8' }).toString('base64');
const inLines = (text: string) => (text.match(/.{1,76}/g) ?? []).join('\n');
const wrapped = inLines(DER);
const toBase64 = (text: string) => Buffer.from(text).toString('base64');
const JWK = JSON.stringify(KEY.export({ format: 'jwk' }));

it.each<[string, string]>([
  ['PEM', PEM],
  ['PEM on one line', PEM.replaceAll('\n', ' ')],
  ['PEM with line ends written out', PEM.replaceAll('\n', '\\n')],
  ['PEM as a path that was made absolute', resolve('/home/me', PEM)],
  ['PEM that was cut off', PEM.slice(0, 700)],
  ['two blocks', PEM + PEM],
  ['base64', DER],
  ['base64 of SEC 1', EC_DER],
  ['base64 in lines', wrapped],
  ['base64 in lines, cleaned for a terminal', cleanText(wrapped)],
  ['PEM in base64', toBase64(PEM)],
  ['PEM in base64, in lines', inLines(toBase64(PEM))],
  ...['x', 'xy', 'xyz'].map((before): [string, string] => [
    `PEM in base64 behind ${before}`,
    toBase64(before + PEM),
  ]),
  ['a client secret of Entra', `abc8Q~${'x'.repeat(34)}`],
])('a key that nobody announced does not get through as %s', (_how, spelling) => {
  const pieces = (PEM + DER + EC_DER + spelling).match(/[A-Za-z0-9+/~]{12,}/g) ?? [];
  const clean = redact(`cannot read ${spelling}: no such file`, []);
  expect(pieces.filter((piece) => clean.includes(piece))).toEqual([]);
  expect(clean).toMatch(/^cannot read \S*\[redacted\]/);
  const json = redact(JSON.stringify({ message: spelling, code: 'usage' }), []);
  expect(JSON.parse(json)).toMatchObject({ code: 'usage' });
  expect(pieces.filter((piece) => json.includes(piece))).toEqual([]);
});

it('the private members of a JSON Web Key do not get through, however it is quoted', () => {
  const { d, p, q, dp, dq, qi, n } = JSON.parse(JWK);
  for (const spelling of [JWK, JSON.stringify(JWK), JSON.stringify({ message: JWK })]) {
    const clean = redact(spelling, []);
    expect(() => JSON.parse(clean)).not.toThrow();
    expect([d, p, q, dp, dq, qi].filter((member) => clean.includes(member))).toEqual([]);
    expect(clean).toContain(n);
  }
});

it.each([
  'password=secret"value',
  'https://host/?code=secret"value',
  'Authorization: Bearer secret"value',
  'https://user:secret@host/"value',
  '-----BEGIN PRIVATE KEY-----\nsecret"value',
])('leaves JSON valid, whatever stands behind the secret: %s', (text) => {
  for (const json of [JSON.stringify({ text }), JSON.stringify({ text: JSON.stringify(text) })]) {
    const clean = redact(json, []);
    expect(JSON.parse(clean)).toEqual({ text: expect.stringContaining('[redacted]') });
    expect(clean).not.toContain('secret');
  }
});

const CLAIMS =
  '{"access_token":{"nbf":{"essential":true,"value":"1702"}},"id_token": { "acr":null}}';

it.each([
  ...['exit code: 5', 'enter the code: ABCD-1234', 'https://host/path?scope=a'],
  ...[CLAIMS, JSON.stringify({ hint: CLAIMS })],
])('leaves "%s" alone', (text) => {
  expect(redact(text, [])).toBe(text);
});

describe('a password that is an ordinary word', () => {
  it.each(['certificate', 'Code', 'network', 'answer', 'true'])(
    '%s leaves sentences alone',
    (word) => {
      const text = `the ${word} of app x is wrong: {"${word}":true}`;
      expect(redact(text, [word])).toBe(text);
    },
  );

  it.each([
    ['password=certificate&x', 'password=[redacted]&x'],
    ['{"passphrase": "certificate"}', '{"passphrase": "[redacted]"}'],
    ['https://me:certificate@proxy', 'https://[redacted]@proxy'],
    ['certificate', '[redacted]'],
    [Buffer.from('certificate').toString('hex'), '[redacted]'],
  ])('is cut where it is a value: %s', (text, clean) => {
    expect(redact(text, ['certificate'])).toBe(clean);
  });

  it.each(['certificate1', 'CERTIFICATE', 'correcthorsebattery', 'geheim!', 'häuser'])(
    '%s is none',
    (secret) => {
      expect(redact(`it is ${secret}.`, [secret])).toBe('it is [redacted].');
    },
  );
});
