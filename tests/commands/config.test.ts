import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CredentialRef } from '../../src/profiles/schema.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { appId } from '../support/app-id.ts';
import { BYTE_FORMS } from '../support/byte-forms.ts';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { readEntries } from '../support/memory-store.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const SECRET = 'Xy8~hunter2.-secret_value';
/** Of the form that Entra makes them. */
const ENTRA_SECRET = `Xy87Q~${'hunter2.-s'.repeat(4).slice(0, 34)}`;
const IDS = ['--client-id', appId('app'), '--tenant-id', TENANT];

let test: TestApp;
let workshop: CertificateWorkshop;
beforeAll(() => {
  workshop = createCertificateWorkshop();
  workshop.selfSigned('good');
  workshop.selfSigned('other');
  workshop.write('good.pem', workshop.text('good.key') + workshop.text('good.crt'));
  workshop.write('second.pem', workshop.text('other.key') + workshop.text('other.crt'));
  workshop.write('mismatched.pem', workshop.text('other.key') + workshop.text('good.crt'));
  workshop.pfx('locked', 'good', ['good'], ['-passout', 'pass:open sesame']);
});
afterAll(() => workshop.remove());
beforeEach(() => {
  test = createTestApp();
});
afterEach(() => test.remove());

const references = () =>
  (test.profiles().profiles[0] as { credentials: CredentialRef[] }).credentials;
const entries = () => readEntries(test.stores.keyring);
const create = (name: string, ...args: string[]) =>
  test.cli(['config', 'create', '--name', name, ...IDS, ...args], { stdin: SECRET });
const createWithSecret = (name: string, ...args: string[]) =>
  create(name, '--client-secret-stdin', ...args);

