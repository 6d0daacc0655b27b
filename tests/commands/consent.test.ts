import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
  const scopes = ['https://manage.office.com/.default'];
  test.writeProfiles({
    profiles: [
      { name: 'o365', clientId: appId('app'), tenantId: 'common', scopes },
      { name: 'plain', clientId: appId('app'), protocol: 'oidc', authority: 'https://idp.example' },
    ],
  });
});
afterEach(() => test.remove());

it.each<[string, string[], number, string]>([
  ['no terminal', [], 5, 'only an administrator can consent'],
  ['a tenant that is none', ['--no-browser', '--tenant', 'a b'], 2, "'a b' is no tenant"],
  ['a port that is none', ['--no-browser', '--port', '0'], 2, '--port takes a number'],
  ['a port that is none, without a terminal too', ['--port', '70000'], 2, '--port takes a number'],
  ['no time', ['--no-browser', '--timeout', '0s'], 2, '--timeout'],
  ['an unknown form', ['--no-browser', '--form', 'v3'], 2, 'form'],
  [
    'two resources in v1',
    ['--no-browser', '--form', 'v1', '--scope', 'api://a/x api://b/y'],
    2,
    'one resource',
  ],
  ['an unknown profile', ['-p', 'nobody', '--no-browser'], 3, 'nobody'],
  ['another kind of issuer', ['-p', 'plain', '--no-browser'], 2, 'not of Microsoft Entra ID'],
])('%s is refused before anything is opened', async (_what, args, expected, reason) => {
  const name = args[0] === '-p' ? [] : ['-p', 'o365'];
  const { code, out, err } = await test.cli(['consent', ...name, ...args]);
  expect([code, out]).toEqual([expected, '']);
  expect(err).toContain(reason);
  expect(err).not.toContain('adminconsent');
});
