import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
});
afterEach(() => test.remove());

const CI = {
  name: 'ci',
  clientId: appId('app'),
  tenantId: 'contoso.com',
  credentials: [{ kind: 'clientSecret', id: 'ab'.repeat(16), store: 'file' }],
};
const show = async (words: string[] = [], env: Record<string, string> = {}) => {
  const { out } = await test.cli(['config', 'show', '--effective', '--json', ...words], { env });
  return JSON.parse(out);
};

describe('config show --effective', () => {
  it('names profile and default', async () => {
    test.writeProfiles({ store: 'file', profiles: [CI] });
    expect(await show()).toEqual({
      profile: { value: 'ci', source: 'the only one' },
      clientId: { value: appId('app'), source: 'profile' },
      tenantId: { value: 'contoso.com', source: 'profile' },
      scopes: { value: ['https://graph.microsoft.com/.default'], source: 'default' },
      flow: { value: 'ClientCredentials', source: 'default' },
      cloud: { value: 'public', source: 'default' },
      protocol: { value: 'entra', source: 'default' },
      sendX5c: { value: false, source: 'default' },
      minTtl: { value: '5m', source: 'default' },
      thumbprint: { value: 'sha256', source: 'default' },
      credential: { value: 'client secret: sealed file store', source: 'profile' },
      store: { value: 'file', source: 'configuration' },
      home: { value: expect.stringContaining('home'), source: 'TOKENCLI_HOME' },
    });
  });

  it('names each variable', async () => {
    test.writeProfiles({ profiles: [CI, { ...CI, name: 'other' }] });
    const env = {
      TOKENCLI_PROFILE: 'other',
      TOKENCLI_CLIENT_ID: appId('from-env'),
      AZURE_TENANT_ID: 'fabrikam.com',
      AZURE_CLIENT_SECRET: 'the secret',
      TOKENCLI_STORE: 'keyring',
    };
    expect(await show([], env)).toMatchObject({
      profile: { value: 'other', source: 'TOKENCLI_PROFILE' },
      clientId: { value: appId('from-env'), source: 'TOKENCLI_CLIENT_ID' },
      tenantId: { value: 'fabrikam.com', source: 'AZURE_TENANT_ID' },
      credential: { value: 'client secret', source: 'AZURE_CLIENT_SECRET' },
      store: { value: 'keyring', source: 'TOKENCLI_STORE' },
    });
  });

  it('names the flags of the call, before all others', async () => {
    test.writeProfiles({ default: 'ci', profiles: [CI, { ...CI, name: 'other' }] });
    const flags = [
      '--flow',
      'device-code',
      '-s',
      'User.Read',
      '-s',
      'Mail.Read',
      '--tenant',
      'a.com',
    ];
    const env = { TOKENCLI_TENANT_ID: 'b.com' };
    expect(await show(['-p', 'ci', ...flags], env)).toMatchObject({
      profile: { value: 'ci', source: 'flag' },
      flow: { value: 'DeviceCode', source: 'flag' },
      scopes: { value: ['User.Read', 'Mail.Read'], source: 'flag' },
      tenantId: { value: 'a.com', source: 'flag' },
    });
    expect(await show()).toMatchObject({ profile: { source: 'configured default' } });
  });

  it('is a table for people, and shows no secret', async () => {
    test.writeProfiles({ profiles: [CI] });
    const { code, out, err } = await test.cli(['config', 'show', '--effective'], {
      env: { TOKENCLI_CLIENT_SECRET: 'kQ8~the-secret' },
    });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^SETTING +VALUE +FROM\nprofile +ci +the only one\n/);
    expect(out).toMatch(/\ncredential +client secret +TOKENCLI_CLIENT_SECRET\n/);
    expect(out).not.toContain('kQ8');
  });

  it('tells of a profile without, or with an unreadable credential', async () => {
    test.writeProfiles({ profiles: [{ name: 'user', clientId: appId('app') }] });
    expect(await show()).toMatchObject({ credential: { value: 'none', source: 'default' } });
    test.writeProfiles({
      profiles: [
        { name: 'user', clientId: appId('app'), useCertificate: true, certificatePath: '/gone' },
      ],
    });
    expect(await show()).toMatchObject({ credential: { value: 'cannot be read' } });
  });

  it('a key in the place of a path or an id is not shown, and its variable is named', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    test.writeProfiles({ profiles: [CI] });
    const env = { AZURE_CLIENT_CERTIFICATE_PATH: pem, TOKENCLI_CLIENT_ID: pem };
    for (const words of [[], ['--json'], ['--debug']]) {
      const args = ['config', 'show', '--effective', ...words];
      const { code, out, err } = await test.cli(args, { env });
      expect(code).toBe(0);
      expect(out + err).not.toContain(pem.slice(40, 60));
      expect(out).toContain('AZURE_CLIENT_CERTIFICATE_PATH');
    }
  });

  it.each(['TOKENCLI_TENANT_ID', 'AZURE_TENANT_ID', 'TOKENCLI_CLIENT_ID', 'TOKENCLI_STORE'])(
    'a secret in %s is not shown',
    async (name) => {
      test.writeProfiles({ profiles: [CI] });
      for (const words of [[], ['--json']]) {
        const args = ['config', 'show', '--effective', ...words];
        const { out, err } = await test.cli(args, { env: { [name]: 'kQ8-secret' } });
        expect(out + err).not.toContain('kQ8');
        expect(out + err).toContain(name);
      }
    },
  );

  it('names the variable of the cloud', async () => {
    test.writeProfiles({ profiles: [CI] });
    const env = { AZURE_CLIENT_SECRET: 's3cret', AZURE_AUTHORITY_HOST: 'login.microsoftonline.us' };
    expect(await show([], env)).toMatchObject({
      cloud: { value: 'usgov', source: 'AZURE_AUTHORITY_HOST' },
      scopes: { value: ['https://graph.microsoft.us/.default'], source: 'default' },
    });
  });

  it('refuses flags of a call without it, and a flow that there is not', async () => {
    test.writeProfiles({ profiles: [CI] });
    const alone = await test.cli(['config', 'show', '--tenant', 'a.com']);
    expect([alone.code, alone.out]).toEqual([2, '']);
    expect((await test.cli(['config', 'show', '--effective', '-f', 'magic'])).code).toBe(2);
  });
});