describe('config create by flags', () => {
  it('stores the secret under a random id and the reference in the profile', async () => {
    const { code, out, err } = await createWithSecret('ci');
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain(`✓ Profile 'ci' saved to ${test.profilesPath}\n`);
    const [profile] = test.profiles().profiles;
    const [account] = Object.keys(entries());
    expect(account).toMatch(/^clientSecret:[0-9a-f]{32}$/);
    expect(profile).toEqual({
      name: 'ci',
      clientId: appId('app'),
      tenantId: TENANT,
      credentials: [{ kind: 'clientSecret', store: 'keyring', id: account?.split(':')[1] }],
    });
    expect(entries()).toEqual({ [String(account)]: SECRET });
    expect(test.text()).not.toContain(SECRET);
  });

  it.each(['locked', 'failing'] as const)(
    'notes nothing for later where the first store that is tried is %s',
    async (state) => {
      test.stores.keyring.state = state;
      expect((await createWithSecret('ci')).code).toBe(7);
      expect(readdirSync(join(test.profilesPath, '..', 'pending'))).toEqual([]);
    },
  );

  it('keeps a note of what a store may have taken when it failed half way', async () => {
    test.stores.keyring.failAfter = 1;
    const args = ['--certificate', workshop.path('good.pem'), '--import-certificate'];
    expect((await create('cert', ...args)).code).toBe(7);
    expect(readdirSync(join(test.profilesPath, '..', 'pending'))).toHaveLength(1);
  });

  it('asks nothing on a terminal when all that is needed is given', async () => {
    const args = ['config', 'create', '--name', 'ci', ...IDS, '--client-secret-env', 'S'];
    const { code, prompter } = await test.cli(args, { answers: [], env: { S: SECRET } });
    expect([code, prompter.asked]).toEqual([0, []]);
  });

  it('knows every field', async () => {
    test.file('ca.pem', workshop.text('good.crt'));
    const { code } = await test.cli([
      ...['config', 'create', '-p', 'full'],
      ...['--client-id', appId('c'), '--tenant-id', 'contoso.com'],
      ...['--scope', 'https://graph.microsoft.com/User.Read Mail.Read', '--scope', 'openid'],
      ...['--flow', 'device-code', '--authority', 'https://login.example', '--protocol', 'entra'],
      ...['--redirect-uri', 'http://localhost:8080', '--login-hint', 'me@contoso.com'],
      ...['--send-x5c', '--thumbprint', 'sha1', '--ca-file', 'ca.pem'],
      ...['--browser-command', 'firefox', '--browser-command=--new-window'],
      ...['--client-capability', 'cp1', '--min-ttl', '10m'],
    ]);
    expect(code).toBe(0);
    expect(test.profiles().profiles).toEqual([
      {
        name: 'full',
        clientId: appId('c'),
        tenantId: 'contoso.com',
        scopes: [
          'https://graph.microsoft.com/User.Read',
          'https://graph.microsoft.com/Mail.Read',
          'openid',
        ],
        flow: 'DeviceCode',
        authority: 'https://login.example',
        protocol: 'entra',
        redirectUri: 'http://localhost:8080',
        loginHint: 'me@contoso.com',
        minTtl: '10m',
        sendX5c: true,
        thumbprint: 'sha1',
        caFile: join(test.folder, 'ca.pem'),
        browserCommand: ['firefox', '--new-window'],
        clientCapabilities: ['cp1'],
      },
    ]);
  });

  it.each(['soon', '1d', '-5m', '9999999h', ''])('refuses %p as a duration', async (text) => {
    const args = ['config', 'create', '--name', 'ci', ...IDS, `--min-ttl=${text}`];
    const { code, err } = await test.cli(args);
    expect(code).toBe(2);
    expect(err).toMatch(/minTtl: must be a duration|min-ttl/);
  });

  it('keeps the secret in the store that TOKENCLI_STORE names', async () => {
    const args = ['config', 'create', '--name', 'ci', ...IDS, '--client-secret-env', 'S'];
    await test.cli(args, { env: { S: SECRET, TOKENCLI_STORE: 'file' } });
    expect(Object.values(readEntries(test.stores.file))).toEqual([SECRET]);
    expect(entries()).toEqual({});
    expect(test.profiles().profiles[0]).toMatchObject({ credentials: [{ store: 'file' }] });
  });

  it('warns when the secret looks like the id of one', async () => {
    const args = ['config', 'create', '--name', 'ci', ...IDS, '--client-secret-env', 'S'];
    const { code, err } = await test.cli(args, { env: { S: TENANT } });
    expect(code).toBe(0);
    expect(err).toContain('warning: this looks like the id of a client secret');
  });

  it.each<[string, string[], string]>([
    ['all that is missing', ['create'], 'missing: --name, --client-id, --tenant-id'],
    ['no tenant', ['create', '--name', 'x', '--client-id', appId('y')], 'missing: --tenant-id'],
    ['a wrong name', ['create', '--name', 'a b', ...IDS], 'name: must be letters'],
    [
      'a wrong tenant',
      ['create', '--name', 'x', '--client-id', appId('y'), '--tenant-id', 'z'],
      'tenantId: must be a GUID',
    ],
    ['a wrong flow', ['create', '--name', 'x', ...IDS, '--flow', 'magic'], 'flow: must be one of'],
    [
      'an http authority',
      ['create', '--name', 'x', ...IDS, '--authority', 'http://a.example'],
      'authority: must be an https URL',
    ],
    [
      'a path in the authority',
      ['create', '--name', 'x', ...IDS, '--authority', 'https://a.example/b/c'],
      'more than an origin',
    ],
    [
      'cloud and authority',
      ['create', '--name', 'x', ...IDS, '--cloud', 'china', '--authority', 'https://a.example'],
      'give a cloud or an authority, not both',
    ],
    [
      'an issuer without its URL',
      ['create', '--name', 'x', ...IDS, '--protocol', 'oidc'],
      'needs an authority',
    ],
    [
      'common for an app',
      [
        ...['create', '--name', 'x', '--client-id', appId('y'), '--tenant-id', 'common'],
        ...['--flow', 'ClientCredentials'],
      ],
      "ClientCredentials needs a tenant of its own, not 'common'",
    ],
    [
      'a delegated scope for an app',
      ['create', '--name', 'x', ...IDS, '--flow', 'ClientCredentials', '--scope', 'User.Read'],
      'ClientCredentials takes one scope that ends in /.default',
    ],
    [
      'two resources',
      ['create', '--name', 'x', ...IDS, '--scope', 'api://a/x api://b/y'],
      "one request is for one resource, not for 'api://a/x' and 'api://b/y'",
    ],
    [
      'no certificate authorities',
      ['create', '--name', 'x', ...IDS, '--ca-file', 'nowhere.pem'],
      'cannot read the certificate authorities in',
    ],
    [
      'an end date without a secret',
      ['create', '--name', 'x', ...IDS, '--secret-expires', '2030-01-31'],
      '--secret-expires needs a client secret',
    ],
    [
      'a day that does not exist',
      [
        ...['create', '--name', 'x', ...IDS, '--client-secret-stdin'],
        ...['--secret-expires', '2030-02-31'],
      ],
      "'2030-02-31' is no date",
    ],
    [
      'two ways for one secret',
      ['create', '--name', 'x', ...IDS, '--client-secret-stdin', '--client-secret-env', 'S'],
      'give one of --client-secret-stdin, --client-secret-file, --client-secret-env',
    ],
    [
      'two secrets on stdin',
      ['create', '--name', 'x', ...IDS, '--client-secret-stdin', '--certificate-password-stdin'],
      'only one secret can come from stdin',
    ],
    [
      'a password for no certificate',
      ['create', '--name', 'x', ...IDS, '--certificate-password-stdin'],
      'a certificate password needs a certificate',
    ],
    [
      'nothing to import',
      ['create', '--name', 'x', ...IDS, '--import-certificate'],
      '--import-certificate needs --certificate FILE',
    ],
    [
      'a secret as a value',
      ['create', '--name', 'x', ...IDS, '--client-secret', 'hunter2'],
      'no option takes the value of a secret: --client-secret would show it',
    ],
    [
      'a secret behind the option for stdin',
      ['create', '--name', 'x', ...IDS, '--client-secret-stdin', 'hunter2'],
      '--client-secret-stdin takes no value',
    ],
  ])('%s is a usage error and stores nothing', async (_, args, message) => {
    const { code, out, err } = await test.cli(['config', ...args], { stdin: SECRET });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).not.toContain('hunter2');
    expect(test.text()).toBeUndefined();
    expect(entries()).toEqual({});
  });

  it.each<[string, string, string]>([
    ['in quotes', `'${SECRET}'`, 'is in quotes'],
    ['a JSON document', `{ "password": "${SECRET}" }`, 'is a whole JSON document'],
    ['a key', `-----BEGIN PRIVATE KEY-----\n${SECRET}`, 'is a key or a certificate'],
  ])('stores nothing that cannot be a secret: %s', async (_, stdin, words) => {
    const args = ['config', 'create', '--name', 'ci', ...IDS, '--client-secret-stdin'];
    const { code, err } = await test.cli(args, { stdin });
    expect([code, test.text(), entries()]).toEqual([2, undefined, {}]);
    expect(err).toContain(`the client secret ${words}`);
    expect(err).not.toContain('hunter2');
  });

  it.each<[string, string[]]>([
    ['an id', ['--client-id', ENTRA_SECRET, '--tenant-id', TENANT]],
    ['a tenant', ['--client-id', appId('app'), '--tenant-id', ENTRA_SECRET]],
    ['the path of a certificate', [...IDS, '--certificate', ENTRA_SECRET]],
    ['a scope', [...IDS, '--scope', ENTRA_SECRET]],
    ['a variable', [...IDS, '--client-secret-env', ENTRA_SECRET]],
    ['a file', [...IDS, '--client-secret-file', ENTRA_SECRET]],
  ])('a secret in the place of %s is neither stored nor shown', async (_, words) => {
    for (const how of [[], ['--json'], ['--debug']]) {
      const args = ['config', 'create', '--name', 'ci', ...words, ...how];
      const { code, out, err } = await test.cli(args);
      expect([code === 2 || code === 9, out, test.text()]).toEqual([true, '', undefined]);
      expect(err).not.toContain(ENTRA_SECRET.slice(0, 20));
    }
  });

  it('refuses a name that is taken, in any case, and leaves it as it is', async () => {
    await createWithSecret('ci');
    const before = [test.text(), entries()];
    const { code, err } = await createWithSecret('CI');
    expect(code).toBe(2);
    expect(err).toContain("there is already a profile 'CI'");
    expect(err).toContain('tokencli config edit -p CI');
    expect([test.text(), entries()]).toEqual(before);
  });

  it('--force replaces the profile and its secret', async () => {
    await createWithSecret('ci', '--login-hint', 'old@example.com');
    const [old] = Object.keys(entries());
    expect((await createWithSecret('CI', '--force')).code).toBe(0);
    expect(Object.keys(entries())).toHaveLength(1);
    expect(entries()).not.toHaveProperty([String(old)]);
    expect(test.profiles().profiles).toEqual([
      expect.not.objectContaining({ loginHint: expect.anything() }),
    ]);
  });

  it('begins without the tokens of one that had the name before', async () => {
    const cache = join(test.profilesPath, '..', 'cache');
    mkdirSync(cache, { recursive: true });
    for (const name of ['ci', 'other']) writeFileSync(join(cache, `${name}.tokens`), '');
    expect((await createWithSecret('CI')).code).toBe(0);
    expect(readdirSync(cache)).toEqual(['other.tokens']);
  });

  it('makes no profile beside tokens of another that it cannot remove', async () => {
    mkdirSync(join(test.profilesPath, '..', 'cache', 'ci.tokens', 'in the way'), {
      recursive: true,
    });
    test.writeProfiles({ profiles: [] });
    const { code, err } = await createWithSecret('ci');
    expect(code).toBe(10);
    expect(err).toMatch(/cannot remove \S+cache\/ci\.tokens: /);
    expect(test.profiles().profiles).toEqual([]);
    expect(entries()).toEqual({});
  });

  it('removes the new secret again when the profile cannot be written', async () => {
    test.writeProfiles('{"profiles":[]}');
    const { set } = test.stores.keyring;
    test.stores.keyring.set = async (account, value) => {
      await set(account, value);
      test.writeProfiles('{"cut off');
    };
    expect((await createWithSecret('ci')).code).toBe(9);
    expect(entries()).toEqual({});
    expect(test.text()).toBe('{"cut off');
  });

  it('writes no profile when the store does not work', async () => {
    test.stores.keyring.state = 'locked';
    expect((await createWithSecret('ci')).code).toBe(7);
    expect(test.text()).toBeUndefined();
  });

  it('20 at once lose nothing', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    const codes = await Promise.all(names.map(async (name) => (await createWithSecret(name)).code));
    expect(codes).toEqual(names.map(() => 0));
    expect(test.profiles().profiles).toHaveLength(20);
    expect(Object.keys(entries())).toHaveLength(20);
  });
});

