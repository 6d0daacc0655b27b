import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as rfc from '../fixtures/jose-examples.ts';
import { runCli, runInTerminal } from '../support/run-cli.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { compact, TENANT } from '../support/tokens.ts';

const now = Math.floor(Date.now() / 1000);
const CLAIMS = {
  aud: 'https://graph.microsoft.com',
  iss: `https://sts.windows.net/${TENANT}/`,
  iat: now - 600,
  nbf: now - 600,
  exp: now + 3000,
  appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  appidacr: '0',
  amr: ['pwd', 'mfa'],
  name: 'Alice',
  oid: '11111111-2222-3333-4444-555555555555',
  scp: 'User.Read Mail.Read',
  tid: TENANT,
  ver: '1.0',
  wids: ['62e90394-69f5-4237-9190-012177145e10'],
  xms_cc: ['CP1'],
  'https://example.com/a.b': { list: [10, { c: 'deep' }] },
};
const TOKEN = compact({ typ: 'JWT', alg: 'RS256', kid: 'k1' }, CLAIMS);
const APP_ONLY = compact(
  { alg: 'RS256' },
  {
    aud: 'api://orders',
    azp: 'a',
    azpacr: '2',
    oid: 'o',
    sub: 'o',
    roles: ['Orders.Read.All'],
    ver: '2.0',
  },
);
const HOSTILE = 'a\u001b]52;c;AAAA\u0007\u202eb\u0000\u009b31m\u200b\r';

let test: TestApp;
beforeAll(() => {
  test = createTestApp();
});
afterAll(() => test.remove());
const cli = (stdin: string, ...args: string[]) => test.cli(['inspect', ...args], { stdin });

describe('the claims as JSON', () => {
  it('are those of RFC 7515 A.1, as they stand', async () => {
    expect(await cli(rfc.RS256)).toMatchObject({ code: 0, out: rfc.JOE_CLAIMS, err: '' });
  });

  it.each([
    ['Bearer in front', (token: string) => `Bearer ${token}`],
    ['a header line', (token: string) => `authorization: bearer ${token}\r\n`],
    ['white space and a BOM', (token: string) => `\ufeff \n\t${token}\n\n`],
    ['lines as a mail wraps them', (token: string) => token.replace(/.{60}/g, '$&\r\n  ')],
    ['blanks at its dots', (token: string) => `Bearer ${token.replaceAll('.', '. ')}`],
    ['quotes', (token: string) => `"${token}"`],
    ['get-token --json', (token: string) => `${JSON.stringify({ accessToken: token }, null, 2)}\n`],
    ['--format env', (token: string) => `ACCESS_TOKEN='${token}'\n`],
    ['--format curl', (token: string) => `header = "Authorization: Bearer ${token}"\n`],
    ['--format k8s', (token: string) => JSON.stringify({ kind: 'x', status: { token } })],
    ['a token endpoint', (token: string) => JSON.stringify({ access_token: token })],
  ])('with %s', async (_name, dress) => {
    const { code, out } = await cli(dress(TOKEN));
    expect([code, out]).toEqual([0, `${JSON.stringify(CLAIMS, null, 2)}\n`]);
  });

  it('from a file, a file named -, and -t with a warning that --silent takes back', async () => {
    const file = test.file('token.txt', `${TOKEN}\n`);
    const out = `${JSON.stringify(CLAIMS, null, 2)}\n`;
    expect(await cli('', '-f', file)).toMatchObject({ code: 0, out, err: '' });
    expect(await cli(TOKEN, '-f', '-')).toMatchObject({ code: 0, out, err: '' });
    expect(await cli('', '-t', TOKEN)).toMatchObject({
      code: 0,
      out,
      err: 'warning: a token on the command line stays in the shell history and the process list\n',
    });
    expect(await cli('', '-t', TOKEN, '--silent')).toMatchObject({ code: 0, out, err: '' });
  });

  it('--full adds header and signature', async () => {
    const { out } = await cli(TOKEN, '--full');
    expect(JSON.parse(out)).toEqual({
      header: { typ: 'JWT', alg: 'RS256', kid: 'k1' },
      payload: CLAIMS,
      signature: 'c2ln',
    });
  });

  it('hostile characters are escaped, and mean the same', async () => {
    const { out } = await cli(compact({ alg: 'RS256' }, { [HOSTILE]: HOSTILE }));
    expect(out).toMatch(/^[\n\u0020-\u007e]*$/);
    expect(JSON.parse(out)).toEqual({ [HOSTILE]: HOSTILE });
  });

  it('what is wrong with the header is said on stderr', async () => {
    expect((await cli(rfc.UNSECURED)).err).toBe(
      'warning: it is unsigned (alg none): anybody can write it\n',
    );
    expect((await cli(compact('{"alg":"RS256"}', '{"a":1,"a":2}'))).err).toBe(
      'warning: a comes twice: readers may take the first or the last\n',
    );
  });
});

