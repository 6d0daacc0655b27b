import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as rfc from '../fixtures/jose-examples.ts';
import { builtCli } from '../support/built-cli.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { compact } from '../support/tokens.ts';

const now = Math.floor(Date.now() / 1000);
const minted = (claims: object) =>
  compact({ alg: 'RS256' }, { aud: 'api://orders', iat: now, exp: now + 3600, ...claims });

let test: TestApp;
beforeAll(() => {
  test = createTestApp();
});
afterAll(() => test.remove());
const cli = (stdin: string, ...args: string[]) => test.cli(['discover', ...args], { stdin });

it.each([
  ['valid', minted({}), [], 0],
  ['expired', minted({ exp: now - 1 }), [], 6],
  ['not yet valid', minted({ nbf: now + 600 }), [], 6],
  ['enough life left', minted({}), ['--min-ttl', '59m'], 0],
  ['less than --min-ttl left', minted({}), ['--min-ttl', '61m'], 6],
  ['the example of the RFC, of 2011', rfc.RS256, [], 6],
  ['no expiry', compact({ alg: 'RS256' }, { aud: 'x' }), [], 9],
  ['an expiry beyond every calendar', minted({ exp: 1e300 }), [], 9],
  ['an expiry in text', minted({ exp: '99999999999' }), [], 9],
  ['the last date there is', minted({ exp: 8.64e12 }), [], 0],
  ['a JWE', rfc.ENCRYPTED, [], 9],
  ['an opaque token', 'EwB4A8l6BAAUkj1NuJYtTVha', [], 9],
  ['nothing', '', [], 9],
  ['JSON of get-token', JSON.stringify({ accessToken: minted({}) }), [], 0],
  ['a Bearer line', `Bearer ${minted({})}\n`, [], 0],
  ['a duration that is none', minted({}), ['--min-ttl', 'soon'], 2],
])('%s: exit code', async (_name, stdin, args, code) => {
  const result = await cli(stdin, ...args);
  expect(result.code).toBe(code);
  expect(result.out === '').toBe(code === 9 || code === 2);
});

it('a time that stands twice is told, because another reader may take the other one', async () => {
  const { code, err } = await cli(compact('{"alg":"RS256"}', '{"exp":1,"exp":9e9}'));
  expect([code, err]).toEqual([
    0,
    'warning: exp comes twice: readers may take the first or the last\n',
  ]);
});

it('summary for a person', async () => {
  const claims = { scp: 'Orders.Read', appid: 'app', tid: 'tenant', roles: ['R1', 'R2'] };
  const { out, err } = await cli(minted({ ...claims, iat: 0, exp: 7200 }));
  expect(err).toBe('');
  expect(out.replace(/, \d+d.* ago/, ', long ago').split('\n')).toEqual([
    'Expired',
    'Audience   api://orders',
    'Issued     1970-01-01 00:00:00 UTC',
    'Expiry     expired 1970-01-01 02:00:00 UTC, long ago',
    '           made for 2h',
    'Scopes     Orders.Read',
    'Roles      R1 R2',
    'App id     app',
    'Tenant id  tenant',
    '',
  ]);
});

it('--json is one document', async () => {
  const { out } = await cli(minted({ iat: 0, exp: 3600, azp: 'app' }), '--json');
  expect(JSON.parse(out)).toMatchObject({
    valid: false,
    state: 'expired',
    audience: 'api://orders',
    issuedAt: '1970-01-01T00:00:00Z',
    expiresOn: '1970-01-01T01:00:00Z',
    expiresOnEpoch: 3600,
    scopes: [],
    roles: [],
    appId: 'app',
  });
});

it('the guard of a shell script', async () => {
  const run = `node '${await builtCli()}'`;
  test.file('good', minted({}));
  test.file('old', minted({ exp: 1 }));
  const guard = (file: string) =>
    spawnSync('sh', ['-c', `${run} discover -f ${file} >/dev/null 2>&1 || echo renew`], {
      cwd: test.folder,
    }).stdout.toString();
  expect([guard('good'), guard('old'), guard('missing')]).toEqual(['', 'renew\n', 'renew\n']);
});

it('reads what has no size: a process substitution', async () => {
  const command = `node '${await builtCli()}' discover --json -f <(printf 'Bearer %s' '${minted({})}')`;
  const { status, stdout } = spawnSync('bash', ['-c', command]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout.toString())).toMatchObject({ valid: true, state: 'valid' });
});