describe('config create with a certificate', () => {
  async function storedCertificate(): Promise<string | undefined> {
    const [, id = ''] = /^certificate:(\w+)$/m.exec(Object.keys(entries()).join('\n')) ?? [];
    return await openVault(test.stores.keyring).read('certificate', id);
  }

  it('by path: the profile of the documentation', async () => {
    const { code } = await create('cert', '--certificate', workshop.path('good.pem'));
    expect(code).toBe(0);
    expect(test.profiles().profiles).toEqual([
      {
        name: 'cert',
        clientId: appId('app'),
        tenantId: TENANT,
        useCertificate: true,
        certificatePath: workshop.path('good.pem'),
      },
    ]);
  });

  it('with a password, which goes into the store', async () => {
    const args = ['--certificate', workshop.path('locked.pfx'), '--certificate-password-file'];
    const { code } = await create('cert', ...args, test.file('password', 'open sesame\n'));
    expect(code).toBe(0);
    expect(Object.values(entries())).toEqual(['open sesame']);
    expect(test.profiles().profiles[0]).toMatchObject({
      credentials: [{ kind: 'certificatePassword', store: 'keyring' }],
    });
  });

  it('with the password in its variable, as at each use; it is not stored', async () => {
    const env = { TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: 'open sesame\n' };
    const file = ['--certificate', workshop.path('locked.pfx')];
    const words = (name: string) => ['config', 'create', '--name', name, ...IDS, ...file];
    expect((await test.cli(words('by-path'), { env })).code).toBe(0);
    expect(entries()).toEqual({});
    const imported = [...words('imported'), '--import-certificate'];
    expect((await test.cli(imported, { env })).code).toBe(0);
    expect(await storedCertificate()).toContain('BEGIN PRIVATE KEY');
  });

  it('without its password names cures that work for a profile that is not there yet', async () => {
    const { code, err } = await create('new', '--certificate', workshop.path('locked.pfx'));
    expect(code).toBe(9);
    expect(err).toContain('--certificate-password-stdin');
    expect(err).toContain('TOKENCLI_CLIENT_CERTIFICATE_PASSWORD');
    expect(err).not.toContain('config edit');
  });

  it('imported: the key is in the store, its end in the profile, no path', async () => {
    const args = ['--certificate', workshop.path('good.pem'), '--import-certificate'];
    expect((await create('cert', ...args)).code).toBe(0);
    const [profile] = test.profiles().profiles;
    expect(profile).not.toHaveProperty('certificatePath');
    expect(profile).toMatchObject({
      useCertificate: true,
      credentials: [{ kind: 'certificate', expiresOn: expect.stringMatching(/^20.*Z$/) }],
    });
    expect(await storedCertificate()).toContain('BEGIN PRIVATE KEY');
  });

  it.each([
    ['a key that does not match', 'mismatched.pem', 'does not belong'],
    ['a file that is not there', 'nowhere.pem', 'no such file'],
    ['a PFX without its password', 'locked.pfx', 'password'],
  ])('%s is refused before anything is stored', async (_, file, message) => {
    const { code, err } = await create('cert', '--certificate', workshop.path(file));
    expect(code).toBe(9);
    expect(err).toContain(message);
    expect(test.text()).toBeUndefined();
    expect(entries()).toEqual({});
  });
});

