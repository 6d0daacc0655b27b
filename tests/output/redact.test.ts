import { generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
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
  ['percent-encoded twice', encodeURIComponent(encodeURIComponent(SECRET))],
  ['base64 behind a client id', Buffer.from(`${'id'.repeat(18)}:${SECRET}`).toString('base64')],
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
  ['http://me:p/w@proxy:8080/x', 'http://[redacted]@proxy:8080/x'],
  ['{"password":"a, \\"b\\" c","x":1}', '{"password":"[redacted]","x":1}'],
  [
    '{"clientSecret":"abc","accessToken":"x"}',
    '{"clientSecret":"[redacted]","accessToken":"[redacted]"}',
  ],
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
const JWT = `eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.${'c2ln'.repeat(9)}`;
const ENTRA = `abc8Q~${'x1'.repeat(17)}`;
const KEY_64 = Buffer.alloc(64, 'k7').toString('base64');
const toHex = (text: string | Buffer) => Buffer.from(text).toString('hex');
const fromDer = Buffer.from(DER, 'base64');

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
  ['a client secret of Entra', ENTRA],
  ['base64url', fromDer.toString('base64url')],
  ['base64 in a line with blanks', wrapped.replaceAll('\n', ' ')],
  ['base64 in base64', toBase64(DER)],
  ['PEM in base64 in base64', toBase64(toBase64(PEM))],
  ['PEM in UTF-16 in base64', Buffer.from(PEM, 'utf16le').toString('base64')],
  ['PEM in gzip in base64', gzipSync(PEM).toString('base64')],
  ['PEM percent-encoded', encodeURIComponent(PEM)],
  ['PEM form-encoded', new URLSearchParams({ a: PEM }).toString().slice(2)],
  ['PEM in hexadecimal', toHex(PEM)],
  ['hexadecimal', toHex(fromDer)],
  ['hexadecimal as a path that was made absolute', resolve('/home/me', toHex(fromDer))],
  ['hexadecimal with colons', toHex(fromDer).replace(/..(?=.)/g, '$&:')],
  ['base64 percent-encoded', encodeURIComponent(DER)],
  ['a data: URL', `data:;base64,${DER}`],
  ['a JSON Web Key in base64', toBase64(JWK)],
  ['a client secret percent-encoded', ENTRA.replace('~', '%7E')],
  ['a client secret in base64', toBase64(ENTRA)],
  ['a JWT percent-encoded', JWT.replaceAll('.', '%2E')],
  ['a JWT in base64', toBase64(JWT)],
  ['a key of age', `AGE-SECRET-KEY-1${'QPZRY9X8'.repeat(7)}QP`],
  [
    'a key of SSH',
    `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n${wrapped}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----`,
  ],
  [
    'a key of PuTTY',
    `PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 9\n${'Ab1+'.repeat(16)}\nPrivate-MAC: ${'0a'.repeat(32)}`,
  ],
  ['a token of GitHub', `ghp_${'a1B2'.repeat(9)}`],
  ['a fine-grained token of GitHub', `github_pat_${'a1B2'.repeat(20)}`],
  ['a token of GitLab', `glpat-${'a1B2'.repeat(5)}`],
  ['a token of Azure DevOps', `${'a1B2'.repeat(19)}AZDO${'a1B2'}`],
  ['a connection string', `AccountName=a;AccountKey=${KEY_64}`],
  [
    'a link of Azure Storage',
    `https://a.blob.core.windows.net/c?sp=r&sig=${encodeURIComponent(KEY_64)}`,
  ],
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
  ...[CLAIMS, JSON.stringify({ hint: CLAIMS }), toBase64(CLAIMS)],
  ...[
    'https://host:8080/a/b?to=me@host',
    '/srv/MIGRATION-2024/landing-zones/certificates/production',
  ],
  ...[
    `sha256 ${'0a1b'.repeat(16)}`,
    'https://host/a%20b%2Fc?x=%7B%7D',
    'eyJhbGciOiJub25lIn0 begins it',
    'profile global-production-of-the-tenant',
    'https://host/a-path/of_more/than-40-characters/in-it',
  ],
])('leaves "%s" alone', (text) => {
  expect(redact(text, [])).toBe(text);
});

it.each(['25', '2525%', 'a.', 'eyJ-', 'http://a:', 'a://b:x/', '.,', 'password=\\', '"d\\'])(
  'a server cannot send a text that takes minutes: %s again and again',
  (piece) => {
    expect(redact(`%${piece.repeat((1 << 20) / piece.length)}`, [SECRET])).not.toBe('');
  },
);

it('a known secret does not get through in capital hexadecimal', () => {
  const secret = 'a secret of the tests';
  const clean = redact(`is ${Buffer.from(secret).toString('hex').toUpperCase()} wrong`, [secret]);
  expect(clean).toBe('is [redacted] wrong');
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
