import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const CLIENT = '1f0e0d0c-0b0a-4908-8706-050403020100';
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const AZURE = { AZURE_CLIENT_ID: CLIENT, AZURE_TENANT_ID: TENANT, AZURE_CLIENT_SECRET: 'kQ8~it' };
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END PRIVATE KEY-----';

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
});
afterEach(() => test.remove());

describe('config show -p @env --effective', () => {
  const show = async (env: Record<string, string>, ...words: string[]) => {
    const args = ['config', 'show', '--effective', '--json', ...words];
    const { code, out, err } = await test.cli(args, { env });
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out);
  };

  it('names the variable of each value, and no place where something would be kept', async () => {
    expect(await show(AZURE, '-p', '@env')).toEqual({
      profile: { value: '@env', source: 'flag' },
      clientId: { value: CLIENT, source: 'AZURE_CLIENT_ID' },
      tenantId: { value: TENANT, source: 'AZURE_TENANT_ID' },
      scopes: { value: ['https://graph.microsoft.com/.default'], source: 'default' },
      flow: { value: 'ClientCredentials', source: 'default' },
      cloud: { value: 'public', source: 'default' },
      protocol: { value: 'entra', source: 'default' },
      sendX5c: { value: false, source: 'default' },
      thumbprint: { value: 'sha256', source: 'default' },
      minTtl: { value: '5m', source: 'default' },
      credential: { value: 'client secret', source: 'AZURE_CLIENT_SECRET' },
    });
  });

  it('ours first, with the Graph of the cloud that goes with those of Azure', async () => {
    const host = { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us' };
    const mixed = { ...AZURE, ...host, TOKENCLI_TENANT_ID: 'contoso.us' };
    expect(await show(mixed)).toMatchObject({
      profile: { value: '@env', source: 'the only one' },
      tenantId: { value: 'contoso.us', source: 'TOKENCLI_TENANT_ID' },
      cloud: { value: 'usgov', source: 'AZURE_AUTHORITY_HOST' },
      scopes: { value: ['https://graph.microsoft.us/.default'] },
    });
    const ours = Object.fromEntries(
      Object.entries(AZURE).map(([name, value]) => [name.replace('AZURE', 'TOKENCLI'), value]),
    );
    expect(await show({ ...ours, ...host })).toMatchObject({ cloud: { value: 'public' } });
  });
});

interface Lack {
  readonly env: Record<string, string>;
  readonly words?: readonly string[];
  readonly code: number;
  readonly says: string;
}
const LACKS: readonly Lack[] = [
  { env: {}, code: 3, says: 'there is no profile yet\n' },
  {
    env: {},
    words: ['-p', '@env'],
    code: 2,
    says: 'AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH',
  },
  {
    env: { ...AZURE, AZURE_TENANT_ID: '' },
    words: ['-p', '@env'],
    code: 2,
    says: 'AZURE_TENANT_ID\n',
  },
  { env: { ...AZURE, AZURE_TENANT_ID: '' }, code: 3, says: 'none without AZURE_TENANT_ID\n' },
  {
    env: { TOKENCLI_PROFILE: '@env', TOKENCLI_CLIENT_ID: CLIENT, TOKENCLI_CLIENT_SECRET: 'x' },
    code: 2,
    says: 'lacks these variables: TOKENCLI_TENANT_ID\n',
  },
  { env: AZURE, words: ['-p', 'graph'], code: 3, says: "there is no profile 'graph'" },
];

it.each(LACKS)(
  'get-token $words with $env: exit $code',
  async ({ env, words = [], code, says }) => {
    const result = await test.cli(['get-token', ...words], { env });
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(says);
  },
);