describe('config create by questions', () => {
  const ask = (answers: (string | boolean)[], ...args: string[]) =>
    test.cli(['config', 'create', ...args], { answers });

  it('asks for everything and shows the command that would do the same', async () => {
    const { code, out, err, prompter } = await ask([
      ...['graph', appId('app'), 'contoso.com', 'secret', SECRET, 'ClientCredentials', ''],
    ]);
    expect([code, out]).toEqual([0, '']);
    expect(prompter.asked).toEqual([
      'Profile name',
      'Application (client) ID',
      'Tenant ID or domain',
      'How does the application sign in?',
      'Client secret',
      'Flow',
      'Scope',
    ]);
    expect(err).toContain(
      `  tokencli config create --name graph --client-id ${appId('app')} --tenant-id contoso.com ` +
        '--flow ClientCredentials --scope https://graph.microsoft.com/.default --client-secret-stdin\n',
    );
    expect(err).not.toContain(SECRET);
    expect(Object.values(entries())).toEqual([SECRET]);
    expect(test.profiles().profiles[0]).toMatchObject({
      name: 'graph',
      tenantId: 'contoso.com',
      flow: 'ClientCredentials',
      scopes: ['https://graph.microsoft.com/.default'],
    });
  });

  it('asks nothing that a flag has said', async () => {
    const args = ['--client-id', appId('app'), '--tenant-id', TENANT, '--flow', 'DeviceCode'];
    const { code, prompter } = await ask(['mine', 'none'], ...args, '--scope', 'User.Read');
    expect(code).toBe(0);
    expect(prompter.asked).toEqual(['Profile name', 'How does the application sign in?']);
  });

  it('refuses wrong answers one by one', async () => {
    await createWithSecret('taken');
    const { code, prompter } = await ask([
      ...['taken', 'a b', 'fine', ' ', 'app', appId('app'), 'nonsense', 'contoso.com'],
      ...['secret', '', SECRET, 'ClientCredentials', 'User.Read', 'api://x/.default'],
    ]);
    expect(code).toBe(0);
    expect(prompter.refused).toHaveLength(7);
  });

  it('makes a certificate on the way, if that is how it signs in', async () => {
    const { code, out, err } = await ask([
      ...['made', appId('app'), 'contoso.com'],
      ...['A new certificate, made now', 'ClientCredentials', ''],
    ]);
    expect(code).toBe(0);
    const entry = JSON.parse(out);
    const cer = readFileSync(join(test.folder, 'made.cer'));
    expect(entry).toMatchObject({ usage: 'Verify', value: cer.toString('base64') });
    expect(err).toContain('--scope https://graph.microsoft.com/.default\n  tokencli cert create');
    expect(references()).toEqual([
      {
        kind: 'certificate',
        store: 'keyring',
        id: expect.any(String),
        expiresOn: expect.any(String),
      },
    ]);
  });

  it('refuses a wrong flag before it asks anything', async () => {
    const { code, err, prompter } = await ask([], '--authority', 'http://a.example');
    expect([code, prompter.asked]).toEqual([2, []]);
    expect(err).toContain('authority: must be an https URL');
  });

  it('offers no application of its own to a shared tenant', async () => {
    const answers = ['x', appId('app'), 'common', 'secret', SECRET];
    const { code, err } = await ask([...answers, 'ClientCredentials']);
    expect(code).toBe(1);
    expect(err).toContain('no such choice for Flow: ClientCredentials');
    expect((await ask([...answers, 'AuthorizationCode', ''])).code).toBe(0);
  });

  it('says at once that a certificate is not there, and asks for no password without need', async () => {
    const args = [...IDS, '--scope', 'api://x/.default'];
    const answers = ['cert', 'certificate', 'nowhere.pfx', workshop.path('good.pem')];
    const { code, prompter } = await ask([...answers, 'ClientCredentials'], ...args);
    expect(code).toBe(0);
    expect(prompter.refused).toEqual([expect.stringContaining('no such file')]);
    expect(prompter.asked).not.toContain('Password of the file (empty: none)');
  });

  it('opens the certificate before anything is stored', async () => {
    const common = ['cert', appId('app'), TENANT, 'certificate', workshop.path('locked.pfx')];
    expect((await ask([...common, 'wrong'])).code).toBe(9);
    expect(entries()).toEqual({});
    const { code } = await ask([...common, 'open sesame', 'ClientCredentials', '']);
    expect(code).toBe(0);
    expect(Object.values(entries())).toEqual(['open sesame']);
  });
});

describe('a secret in profiles.json, in the place of another value', () => {
  const ids = { clientId: appId('app'), tenantId: TENANT };

  it.each<[string, object]>([
    ['a scope', { name: 'ci', ...ids, scopes: [ENTRA_SECRET] }],
    ['a path', { name: 'ci', ...ids, certificatePath: ENTRA_SECRET }],
    ['a name', { name: ENTRA_SECRET, ...ids, flow: 'none' }],
  ])('is not shown: %s', async (_name, profile) => {
    test.writeProfiles({ schemaVersion: 1, profiles: [profile] });
    for (const args of [['list'], ['show'], ['check', '--all']]) {
      const shown = await test.cli(['config', ...args]);
      const json = await test.cli(['config', ...args, '--json']);
      expect(JSON.parse(json.out || json.err)).toEqual(expect.any(Object));
      expect([shown, json].map(({ out, err }) => out + err).join()).not.toContain(ENTRA_SECRET);
    }
  });
});