describe('--claim', () => {
  it.each([
    ['name', 'Alice\n'],
    ['exp', `${CLAIMS.exp}\n`],
    ['amr', '["pwd","mfa"]\n'],
    ['amr.1', 'mfa\n'],
    ['https://example.com/a.b', '{"list":[10,{"c":"deep"}]}\n'],
    ['https://example.com/a.b.list.1.c', 'deep\n'],
  ])('%s', async (name, out) => {
    expect(await cli(TOKEN, '--claim', name)).toMatchObject({ code: 0, out, err: '' });
  });

  it.each(['absent', 'amr.2', 'amr.length', 'constructor', '__proto__', 'name.length'])(
    '%s is not there: exit 4, nothing on stdout',
    async (name) => {
      const { code, out, err } = await cli(TOKEN, '--claim', name);
      expect([code, out]).toEqual([4, '']);
      expect(err).toContain(`tokencli: the token has no claim ${name}\n`);
    },
  );
});

describe('--explain', () => {
  it('says it in words', async () => {
    const { code, out } = await cli(TOKEN, '--explain');
    expect(code).toBe(0);
    for (const words of [
      'Delegated access token: an app acts for a signed-in user',
      'Microsoft Graph (https://graph.microsoft.com)',
      'scopes: User.Read Mail.Read',
      'directory roles: Global Administrator',
      'user Alice',
      'Azure CLI, 04b07795-8ddb-461a-bbee-02f9e1bf7b46',
      'client authentication: none (public client)',
      `${TENANT}, public cloud`,
      'by password (pwd), multi-factor (mfa)',
      'yes (xms_cc cp1)',
      'made for 1h',
      'not verified (RS256, key k1)',
    ]) {
      expect(out).toContain(words);
    }
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('knows an app that acts as itself', async () => {
    const { out } = await cli(APP_ONLY, '--explain');
    expect(out).toContain('App-only access token: an app acts as itself, without a user');
    expect(out).toContain('roles: Orders.Read.All');
    expect(out).toContain('client authentication: a certificate or a federated assertion');
  });

  it('--json gives the same as data', async () => {
    const { out } = await cli(TOKEN, '--explain', '--json');
    expect(JSON.parse(out)).toMatchObject({
      access: 'delegated',
      version: '1.0',
      audience: [{ id: 'https://graph.microsoft.com', name: 'Microsoft Graph' }],
      cloud: 'public',
      tenantId: TENANT,
      app: { id: CLAIMS.appid, name: 'Azure CLI' },
      subject: { kind: 'user', name: 'Alice', id: CLAIMS.oid },
      groupOverage: false,
      scopes: ['User.Read', 'Mail.Read'],
      directoryRoles: [{ id: CLAIMS.wids[0], name: 'Global Administrator' }],
      continuousAccessEvaluation: true,
      expiresOnEpoch: CLAIMS.exp,
      signature: { algorithm: 'RS256', keyId: 'k1', verified: false },
    });
  });

  it.each<[string, object, string[], string[]]>([
    [
      'the name, and the one to sign in with',
      { name: 'Ada', upn: 'ada@x.example', oid: 'o', sub: 's' },
      ['user Ada\n', ' ada@x.example\n', 'object id o\n'],
      ['subject'],
    ],
    [
      'the sign-in name alone',
      { preferred_username: 'ada@x.example', oid: 'o' },
      ['user ada@x.example\n'],
      ['           ada@x.example'],
    ],
    ['a subject, which is no object id', { name: 'Ada', sub: 's' }, ['subject s'], ['object id']],
    ['an address of B2C', { emails: ['ada@x.example'] }, ['user ada@x.example'], []],
  ])('tells who it is: %s', async (_, who, there, absent) => {
    const { out } = await cli(compact({ alg: 'RS256' }, { scp: 'a', ...who }), '--explain');
    for (const words of there) expect(out).toContain(words);
    for (const words of absent) expect(out).not.toContain(words);
  });

  it.each([
    { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://x' } } },
    { hasgroups: true },
  ])('tells that the groups are too many for the token: %j', async (claims) => {
    const token = compact({ alg: 'RS256' }, { ...CLAIMS, ...claims });
    expect((await cli(token, '--explain')).out).toContain('group overage');
    const { out } = await cli(token, '--explain', '--json');
    expect(JSON.parse(out)).toMatchObject({ groupOverage: true });
    expect((await cli(TOKEN, '--explain')).out).not.toContain('Groups');
  });

  it('cleans what a claim brings', async () => {
    const { out } = await cli(compact({ alg: 'RS256' }, { name: HOSTILE, scp: 'x' }), '--explain');
    expect(out).toMatch(/^[\n\u0020-\u007e]*$/);
    expect(out).toContain('a\\x1b]52;c;AAAA\\x07\\u{202e}b\\x00\\x9b31m\\u{200b}\\r');
  });
});

describe('--need-…', () => {
  it('met: the claims, exit 0', async () => {
    const needs = ['--need-scope', 'Mail.Read', '--need-scope', 'User.Read'];
    expect(
      await cli(TOKEN, ...needs, '--need-aud', '00000003-0000-0000-c000-000000000000'),
    ).toEqual(expect.objectContaining({ code: 0, err: '' }));
    expect((await cli(TOKEN, '--need-scope', 'https://graph.microsoft.com/Mail.Read')).code).toBe(
      0,
    );
    expect((await cli(TOKEN, '--need-scope', 'Mail.Read, User.Read')).code).toBe(0);
    expect((await cli(TOKEN, '--need-scope', ' ,')).code).toBe(2);
    expect((await cli(APP_ONLY, '--need-role', 'Orders.Read.All')).code).toBe(0);
  });

  it.each([
    [
      TOKEN,
      ['--need-scope', 'Mail.Send'],
      'the token lacks the scope Mail.Send',
      'tokencli get-token --scope https://graph.microsoft.com/Mail.Send',
    ],
    [
      TOKEN,
      ['--need-scope', 'mail.read'],
      'the token lacks the scope mail.read (it has Mail.Read, in another case)',
      'tokencli get-token --scope https://graph.microsoft.com/mail.read',
    ],
    [
      TOKEN,
      ['--need-aud', 'api://orders'],
      'the token lacks the audience api://orders (it is for https://graph.microsoft.com)',
      'tokencli get-token --resource api://orders',
    ],
    [
      APP_ONLY,
      ['--need-scope', 'Orders.Read'],
      'the token lacks the scope Orders.Read (it is app-only and has roles instead)',
      'sign a user in: tokencli get-token -f InteractiveBrowser --scope api://orders/Orders.Read',
    ],
    [
      APP_ONLY,
      ['--need-role', 'Admin'],
      'the token lacks the role Admin',
      'add the application permission Admin to the app, have an administrator consent, then tokencli get-token --force-refresh',
    ],
  ])('%# missing: exit 4 and what would grant it', async (token, args, message, hint) => {
    expect(await cli(token, ...args)).toMatchObject({
      code: 4,
      out: '',
      err: `tokencli: ${message}\n  try: ${hint}\n`,
    });
  });
});

it('dates in milliseconds are told, whatever is asked of the token', async () => {
  const token = compact({ alg: 'RS256' }, { iat: now * 1000, exp: now * 1000, nbf: now });
  const warning =
    'warning: iat, exp: in milliseconds? A JWT counts seconds, so the date is far off\n';
  for (const args of [[], ['--explain'], ['--claim', 'exp']]) {
    expect(await cli(token, ...args)).toMatchObject({ code: 0, err: warning });
  }
  expect((await test.cli(['discover'], { stdin: token })).err).toBe(warning);
  expect((await cli(TOKEN)).err).toBe('');
});

it('dates in JSON have no fraction, as jq wants them', async () => {
  const token = compact({ alg: 'RS256' }, { iat: 0.25, nbf: 1, exp: now + 0.75 });
  for (const args of [
    ['inspect', '--explain', '--json'],
    ['discover', '--json'],
  ]) {
    const { out } = await test.cli(args, { stdin: token });
    const dates = out.match(/\d{4}-\d\d-\d\dT[^"]*/g) ?? [];
    expect(dates).toHaveLength(3);
    for (const date of dates) expect(date).toMatch(/T\d\d:\d\d:\d\dZ$/);
  }
});

describe('--diff', () => {
  const other = compact(
    { alg: 'RS256', kid: 'k2', typ: 'JWT' },
    { ...CLAIMS, scp: 'Files.Read User.Read', exp: 0, uti: 'x', amr: ['mfa', 'pwd'] },
  );

  it('says what differs', async () => {
    const file = test.file('a.txt', TOKEN);
    const { code, out } = await cli(`Bearer ${other}`, '--diff', file, '-');
    const expires = new Date(CLAIMS.exp * 1000).toISOString().replace('T', ' ').slice(0, 19);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      ...['header.kid', '  - k1', '  + k2'],
      ...['amr', '  the same items in another order'],
      ...['exp', `  - ${expires} UTC`, '  + 1970-01-01 00:00:00 UTC'],
      ...['scp', '  - Mail.Read', '  + Files.Read'],
      ...['and, as in every new token: uti', ''],
    ]);
  });

  it('as data, and of equal ones', async () => {
    const file = test.file('a.txt', TOKEN);
    const { out } = await cli(other, '--diff', file, '-', '--json');
    expect(JSON.parse(out)).toMatchObject({
      same: false,
      header: [{ name: 'kid', a: 'k1', b: 'k2' }],
    });
    expect((await cli('', '--diff', file, file)).out).toBe('the two are the same token\n');
  });
});

describe('numbers larger than JavaScript can count', () => {
  const of = (id: string) =>
    compact('{"alg":"RS256"}', `{"id":${id},"list":[${id},{"deep":${id}}],"exp":1.5}`);
  const [one, other] = [of('100002348117421473'), of('100002348117421474')];

  it.each([
    ['id', '100002348117421473'],
    ['list', '[100002348117421473,{"deep":100002348117421473}]'],
    ['list.1.deep', '100002348117421473'],
    ['exp', '1.5'],
  ])('--claim %s prints them to the digit', async (name, out) => {
    expect(await cli(one, '--claim', name)).toMatchObject({ code: 0, out: `${out}\n` });
  });

  it('and so do the claims, --full and --diff, which sees the last digit', async () => {
    for (const args of [[], ['--full']]) {
      expect((await cli(one, ...args)).out).toContain('"id": 100002348117421473,');
    }
    const file = test.file('large.txt', one);
    expect((await cli(other, '--diff', file, '-')).out).toBe(
      'id\n  - 100002348117421473\n  + 100002348117421474\n' +
        'list\n  - 100002348117421473\n  - {"deep":100002348117421473}\n' +
        '  + 100002348117421474\n  + {"deep":100002348117421474}\n',
    );
    const { out } = await cli(other, '--diff', file, '-', '--json');
    expect(out).toContain('"a": 100002348117421473,\n      "b": 100002348117421474\n');
    expect(JSON.parse(out)).toMatchObject({ same: false, payload: [{ name: 'id' }, {}] });
  });
});

describe('what is no JWT', () => {
  it('a JWE shows its header', async () => {
    expect(await cli(rfc.ENCRYPTED)).toMatchObject({
      code: 0,
      out: '{\n  "alg": "RSA-OAEP",\n  "enc": "A256GCM"\n}\n',
      err: 'encrypted for the API (JWE): only the header can be read\n',
    });
    expect((await cli(rfc.ENCRYPTED, '--claim', 'aud')).code).toBe(4);
    expect((await cli(rfc.ENCRYPTED, '--verify')).code).toBe(4);
  });

  it.each([
    ['EwB4A8l6BAAUkj1NuJYtTVha', 'the token of 24 characters is opaque'],
    ['0.AXoA1234567890abcdef', 'this looks like a refresh token of Entra'],
    ['0.AXoA1234567890abcdef.AgABAAEAAAD--x.y_z', 'this looks like a refresh token of Entra'],
    ['1.AXoA1234567890abcdef.AgABAwEAAADW6jl31mB3T', 'this looks like a refresh token of Entra'],
    ['M.C507_BAY.0.U.-Cg*!x', 'this looks like a refresh token of Entra'],
    [
      TOKEN.slice(0, 30),
      'not a token: it begins like a JWT, but ends in its first part: it is cut',
    ],
    [
      TOKEN.slice(0, 99),
      'not a token: it begins like a JWT, but ends in its second part: it is cut',
    ],
    [
      `${TOKEN} ${TOKEN}`,
      'not a token: it has five parts, but its header names no encryption (enc)',
    ],
    ['', 'there is no token: the input is empty'],
    ['not a token at all', 'not a token: a character that no token has, at 4'],
    ['{"a":1}', 'not a token: the JSON has no accessToken'],
    ['{"accessToken"', 'not a token: it begins like JSON, but is none'],
    ['a.b.c', 'not a token: the header is not base64url: its end, at 1, is cut'],
  ])('%s: exit 9', async (input, message) => {
    const { code, out, err } = await cli(input);
    expect([code, out]).toEqual([9, '']);
    expect(err).toContain(`tokencli: ${message}`);
  });

  it('a file that is not there, or a folder: exit 9', async () => {
    expect(await cli('', '-f', 'nope')).toMatchObject({ code: 9, out: '' });
    expect(await cli('', '-f', '.')).toMatchObject({ code: 9, out: '' });
  });
});

it.each([
  [['-t', 'a', '-f', 'b'], 'give the token by -t or by -f, not both'],
  [['--full', '--explain'], '--full and --explain exclude each other'],
  [['--issuer', 'https://localhost'], '--issuer needs --verify'],
  [['--diff', 'a'], '--diff needs 2 values'],
  [['--diff', '-', '-'], 'stdin holds one token only'],
])('%j is exit 2', async (args, message) => {
  const { code, out, err } = await cli(TOKEN, ...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});

it('without a pipe it says how to give one', async () => {
  const { code, err } = await test.cli(['inspect'], { answers: [] });
  expect(code).toBe(2);
  expect(err).toContain('try: tokencli get-token --silent | tokencli inspect');
});

describe('the real command', () => {
  it('opens no socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokencli-trace-'));
    try {
      const log = join(folder, 'trace');
      const before = ['strace', '-f', '-qq', '-e', 'trace=socket,connect', '-o', log];
      const rows: [string, string[]][] = [
        [TOKEN, ['inspect']],
        [compact({ alg: 'RS256', jku: 'https://localhost:1/' }, CLAIMS), ['inspect', '--explain']],
        [rfc.ENCRYPTED, ['inspect', '--full']],
        [TOKEN, ['discover', '--json']],
      ];
      for (const [input, args] of rows) {
        expect((await runCli(args, { input, before })).code).toBe(0);
        expect(readFileSync(log, 'utf8')).not.toMatch(/socket\(|connect\(/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes a token of 256 KiB', async () => {
    const claims = { a: 'x'.repeat(196_000), exp: now + 60 };
    const input = compact({ alg: 'RS256' }, claims);
    expect(input.length).toBeGreaterThan(261_000);
    const { code, out } = await runCli(['inspect'], { input });
    expect([code, out]).toEqual([0, `${JSON.stringify(claims, null, 2)}\n`]);
    expect((await runCli(['discover'], { input })).code).toBe(0);
  });

  it('keeps the token out of stderr at every verbosity', async () => {
    for (const input of [TOKEN, `${TOKEN}=`, `${TOKEN}.${TOKEN}`, `x${TOKEN}`]) {
      const { err } = await runCli(['inspect', '--debug', '--explain'], { input });
      expect(err).not.toContain(TOKEN.slice(20, 60));
    }
  });

  it('captured in a terminal: claims on stdout, nothing else on the screen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokencli-inspect-'));
    try {
      const file = join(folder, 'token');
      const { writeFileSync } = await import('node:fs');
      writeFileSync(file, TOKEN);
      const { code, out, err } = await runInTerminal(['inspect', '-f', file]);
      expect([code, out, err]).toEqual([0, `${JSON.stringify(CLAIMS, null, 2)}\n`, '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
