import { describe, expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import { type AuthoritySettings, resolveAuthority } from '../../src/entra/authority.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const OTHER = '1f0e0d0c-0b0a-4908-8706-050403020100';
const resolve = (settings: Partial<AuthoritySettings>) =>
  resolveAuthority({ tenantId: TENANT, ...settings });

describe('a cloud', () => {
  it.each([
    [undefined, 'https://login.microsoftonline.com'],
    ['public', 'https://login.microsoftonline.com'],
    ['usgov', 'https://login.microsoftonline.us'],
    ['china', 'https://login.partner.microsoftonline.cn'],
  ] as const)('%s is at %s', (cloud, origin) => {
    expect(resolve({ cloud })).toEqual({
      protocol: 'entra',
      url: `${origin}/${TENANT}`,
      known: true,
    });
  });
});

describe('an Entra-shaped authority', () => {
  it.each([
    ['https://sts.example', `https://sts.example/${TENANT}`],
    ['https://sts.example/', `https://sts.example/${TENANT}`],
    ['https://STS.example:8443', `https://sts.example:8443/${TENANT}`],
    ['https://sts.example:443', `https://sts.example/${TENANT}`],
    [`https://sts.example/${TENANT}`, `https://sts.example/${TENANT}`],
    [`https://sts.example/${TENANT}/`, `https://sts.example/${TENANT}`],
    [`https://sts.example/${TENANT.toUpperCase()}`, `https://sts.example/${TENANT}`],
    [`https://sts.example/${TENANT}/v2.0`, `https://sts.example/${TENANT}`],
    [`https://sts.example/${OTHER}`, `https://sts.example/${TENANT}`],
    ['https://sts.example/contoso.example', `https://sts.example/${TENANT}`],
    ['https://sts.example/common', `https://sts.example/${TENANT}`],
  ])('%s becomes %s', (authority, url) => {
    expect(resolve({ authority })).toEqual({ protocol: 'entra', url, known: false });
  });

  it('at a known host needs no discovery', () => {
    expect(resolve({ authority: 'https://login.microsoftonline.us' }).known).toBe(true);
  });

  it.each([
    'http://sts.example',
    'sts.example',
    'https://user@sts.example',
    'https://sts.example?a=b',
    'https://sts.example#a',
    'https://sts.example/adfs',
    `https://sts.example/${TENANT}/policy`,
    '',
  ])('%p is refused', (authority) => {
    expect(codeOf(() => resolve({ authority }))).toBe('invalid_data');
  });
});

describe('a generic issuer', () => {
  it.each([
    ['https://idp.example/realms/MyRealm', 'https://idp.example/realms/MyRealm'],
    ['https://idp.example/realms/MyRealm/', 'https://idp.example/realms/MyRealm'],
    ['https://idp.example', 'https://idp.example'],
    ['https://idp.example/', 'https://idp.example'],
  ])('%s is taken as it is', (authority, url) => {
    expect(resolve({ authority, protocol: 'oidc' })).toEqual({
      protocol: 'oidc',
      url,
      known: false,
    });
  });

  it('is needed', () => {
    expect(codeOf(() => resolve({ protocol: 'oidc' }))).toBe('invalid_data');
  });
});

it.each([
  ['login.microsoftonline.com', 'login.microsoftonline.com'],
  ['LOGIN.microsoftonline.com', 'login.microsoftonline.com'],
  ['login.windows.net', 'login.microsoftonline.com'],
  ['login.microsoft.com', 'login.microsoftonline.com'],
  ['sts.windows.net', 'login.microsoftonline.com'],
  ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
  ['login.usgovcloudapi.net', 'login.microsoftonline.us'],
  ['login-us.microsoftonline.com', 'login.microsoftonline.us'],
  ['login.microsoftonline.com.evil.example', undefined],
  ['login.microsoftonline.com:8443', undefined],
])('%s is another name of %p', (host, today) => {
  const { url, known } = resolve({ authority: `https://${host}` });
  expect([url, known]).toEqual([`https://${today ?? host}/${TENANT}`, today !== undefined]);
});

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof CliError ? error.code : 'not ours';
  }
}