describe('config list', () => {
  it('says what to do when there is none', async () => {
    expect(await test.cli(['config', 'list'])).toMatchObject({
      code: 0,
      out: '',
      err: 'There is no profile yet. Make one: tokencli config create\n',
    });
  });

  it('is an aligned table, marks the default and what is broken, and reads no secret', async () => {
    test.writeProfiles({
      default: 'graph',
      profiles: [
        { name: 'graph', clientId: appId('app'), tenantId: 'contoso.com', scope: 'User.Read' },
        { name: 'bad', clientId: 5 },
        { name: 'c', clientId: appId('x'), tenantId: 'a.example', certificatePath: '/c.pem' },
      ],
    });
    test.stores.keyring.state = 'locked';
    const { code, out, err } = await test.cli(['config', 'list']);
    expect(code).toBe(0);
    expect(out).toBe(
      'NAME     FLOW                CREDENTIAL   TENANT\n' +
        'graph *  InteractiveBrowser  -            contoso.com\n' +
        'c        ClientCredentials   certificate  a.example\n' +
        'bad      not valid           -            -\n',
    );
    expect(err).toBe('warning: profiles[1].clientId: must be text\n');
  });

  it('is one JSON document with --json', async () => {
    test.writeProfiles({
      profiles: [{ name: 'a', clientId: appId('c'), tenantId: TENANT }, { x: 1 }],
    });
    const { out } = await test.cli(['config', 'list', '--json']);
    expect(JSON.parse(out)).toEqual({
      profiles: [
        {
          name: 'a',
          default: false,
          flow: 'InteractiveBrowser',
          tenantId: TENANT,
          clientId: appId('c'),
          scopes: ['https://graph.microsoft.com/.default'],
          credential: null,
        },
      ],
      broken: [
        {
          name: null,
          index: 1,
          problems: ['profiles[1].name: is missing', 'profiles[1].clientId: is missing'],
        },
      ],
    });
  });
});

describe('config show', () => {
  const id = 'ab'.repeat(16);
  const shown = {
    name: 'graph',
    clientId: appId('app'),
    tenantId: 'contoso.com',
    clientSecret: SECRET,
    credentials: [{ id, kind: 'clientSecret', store: 'keyring' }],
  };

  it('says where the secret is; of other fields only the names', async () => {
    test.writeProfiles({ profiles: [shown] });
    const { code, out } = await test.cli(['config', 'show']);
    expect(code).toBe(0);
    expect(out).toBe(
      'name          graph\n' +
        `client id     ${appId('app')}\n` +
        'tenant        contoso.com\n' +
        'authority     public cloud\n' +
        'flow          ClientCredentials (by default)\n' +
        'scopes        https://graph.microsoft.com/.default (by default)\n' +
        'credential    client secret: OS keyring\n' +
        `entry         clientSecret:${id} (keyring)\n` +
        'other fields  clientSecret\n',
    );
  });

  it('as JSON', async () => {
    test.writeProfiles({ profiles: [shown] });
    const { out } = await test.cli(['config', 'show', '-p', 'GRAPH', '--json']);
    expect(JSON.parse(out)).toEqual({
      name: 'graph',
      clientId: appId('app'),
      tenantId: 'contoso.com',
      credentials: [{ kind: 'clientSecret', store: 'keyring', account: `clientSecret:${id}` }],
      credential: { kind: 'client secret', place: 'OS keyring' },
      signIn: null,
      otherFields: ['clientSecret'],
    });
  });

  it.each([
    [['-p', 'grahp'], 3],
    [['-p', 'bad'], 9],
    [[], 2],
  ])('%j gives exit code %i', async (args, code) => {
    test.writeProfiles({ profiles: [shown, { name: 'bad' }] });
    expect(await test.cli(['config', 'show', ...args])).toMatchObject({ code, out: '' });
  });
});

