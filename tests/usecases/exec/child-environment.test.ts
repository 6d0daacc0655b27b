import { describe, expect, it } from '@jest/globals';
import type { Env } from '../../../src/core/ports.ts';
import { childEnvironment, tokenVariables } from '../../../src/usecases/exec/child-environment.ts';

const endpoint = {
  base: 'http://127.0.0.1:4711',
  headerKey: 'a'.repeat(64),
  pathKey: 'b'.repeat(64),
};
const options = { profile: 'app', endpoint, references: [] };
const of = (env: Env, more: object = {}) => childEnvironment(env, { ...options, ...more });

it('tells every kind of client where we are, and which identity is meant', () => {
  const path = `http://127.0.0.1:4711/${endpoint.pathKey}`;
  expect(of({ PATH: '/bin', AZURE_CLIENT_ID: 'id', AZURE_TENANT_ID: 'tenant' })).toEqual({
    PATH: '/bin',
    AZURE_CLIENT_ID: 'id',
    AZURE_TENANT_ID: 'tenant',
    IDENTITY_ENDPOINT: 'http://127.0.0.1:4711/msi/token',
    IDENTITY_HEADER: endpoint.headerKey,
    MSI_ENDPOINT: `${path}/msi/token`,
    MSI_SECRET: endpoint.headerKey,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: path,
    AZD_AUTH_ENDPOINT: 'http://127.0.0.1:4711',
    AZD_AUTH_KEY: endpoint.headerKey,
    AZURE_TOKEN_CREDENTIALS: 'prod',
    TOKENCLI_EXEC: 'app',
  });
});

const ARM_SECRETS = [
  ...['ARM_CLIENT_SECRET', 'ARM_CLIENT_SECRET_FILE_PATH', 'ARM_CLIENT_CERTIFICATE'],
  ...['ARM_CLIENT_CERTIFICATE_PATH', 'ARM_CLIENT_CERTIFICATE_PASSWORD', 'ARM_OIDC_TOKEN'],
  ...['ARM_OIDC_TOKEN_FILE_PATH', 'ARM_OIDC_REQUEST_TOKEN'],
];
const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'secret']));

it('leaves out what holds a secret, leads elsewhere, or is the place of the credential', () => {
  const names = [
    ...['TOKENCLI_CLIENT_SECRET', 'TOKENCLI_STORE_KEY', 'TOKENCLI_STORE_KEY_FILE'],
    ...['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_USERNAME'],
    ...['AZURE_PASSWORD', 'AZURE_FEDERATED_TOKEN_FILE', 'IDENTITY_SERVER_THUMBPRINT'],
    ...['IMDS_ENDPOINT', 'AZD_AUTH_CERT', 'MY_SECRET'],
  ];
  expect(Object.values(of(all(names), { references: ['MY_SECRET'] }))).not.toContain('secret');
});

it('has what Terraform reads, and none of what it would read first, with --terraform only', () => {
  const env = all([...ARM_SECRETS, 'ARM_ACCESS_KEY']);
  expect(of(env)).toMatchObject(env);
  const terraform = of({ ...env, ARM_USE_OIDC: 'true' }, { terraform: { tenantId: 'tenant' } });
  expect(Object.keys(terraform).filter((name) => ARM_SECRETS.includes(name))).toEqual([]);
  expect(terraform).toMatchObject({
    ARM_USE_MSI: 'true',
    ARM_MSI_ENDPOINT: `http://127.0.0.1:4711/${endpoint.pathKey}/metadata/identity/oauth2/token`,
    ARM_USE_CLI: 'false',
    ARM_USE_OIDC: 'false',
    ARM_TENANT_ID: 'tenant',
    ARM_ACCESS_KEY: 'secret',
  });
  expect(of({}, { terraform: {} })).not.toHaveProperty('ARM_TENANT_ID');
});

describe('loopback and proxies', () => {
  const PROXY = { HTTPS_PROXY: 'http://proxy.example:8080' };
  it.each<{ name: string; env: Env; expected: string | undefined }>([
    { name: 'no proxy', env: { NO_PROXY: 'a.example' }, expected: undefined },
    { name: 'an empty one', env: { HTTP_PROXY: '' }, expected: undefined },
    { name: 'a proxy alone', env: PROXY, expected: '127.0.0.1,localhost' },
    { name: 'in lower case', env: { http_proxy: 'x' }, expected: '127.0.0.1,localhost' },
    { name: 'for everything', env: { all_proxy: 'x' }, expected: '127.0.0.1,localhost' },
    {
      name: 'entries in both spellings',
      env: { ...PROXY, NO_PROXY: 'a.example, .b', no_proxy: 'c,localhost' },
      expected: 'c,localhost,a.example,.b,127.0.0.1',
    },
    { name: 'everything excepted', env: { ...PROXY, no_proxy: '*' }, expected: '*' },
  ])('$name', ({ env, expected }) => {
    const { NO_PROXY, no_proxy } = of(env);
    expect(no_proxy).toBe(expected ?? env['no_proxy']);
    expect(NO_PROXY).toBe(expected ?? env['NO_PROXY']);
  });
});

it('puts the token into the variables of --env, in each form', () => {
  const token = { accessToken: 'x.y.z', tokenType: 'Bearer', expiresOn: 1_795_878_660.5 };
  const forms = ['token', 'header', 'headervalue', 'expires'] as const;
  const variables = forms.map((form) => ({ name: form.toUpperCase(), form }));
  expect(tokenVariables(variables, token as Parameters<typeof tokenVariables>[1])).toEqual({
    TOKEN: 'x.y.z',
    HEADER: 'Authorization: Bearer x.y.z',
    HEADERVALUE: 'Bearer x.y.z',
    EXPIRES: '1795878660',
  });
});