it.each([
  ['config', 'show', '-p', '@env'],
  ['config', 'edit', '-p', '@env', '--flow', 'DeviceCode'],
  ['config', 'delete', '-p', '@env', '--force'],
  ['config', 'rename', '@env', 'other'],
  ['config', 'rename', 'there', '@env'],
  ['config', 'default', '@env'],
  ['config', 'export', '-p', '@env', '--plain', '-o', 'out.json'],
  ['config', 'check', '-p', '@env'],
  ['config', 'create', '--name', '@env', '--client-id', CLIENT, '--tenant-id', TENANT],
  ['cert', 'create', '-p', '@env'],
  ['logout', '-p', '@env'],
  ['consent', '-p', '@env', '--save'],
])('%s %s %s is for what is stored', async (...args) => {
  test.writeProfiles({ profiles: [{ name: 'there', clientId: CLIENT }] });
  const before = test.text();
  const { code, out, err } = await test.cli(args, { env: AZURE });
  expect([code, out, test.text()]).toEqual([2, '', before]);
  expect(existsSync(join(dirname(test.profilesPath), 'locks'))).toBe(false);
  if (!args.includes('create') && args[1] !== 'rename') expect(err).toContain('@env');
});

it('shells offer it where the variables describe it', async () => {
  test.writeProfiles({ profiles: [{ name: 'there' }] });
  const ask = async (env: Record<string, string>) =>
    (await test.cli(['__complete', '=', 'get-token', '-p'], { env })).out;
  expect(await ask(AZURE)).toBe('there\n@env\n');
  expect(await ask({ ...AZURE, AZURE_CLIENT_SECRET: '' })).toBe('there\n');
});

interface WrongVariable {
  readonly env: Record<string, string>;
  readonly code: number;
  readonly says: string;
}
const WRONG: readonly WrongVariable[] = [
  {
    env: { AZURE_CLIENT_ID: 'kQ8~in-the-wrong-place' },
    code: 2,
    says: 'correct or unset AZURE_CLIENT_ID',
  },
  {
    env: { TOKENCLI_CLIENT_CERTIFICATE: PEM, TOKENCLI_CLIENT_SECRET: 'x' },
    code: 2,
    says: 'TOKENCLI_CLIENT_SECRET and TOKENCLI_CLIENT_CERTIFICATE are both set',
  },
  {
    env: { TOKENCLI_CLIENT_CERTIFICATE: PEM, TOKENCLI_CLIENT_CERTIFICATE_PATH: 'x' },
    code: 2,
    says: 'TOKENCLI_CLIENT_CERTIFICATE and TOKENCLI_CLIENT_CERTIFICATE_PATH are both set',
  },
  ...['/etc/app.pem', '~/app', 'C:\\new\\app', 'app.pfx'].map((path) => ({
    env: { TOKENCLI_CLIENT_CERTIFICATE: path },
    code: 9,
    says: 'TOKENCLI_CLIENT_CERTIFICATE is a path\n  try: use TOKENCLI_CLIENT_CERTIFICATE_PATH',
  })),
  {
    env: { TOKENCLI_CLIENT_CERTIFICATE: 'a mistaken password' },
    code: 9,
    says: 'TOKENCLI_CLIENT_CERTIFICATE is neither PEM nor a PFX in base64',
  },
  {
    env: { TOKENCLI_CLIENT_CERTIFICATE: PEM },
    code: 9,
    says: 'TOKENCLI_CLIENT_CERTIFICATE: ',
  },
  {
    env: { TOKENCLI_CLIENT_CERTIFICATE_PATH: PEM },
    code: 9,
    says: 'TOKENCLI_CLIENT_CERTIFICATE_PATH is no path, but the content of a file',
  },
  {
    env: { AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: PEM },
    code: 9,
    says: 'AZURE_CLIENT_CERTIFICATE_PATH is no path, but the content of a file',
  },
];

it.each(WRONG)('$says', async ({ env, code, says }) => {
  const result = await test.cli(['get-token', '-p', '@env'], { env: { ...AZURE, ...env } });
  expect([result.code, result.out]).toEqual([code, '']);
  expect(result.err).toContain(says);
  for (const value of Object.values(env)) {
    if (value.length > 1) expect(result.err).not.toContain(value.split('\n').at(-2) ?? value);
  }
  expect(existsSync(join(test.folder, 'home'))).toBe(false);
});