describe('config edit', () => {
  const edit = (args: string[], options = {}) =>
    test.cli(['config', 'edit', '-p', 'ci', ...args], { stdin: 'the new one', ...options });

  it('rotates the secret: the new one beside the old, then the profile, then the old one goes', async () => {
    await createWithSecret('ci');
    const [old] = Object.keys(entries());
    const seen: string[] = [];
    const { set, delete: remove } = test.stores.keyring;
    const named = () => String(test.text()?.match(/"id": "(\w+)"/)?.[1]);
    test.stores.keyring.set = async (account, value) => {
      seen.push(`set while ${old?.endsWith(named()) ? 'old' : 'new'}`);
      await set(account, value);
    };
    test.stores.keyring.delete = async (account) => {
      seen.push(
        `delete ${account === old ? 'old' : 'new'} while ${old?.endsWith(named()) ? 'old' : 'new'}`,
      );
      await remove(account);
    };
    expect((await edit(['--client-secret-stdin'])).code).toBe(0);
    expect(seen).toEqual(['set while old', 'delete old while new']);
    expect(Object.values(entries())).toEqual(['the new one']);
  });

  it('a rotation that fails leaves everything as it was', async () => {
    await createWithSecret('ci');
    const before = [test.text(), entries()];
    test.stores.keyring.failAfter = 0;
    expect((await edit(['--client-secret-stdin'])).code).toBe(7);
    expect([test.text(), entries()]).toEqual(before);
  });

  it('changes fields and keeps those it does not know', async () => {
    const profile = {
      zeta: 1,
      name: 'ci',
      scope: 'a',
      clientId: appId('x'),
      tenantId: TENANT,
      alpha: [2],
    };
    test.writeProfiles({ profiles: [profile] });
    const args = ['--client-id', appId('y'), '--scope', 'api://z/.default'];
    expect((await edit(args)).code).toBe(0);
    expect(JSON.stringify(test.profiles().profiles)).toBe(
      JSON.stringify([
        {
          ...{ zeta: 1, name: 'ci', clientId: appId('y'), tenantId: TENANT, alpha: [2] },
          scopes: ['api://z/.default'],
        },
      ]),
    );
  });

  it('an authority takes the place of the cloud and the other way round', async () => {
    test.writeProfiles({
      profiles: [{ name: 'ci', clientId: appId('x'), tenantId: TENANT, cloud: 'china' }],
    });
    await edit(['--authority', 'https://login.example']);
    expect(test.profiles().profiles[0]).not.toHaveProperty('cloud');
    await edit(['--cloud', 'usgov']);
    expect(test.profiles().profiles[0]).not.toHaveProperty('authority');
  });

  it('a certificate by path takes the place of an imported one', async () => {
    const args = ['--certificate', workshop.path('good.pem')];
    await create('ci', ...args, '--import-certificate');
    expect((await edit(args)).code).toBe(0);
    expect(entries()).toEqual({});
    expect(test.profiles().profiles[0]).toMatchObject({
      certificatePath: workshop.path('good.pem'),
      useCertificate: true,
      credentials: [],
    });
  });

  it('a wrong value is refused before a secret is stored', async () => {
    await createWithSecret('ci');
    const before = [test.text(), entries()];
    expect((await edit(['--client-secret-stdin', '--tenant-id', 'x'])).code).toBe(2);
    expect([test.text(), entries()]).toEqual(before);
  });

  describe('a rollover', () => {
    const certificateOf = (name: string) => ['--certificate', workshop.path(name)];
    const kinds = () => references().map(({ kind }) => kind);

    it('keeps the old certificate beside the new one until it is ended', async () => {
      await create('ci', ...certificateOf('good.pem'), '--import-certificate');
      const [old] = Object.keys(entries()).map((account) => account.split('#')[0]);
      const next = [...certificateOf('second.pem'), '--import-certificate'];
      expect((await edit([...next, '--keep-old'])).code).toBe(0);
      expect(kinds()).toEqual(['certificate', 'certificate']);
      expect(Object.keys(entries())).toContain(old);
      expect((await edit(['--drop-old'])).code).toBe(0);
      expect(kinds()).toEqual(['certificate']);
      expect(Object.keys(entries())).not.toContain(old);
      expect(
        [...test.stores.keyring.entries.keys()].every((name) => !name.startsWith(`${old}`)),
      ).toBe(true);
    });

    it('keeps a file beside a new certificate of the store', async () => {
      await create('ci', ...certificateOf('good.pem'));
      const next = [...certificateOf('second.pem'), '--import-certificate'];
      expect((await edit([...next, '--keep-old'])).code).toBe(0);
      expect(test.profiles().profiles[0]).toMatchObject({
        certificatePath: workshop.path('good.pem'),
      });
      expect((await edit(['--drop-old'])).code).toBe(0);
      expect(test.profiles().profiles[0]).not.toHaveProperty('certificatePath');
      expect(kinds()).toEqual(['certificate']);
    });

    it('of client secrets works as well, and has an end', async () => {
      await createWithSecret('ci');
      for (const each of ['two', 'three', 'four']) {
        await edit(['--client-secret-stdin', '--keep-old'], { stdin: each });
      }
      expect(Object.values(entries())).toEqual([SECRET, 'two', 'three', 'four']);
      const fifth = await edit(['--client-secret-stdin', '--keep-old'], { stdin: 'five' });
      expect(fifth.code).toBe(2);
      expect(fifth.err).toContain('the profile has too many credentials');
      expect((await edit(['--client-secret-stdin'], { stdin: 'six' })).code).toBe(0);
      expect(Object.values(entries())).toEqual(['six']);
    });

    it('of a certificate that is read from its file is refused', async () => {
      await create('ci', ...certificateOf('good.pem'));
      const { code, err } = await edit([...certificateOf('second.pem'), '--keep-old']);
      expect(code).toBe(2);
      expect(err).toContain('--keep-old needs a new credential that goes into the store');
    });
  });

  it('records when the secret ends, for a new one and for the one there is', async () => {
    const ends = () => references().map(({ expiresOn }) => expiresOn);
    await createWithSecret('ci', '--secret-expires', '2030-01-31');
    expect(ends()).toEqual(['2030-01-31T00:00:00Z']);
    const { profiles } = test.profiles();
    const kept = JSON.stringify({ profiles }).replace('00:00:00Z', '00:00:00.000Z');
    test.writeProfiles(JSON.parse(kept));
    const shown = (await test.cli(['config', 'show', '-p', 'ci', '--json'])).out;
    expect(shown.match(/"2030-01-31T[^"]*"/g)).toEqual(Array(2).fill('"2030-01-31T00:00:00Z"'));
    const before = entries();
    expect((await edit(['--secret-expires', '2031-12-31T12:00:00Z'])).code).toBe(0);
    expect([ends(), entries()]).toEqual([['2031-12-31T12:00:00Z'], before]);
  });

  it('of one profile by many at once loses nothing', async () => {
    await createWithSecret('ci');
    const fields = [
      ['--login-hint', 'me'],
      ['--flow', 'DeviceCode'],
      ['--cloud', 'usgov'],
      ['--redirect-uri', 'http://localhost:8080'],
      ['--thumbprint', 'sha1'],
      ['--send-x5c'],
      ['--client-id', appId('other')],
      ['--scope', 'api://x/.default'],
    ];
    const secrets = ['a', 'b', 'c', 'd'].map((stdin) =>
      edit(['--client-secret-stdin', '--secret-expires', '2030-01-31'], { stdin }),
    );
    const done = await Promise.all([...fields.map((args) => edit(args)), ...secrets]);
    expect(done.map(({ code }) => code)).toEqual(done.map(() => 0));
    const [account = ''] = Object.keys(entries());
    expect(test.profiles().profiles).toEqual([
      {
        name: 'ci',
        clientId: appId('other'),
        tenantId: TENANT,
        loginHint: 'me',
        flow: 'DeviceCode',
        cloud: 'usgov',
        redirectUri: 'http://localhost:8080',
        thumbprint: 'sha1',
        sendX5c: true,
        scopes: ['api://x/.default'],
        credentials: [
          {
            kind: 'clientSecret',
            store: 'keyring',
            id: account.split(':')[1],
            expiresOn: '2030-01-31T00:00:00Z',
          },
        ],
      },
    ]);
    expect(Object.keys(entries())).toHaveLength(1);
  });

  it('takes fields away', async () => {
    await createWithSecret('ci', '--login-hint', 'me', '--scope', 'api://x/.default', '--send-x5c');
    const unset = ['scope', 'login-hint', 'send-x5c', 'client-secret', 'flow'];
    const { code } = await edit(unset.flatMap((name) => ['--unset', name]));
    expect(code).toBe(0);
    expect(test.profiles().profiles).toEqual([
      { name: 'ci', clientId: appId('app'), tenantId: TENANT, credentials: [] },
    ]);
    expect(entries()).toEqual({});
    expect(await edit(['--unset', 'name'])).toMatchObject({ code: 2 });
  });

  it('prefers the certificate, or the secret, when there are both', async () => {
    await createWithSecret('ci');
    await edit(['--certificate', workshop.path('good.pem'), '--import-certificate']);
    expect(test.profiles().profiles[0]).toMatchObject({ useCertificate: true });
    await edit(['--unset', 'use-certificate']);
    expect(test.profiles().profiles[0]).not.toHaveProperty('useCertificate');
    await edit(['--use-certificate']);
    expect(test.profiles().profiles[0]).toMatchObject({ useCertificate: true });
    const kept = Object.keys(entries()).filter((account) => !account.includes('#'));
    expect(kept).toHaveLength(2);
  });

  it('an old secret that cannot be removed is told, and removed by the next change', async () => {
    await createWithSecret('ci');
    test.stores.keyring.failAfter = 1;
    const { code, out, err } = await edit(['--client-secret-stdin']);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('warning: an old clientSecret stays in the store for now');
    expect(Object.values(entries())).toEqual([SECRET, 'the new one']);
    test.stores.keyring.failAfter = Number.POSITIVE_INFINITY;
    expect((await edit(['--login-hint', 'me'])).code).toBe(0);
    expect(Object.values(entries())).toEqual(['the new one']);
  });

  it('settles what a change that was killed has left in the store', async () => {
    await createWithSecret('ci');
    const [{ id } = { id: '' }] = references();
    const [lost, cut] = ['a'.repeat(32), 'b'.repeat(32)];
    const lines = [id, lost].map((each) =>
      JSON.stringify({ kind: 'clientSecret', id: each, store: 'keyring' }),
    );
    for (const each of [lost, cut]) test.stores.keyring.entries.set(`clientSecret:${each}`, 'x');
    const pending = join(test.profilesPath, '..', 'pending');
    writeFileSync(join(pending, `${'0'.repeat(32)}.jsonl`), `${lines.join('\n')}\n{"kind":"cli`);
    writeFileSync(join(pending, 'README'), 'not ours');

    test.stores.keyring.failAfter = 0;
    expect((await edit(['--login-hint', 'me'])).code).toBe(0);
    expect(readdirSync(pending)).toHaveLength(2);
    test.stores.keyring.failAfter = Number.POSITIVE_INFINITY;
    expect((await edit(['--login-hint', 'you'])).code).toBe(0);
    expect(Object.keys(entries())).toEqual([`clientSecret:${id}`, `clientSecret:${cut}`]);
    expect(readdirSync(pending)).toEqual(['README']);
    const locks = readdirSync(join(test.profilesPath, '..', 'locks'));
    expect(locks.filter((name) => name.startsWith('change-'))).toEqual([]);
  });

  it.each(Object.entries(BYTE_FORMS))('settles by a profiles.json in %s', async (_, bytesOf) => {
    await createWithSecret('ci');
    const [live = ''] = references().map(({ id }) => id);
    const lost = 'a'.repeat(32);
    writeFileSync(test.profilesPath, bytesOf(test.text() ?? ''));
    test.stores.keyring.entries.set(`clientSecret:${lost}`, 'x');
    const lines = [live, lost].map((id) =>
      JSON.stringify({ kind: 'clientSecret', id, store: 'keyring' }),
    );
    const pending = join(test.profilesPath, '..', 'pending');
    writeFileSync(join(pending, `${'0'.repeat(32)}.jsonl`), `${lines.join('\n')}\n`);
    await test.cli(['doctor', '--fix']);
    expect(Object.keys(entries())).toEqual([`clientSecret:${live}`]);
    expect(readdirSync(pending)).toEqual([]);
  });

  it('leaves a store alone that is not in use, whatever an old note says of it', async () => {
    await createWithSecret('ci');
    const ref = { kind: 'clientSecret', id: 'a'.repeat(32), store: 'keyring' };
    const note = join(test.profilesPath, '..', 'pending', `${'0'.repeat(32)}.jsonl`);
    writeFileSync(note, `${JSON.stringify(ref)}\n`);
    test.stores.keyring.state = 'hanging';
    const env = { TOKENCLI_STORE: 'file' };
    expect((await edit(['--login-hint', 'me'], { env })).code).toBe(0);
    expect(existsSync(note)).toBe(true);
    test.stores.keyring.state = 'works';
    expect((await edit(['--login-hint', 'you'])).code).toBe(0);
    expect(existsSync(note)).toBe(false);
  });

  it('shows what each field is now, refuses at once, and ends with the command', async () => {
    await createWithSecret('ci');
    const answers = ['Tenant ID or domain', 'no tenant', 'fabrikam.com'];
    const { code, err, prompter } = await edit([], { answers });
    expect(code).toBe(0);
    expect(prompter.refused).toEqual([expect.stringContaining('tenantId: must be a GUID')]);
    expect(err).toContain('  tokencli config edit -p ci --tenant-id fabrikam.com\n');
    expect(test.profiles().profiles[0]).toMatchObject({ tenantId: 'fabrikam.com' });
  });

  it.each<[string, string[], object]>([
    ['Flow', ['DeviceCode'], { flow: 'DeviceCode' }],
    ['Cloud', ['usgov'], { cloud: 'usgov' }],
    ['Scopes', ['api://x/A B'], { scopes: ['api://x/A', 'api://x/B'] }],
    ['Authority', ['https://login.example'], { authority: 'https://login.example' }],
    ['Redirect URI', ['http://localhost:8080'], { redirectUri: 'http://localhost:8080' }],
    ['Login hint', ['me@contoso.com'], { loginHint: 'me@contoso.com' }],
    ['Application (client) ID', [appId('other')], { clientId: appId('other') }],
  ])('the menu changes %s', async (field, answers, changed) => {
    await create('ci');
    expect((await edit([], { answers: [field, ...answers] })).code).toBe(0);
    expect(test.profiles().profiles[0]).toMatchObject(changed);
  });

  it('picks the profile from a list, and keeps what was said beside the menu', async () => {
    await createWithSecret('ci');
    await create('other');
    const args = ['config', 'edit', '--keep-old'];
    const { code, err, prompter } = await test.cli(args, {
      answers: ['ci', 'Client Secret', 'new-secret'],
    });
    expect(code).toBe(0);
    expect(prompter.asked[0]).toBe('Which profile?');
    expect(err).toContain('  tokencli config edit -p ci --keep-old --client-secret-stdin\n');
    expect(Object.values(entries())).toEqual([SECRET, 'new-secret']);
  });

  it('the menu takes a certificate', async () => {
    await create('ci');
    const answers = ['Certificate', workshop.path('locked.pfx'), 'open sesame'];
    const { code, err } = await edit([], { answers });
    expect(code).toBe(0);
    expect(err).toContain(`--certificate ${workshop.path('locked.pfx')} --certificate-password-`);
    expect(Object.values(entries())).toEqual(['open sesame']);
  });

  it('without a terminal something must be said', async () => {
    await createWithSecret('ci');
    expect(await edit([])).toMatchObject({ code: 2, err: expect.stringContaining('say what') });
  });

  it('the menu of the documentation: Client Secret', async () => {
    await createWithSecret('ci');
    expect((await edit([], { answers: ['Client Secret', 'new-secret'] })).code).toBe(0);
    expect(Object.values(entries())).toEqual(['new-secret']);
  });
});

describe('config delete', () => {
  const cacheOf = (name: string) => join(test.profilesPath, '..', 'cache', `${name}.tokens`);
  const remove = (args: string[], options = {}) => test.cli(['config', 'delete', ...args], options);

  it('removes the profile, its secrets and its cache, and nothing else', async () => {
    await createWithSecret('CI');
    await createWithSecret('other');
    mkdirSync(join(cacheOf('x'), '..'), { recursive: true });
    for (const name of ['ci', 'other']) writeFileSync(cacheOf(name), '');
    const { code, out, err } = await remove(['-p', 'ci', '--force']);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain("✓ Profile 'CI' deleted with its secrets and cached tokens\n");
    expect(test.profiles().profiles.map(({ name }) => name)).toEqual(['other']);
    expect(Object.keys(entries())).toHaveLength(1);
    expect([existsSync(cacheOf('ci')), existsSync(cacheOf('other'))]).toEqual([false, true]);
  });

  it('removes a long certificate whole', async () => {
    const args = ['--certificate', workshop.path('good.pem'), '--import-certificate'];
    await create('cert', ...args);
    await remove(['-p', 'cert', '--force']);
    expect(entries()).toEqual({});
  });

  it.each([['locked'], ['failing']] as const)(
    'with a %s store nothing is deleted',
    async (state) => {
      await createWithSecret('ci');
      const before = test.text();
      test.stores.keyring.state = state;
      expect(await remove(['-p', 'ci', '--force'])).toMatchObject({ code: 7, out: '' });
      expect(test.text()).toBe(before);
    },
  );

  it('names the entries that the store did not give up', async () => {
    await createWithSecret('ci');
    const [account] = Object.keys(entries());
    test.stores.keyring.failAfter = 0;
    const { code, err } = await remove(['-p', 'ci', '--force']);
    expect(code).toBe(7);
    expect(err).toContain(`tokencli: ${account}\n`);
  });

  it('asks on a terminal; no means no', async () => {
    await createWithSecret('ci');
    const before = test.text();
    const { code, prompter } = await remove(['-p', 'ci'], { answers: [false] });
    expect(code).toBe(130);
    expect(prompter.asked).toEqual(["Delete profile 'ci' with its secrets?"]);
    expect(test.text()).toBe(before);
    expect((await remove(['-p', 'ci'], { answers: [true] })).code).toBe(0);
    expect(test.profiles().profiles).toEqual([]);
  });

  it.each<[string, string[], number]>([
    ['without a terminal and --force', ['-p', 'ci'], 2],
    ['without a name', ['--force'], 2],
    ['of a stranger', ['-p', 'nobody', '--force'], 3],
  ])('%s nothing happens', async (_, args, code) => {
    await createWithSecret('ci');
    const before = [test.text(), entries()];
    expect(await remove(args)).toMatchObject({ code, out: '' });
    expect([test.text(), entries()]).toEqual(before);
  });

  it('works for a broken profile', async () => {
    await createWithSecret('ci');
    const [profile] = test.profiles().profiles;
    test.writeProfiles({ profiles: [{ ...profile, clientId: 5 }] });
    expect((await remove(['-p', 'ci', '--force'])).code).toBe(0);
    expect([test.profiles().profiles, entries()]).toEqual([[], {}]);
  });
});

it('config path prints the path of profiles.json', async () => {
  expect(await test.cli(['config', 'path'])).toMatchObject({
    code: 0,
    out: `${test.profilesPath}\n`,
    err: '',
  });
});
