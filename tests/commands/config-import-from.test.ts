import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { readEntries } from '../support/memory-store.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const CLIENT = '1f0e0d0c-0b0a-4908-8706-050403020100';

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
});
afterEach(() => test.remove());

describe('config import --from entra-auth-cli', () => {
  const take = (content: unknown) => {
    const file = test.file('theirs.json', JSON.stringify(content));
    return test.cli(['config', 'import', '--from', 'entra-auth-cli', '-f', file]);
  };
  const profile = () => test.profiles().profiles[0];

  it('says where it has looked if there is no such file', async () => {
    const { code, out, err } = await test.cli(['config', 'import', '--from', 'entra-auth-cli']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(
      /entra-auth-cli is in \S+\.entra-auth-cli or .*--from entra-auth-cli -f FILE/s,
    );
  });

  it('reads the shape of its reference page', async () => {
    const { code, out, err } = await take({
      profiles: [
        {
          name: 'graph',
          clientId: CLIENT,
          tenantId: TENANT,
          scope: 'https://graph.microsoft.com/.default',
          flow: 'ClientCredentials',
          useClientSecret: true,
        },
        {
          name: 'cert-profile',
          clientId: CLIENT,
          tenantId: TENANT,
          certificatePath: '/path/to/cert.pfx',
          useCertificate: true,
        },
      ],
    });
    expect([code, out]).toEqual([0, '']);
    expect(test.profiles().profiles).toEqual([
      {
        name: 'graph',
        clientId: CLIENT,
        tenantId: TENANT,
        scope: 'https://graph.microsoft.com/.default',
        flow: 'ClientCredentials',
      },
      {
        name: 'cert-profile',
        clientId: CLIENT,
        tenantId: TENANT,
        certificatePath: '/path/to/cert.pfx',
        useCertificate: true,
      },
    ]);
    expect(err).toContain('Left to set:\n  tokencli config edit -p graph --client-secret-stdin\n');
    expect(err).not.toContain('edit -p cert-profile');
  });

  it('reads the shape of its troubleshooting page', async () => {
    const { code, err } = await take({
      name: 'myapp',
      tenant_id: TENANT,
      client_id: CLIENT,
      auth_method: 'client_secret',
      scopes: ['https://graph.microsoft.com/.default'],
      default_flow: 'device-code',
    });
    expect(code).toBe(0);
    expect(profile()).toEqual({
      name: 'myapp',
      tenantId: TENANT,
      clientId: CLIENT,
      scopes: ['https://graph.microsoft.com/.default'],
      flow: 'DeviceCode',
    });
    expect(err).toContain('tokencli config edit -p myapp --client-secret-stdin');
  });

  it('reads the file that the program writes', async () => {
    const { code, err } = await take([
      {
        name: 'My Profile!',
        tenantId: TENANT,
        clientId: CLIENT,
        scopes: [],
        resource: 'https://vault.azure.net',
        authMethod: 'Certificate',
        redirectUri: 'http://localhost:8080',
        certificatePath: 'C:\\certs\\app.pfx',
        cacheCertificatePassword: true,
        defaultFlow: null,
        createdAt: '2025-12-28T10:00:00+00:00',
        updatedAt: '2025-12-28T10:00:00+00:00',
      },
    ]);
    expect(code).toBe(0);
    expect(profile()).toEqual({
      name: 'My-Profile',
      tenantId: TENANT,
      clientId: CLIENT,
      scopes: ['https://vault.azure.net/.default'],
      redirectUri: 'http://localhost:8080',
      certificatePath: 'C:\\certs\\app.pfx',
      useCertificate: true,
    });
    expect(err).toContain("its name was 'My Profile!'");
    expect(err).toContain('tokencli config edit -p My-Profile --certificate-password-stdin');
  });

  it.each(['.entra-auth-cli', '.config/entra-auth-cli'])('is found in ~/%s', async (folder) => {
    const words = ['config', 'import', '--from', 'entra-auth-cli'];
    expect((await test.cli(words)).code).toBe(2);
    mkdirSync(join(test.folder, folder), { recursive: true });
    const content = [{ name: 'found', clientId: CLIENT }];
    test.file(`${folder}/profiles.json`, JSON.stringify(content));
    expect((await test.cli(words)).code).toBe(0);
    expect(profile()).toEqual(content[0]);
  });

  it('knows a national cloud by its sign-in host, and tells what has no place', async () => {
    const { err } = await take([
      {
        ...{ name: 'gov', clientId: CLIENT, tenantId: TENANT, clipboard: true },
        authorityUrl: `https://login.microsoftonline.us/${TENANT}`,
      },
    ]);
    expect(profile()).toMatchObject({ cloud: 'usgov' });
    expect(profile()).not.toHaveProperty('authority');
    expect(err).toContain("its field 'clipboard' has no place here");
    expect(err).not.toContain('not Microsoft');
    await take([
      { name: 'pub', clientId: CLIENT, authority: 'https://login.microsoftonline.com/x' },
    ]);
    expect(test.profiles().profiles[1]).toEqual({ name: 'pub', clientId: CLIENT });
  });

  it.each<[string, unknown, string]>([
    ['no profiles', { profiles: [] }, 'holds no profiles of entra-auth-cli'],
    ['something else', { a: 1 }, 'holds no profiles of entra-auth-cli'],
    ['a profile that is none', [42], 'profiles[0].name: is missing'],
    [
      'a flow that there is not',
      [{ name: 'a', clientId: appId('b'), flow: 'Magic' }],
      'profiles[0].flow',
    ],
    [
      'two names that become one',
      ['a b', 'a-b'].map((name) => ({ name, clientId: appId('b') })),
      'also',
    ],
    ['a secret for a name', [{ name: `abc8Q~${'x1'.repeat(17)}` }], 'profiles[0].name'],
    ['a name of nothing but signs', [{ name: '***', clientId: appId('b') }], 'profiles[0].name'],
    [
      'an authority that is no URL',
      [{ name: 'a', clientId: appId('b'), authority: 'x y' }],
      'https URL',
    ],
  ])('refuses %s', async (_, content, message) => {
    const { code, out, err } = await take(content);
    expect([code, out, test.text()]).toEqual([9, '', undefined]);
    expect(err).toContain(message);
    expect(err).not.toContain('x1x1');
  });

  it('shows no secret that stands in the place of a name or a path, neither here nor later', async () => {
    const ids = { clientId: CLIENT, tenantId: TENANT, useCertificate: true };
    const token = `ghp_${'x1B2'.repeat(9)}`;
    const certificatePath = `/home/me/abc8Q~${'x1'.repeat(17)}`;
    const file = test.file(
      'theirs.json',
      JSON.stringify([{ ...ids, name: token, certificatePath }]),
    );
    const from = ['config', 'import', '--from', 'entra-auth-cli', '-f', file];
    for (const args of [
      [...from, '--dry-run', '--json'],
      [...from, '--json'],
    ]) {
      const { code, out, err } = await test.cli(args);
      expect([code, JSON.parse(out).profiles]).toEqual([0, [expect.anything()]]);
      expect(out + err).not.toContain('x1');
    }
    await test.cli(['config', 'default', token]);
    expect(await test.cli(['config', 'default'])).toMatchObject({ code: 0, out: '[redacted]\n' });
  });
});

describe('config import --from env', () => {
  const take = (env: Record<string, string>, ...words: string[]) =>
    test.cli(['config', 'import', '--from', 'env', ...words], { env });
  const IDS = { AZURE_CLIENT_ID: CLIENT, AZURE_TENANT_ID: TENANT };

  it('takes ids and secret into a profile', async () => {
    const env = { ...IDS, AZURE_CLIENT_SECRET: 'kQ8~the-secret' };
    const { code, out, err } = await take(env);
    expect([code, out]).toEqual([0, '']);
    expect(test.profiles().profiles).toEqual([
      {
        name: 'azure',
        clientId: CLIENT,
        tenantId: TENANT,
        credentials: [{ kind: 'clientSecret', id: expect.any(String), store: 'keyring' }],
      },
    ]);
    expect(Object.values(readEntries(test.stores.keyring))).toEqual(['kQ8~the-secret']);
    expect(err).not.toContain('kQ8');
  });

  it('takes the path of a certificate and the password of the file', async () => {
    const env = {
      ...IDS,
      AZURE_CLIENT_CERTIFICATE_PATH: 'app.pfx',
      AZURE_CLIENT_CERTIFICATE_PASSWORD: 'the password',
      AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: 'true',
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
    };
    expect((await take(env, '--name', 'gov')).code).toBe(0);
    expect(test.profiles().profiles[0]).toMatchObject({
      name: 'gov',
      useCertificate: true,
      certificatePath: join(test.folder, 'app.pfx'),
      sendX5c: true,
      cloud: 'usgov',
      credentials: [{ kind: 'certificatePassword' }],
    });
    expect(Object.values(readEntries(test.stores.keyring))).toEqual(['the password']);
  });

  it.each<[string, string, object]>([
    ['an older name of China', 'https://login.chinacloudapi.cn', { cloud: 'china' }],
    ['a host without a scheme', 'login.microsoftonline.us', { cloud: 'usgov' }],
    ['the public cloud', 'https://login.microsoftonline.com/', {}],
    ['another authority', 'https://sts.example/x', { authority: 'https://sts.example' }],
  ])('AZURE_AUTHORITY_HOST: %s', async (_, host, expected) => {
    expect((await take({ ...IDS, AZURE_AUTHORITY_HOST: host })).code).toBe(0);
    const [{ cloud, authority } = {}] = test.profiles().profiles;
    expect({ cloud, authority }).toEqual({ cloud: undefined, authority: undefined, ...expected });
  });

  it('a secret loses the line end of its file, and what is no secret is refused', async () => {
    expect((await take({ ...IDS, AZURE_CLIENT_SECRET: 'kept\r\n' })).code).toBe(0);
    expect(Object.values(readEntries(test.stores.keyring))).toEqual(['kept']);
    const quoted = await take({ ...IDS, AZURE_CLIENT_SECRET: '"in quotes"' }, '--name', 'other');
    expect([quoted.code, quoted.out]).toEqual([2, '']);
    expect(quoted.err).toContain('AZURE_CLIENT_SECRET is in quotes');
    expect(quoted.err).not.toContain('in quotes"');
  });

  it('tells what is left to set, and what has no place', async () => {
    const { err } = await take({ ...IDS, AZURE_PASSWORD: 'of-a-person' });
    expect(err).toContain('AZURE_PASSWORD has no place in a profile');
    expect(err).toContain('tokencli config edit -p azure --client-secret-stdin');
  });

  it('takes the file of a federated token by reference, unless there is a secret', async () => {
    const token = { AZURE_FEDERATED_TOKEN_FILE: '/var/token\n' };
    const { err } = await take({ ...IDS, ...token });
    expect(err).toContain('federated token: file /var/token');
    expect(test.profiles().profiles).toMatchObject([{ assertionFrom: { file: '/var/token' } }]);
    const both = await take(
      { ...IDS, ...token, AZURE_CLIENT_SECRET: 's' },
      '--name',
      'b',
      '--dry-run',
    );
    expect(both.err).toContain('AZURE_FEDERATED_TOKEN_FILE has no place in a profile');
  });

  it.each<[string, Record<string, string>, string[], number, string]>([
    ['no client id', { AZURE_TENANT_ID: TENANT }, [], 2, 'AZURE_CLIENT_ID is not set'],
    ['a tenant that is none', { ...IDS, AZURE_TENANT_ID: 'x y' }, [], 9, 'tenantId: must be'],
    ['a name that is none', IDS, ['--name', 'a b'], 2, '--name takes letters, digits'],
  ])('refuses %s', async (_, env, words, code, message) => {
    const result = await take(env, ...words);
    expect([result.code, result.out, test.text()]).toEqual([code, '', undefined]);
    expect(result.err).toContain(message);
  });
});
