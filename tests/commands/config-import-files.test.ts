import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BYTE_FORMS } from '../support/byte-forms.ts';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { readEntries } from '../support/memory-store.ts';
import { createRandom } from '../support/random.ts';
import { type CallOptions, createTestApp, type TestApp } from '../support/test-app.ts';

const CLIENT = '1f0e0d0c-0b0a-4908-8706-050403020100';
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const SECRET = 'kQ8~the-secret-of-the-file';
const PASSWORD = 'opens the pfx';

let test: TestApp;
let workshop: CertificateWorkshop;
beforeAll(() => {
  workshop = createCertificateWorkshop();
  workshop.selfSigned('app');
  workshop.pfx('app', 'app', ['app'], ['-passout', `pass:${PASSWORD}`]);
});
afterAll(() => workshop.remove());
beforeEach(() => {
  test = createTestApp();
});
afterEach(() => test.remove());

type From = 'sdk-auth' | 'dotenv';
const take = (from: From, content: unknown, words: string[] = [], options: CallOptions = {}) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const file = test.file('given', text);
  return test.cli(['config', 'import', '--from', from, '-f', file, ...words], options);
};
const stored = () => Object.values(readEntries(test.stores.keyring));
const KEPT = [{ kind: 'clientSecret', id: expect.any(String), store: 'keyring' }];

const JSON_AUTH = {
  clientId: CLIENT,
  clientSecret: SECRET,
  subscriptionId: '2f0e0d0c-0b0a-4908-8706-050403020100',
  tenantId: TENANT,
  activeDirectoryEndpointUrl: 'https://login.microsoftonline.com',
  resourceManagerEndpointUrl: 'https://management.azure.com/',
  activeDirectoryGraphResourceId: 'https://graph.windows.net/',
  sqlManagementEndpointUrl: 'https://management.core.windows.net:8443/',
  galleryEndpointUrl: 'https://gallery.azure.com/',
  managementEndpointUrl: 'https://management.core.windows.net/',
};
const PLAIN = { appId: CLIENT, displayName: 'my app', password: SECRET, tenant: TENANT };

interface Dialect {
  readonly what: string;
  readonly content: object;
  readonly profile: object;
  readonly secret?: string;
}
const DIALECTS: readonly Dialect[] = [
  { what: '--json-auth', content: JSON_AUTH, profile: { name: 'azure' }, secret: SECRET },
  {
    what: '--json-auth of another cloud',
    content: { ...JSON_AUTH, activeDirectoryEndpointUrl: 'https://login.microsoftonline.us/' },
    profile: { name: 'azure', cloud: 'usgov' },
    secret: SECRET,
  },
  {
    what: 'the four fields that Azure/login takes, and the Resource Manager of a cloud',
    content: {
      ...{ clientId: CLIENT, clientSecret: SECRET, tenantId: TENANT },
      resourceManagerEndpointUrl: 'https://management.chinacloudapi.cn',
    },
    profile: { name: 'azure', cloud: 'china' },
    secret: SECRET,
  },
  {
    what: '--json-auth of Azure Stack',
    content: { ...JSON_AUTH, activeDirectoryEndpointUrl: 'https://adfs.example/adfs' },
    profile: { name: 'azure', authority: 'https://adfs.example' },
    secret: SECRET,
  },
  {
    what: '--json-auth with a certificate',
    content: { ...JSON_AUTH, clientSecret: undefined, clientCertificate: '/home/me/tmp1.pem' },
    profile: { name: 'azure', useCertificate: true, certificatePath: '/home/me/tmp1.pem' },
  },
  { what: 'plain', content: PLAIN, profile: { name: 'my-app' }, secret: SECRET },
  {
    what: 'older, with the URL of the app for its name',
    content: { ...PLAIN, displayName: undefined, name: 'http://azure-cli-2019-01-01' },
    profile: { name: 'azure-cli-2019-01-01' },
    secret: SECRET,
  },
  {
    what: 'with the id of the app for its name',
    content: { ...PLAIN, displayName: undefined, name: CLIENT },
    profile: { name: 'azure' },
    secret: SECRET,
  },
  {
    what: '--create-cert',
    content: { ...PLAIN, password: null, fileWithCertAndPrivateKey: '/home/me/tmp2.pem' },
    profile: { name: 'my-app', useCertificate: true, certificatePath: '/home/me/tmp2.pem' },
  },
  { what: '--cert', content: { ...PLAIN, password: null }, profile: { name: 'my-app' } },
];

describe('config import --from sdk-auth', () => {
  it.each(DIALECTS)('$what', async ({ content, profile, secret }) => {
    const { code, out, err } = await take('sdk-auth', content);
    expect([code, out]).toEqual([0, '']);
    const ids = { clientId: CLIENT, tenantId: TENANT };
    expect(test.profiles().profiles).toEqual([
      { ...ids, ...profile, ...(secret !== undefined && { credentials: KEPT }) },
    ]);
    expect(stored()).toEqual(secret === undefined ? [] : [secret]);
    expect(err).not.toContain(SECRET);
    expect(err.includes('holds the secret still')).toBe(secret !== undefined);
    expect(err.includes('not Microsoft')).toBe('authority' in profile);
  });

  it.each(Object.entries(BYTE_FORMS))('from a pipe in %s', async (_, bytesOf) => {
    const words = ['config', 'import', '--from', 'sdk-auth', '-f', '-', '--name', 'ci'];
    const { code } = await test.cli(words, { stdin: bytesOf(JSON.stringify(PLAIN)) });
    expect([code, test.profiles().profiles[0]?.['name']]).toEqual([0, 'ci']);
  });

  it('takes a secret without the line end behind it', async () => {
    expect((await take('sdk-auth', { ...PLAIN, password: `${SECRET}\r\n` })).code).toBe(0);
    expect(stored()).toEqual([SECRET]);
  });

  it('tells what is left to set', async () => {
    const { err } = await take('sdk-auth', { ...PLAIN, password: null });
    expect(err).toContain('config edit -p my-app --certificate FILE --import-certificate');
  });
});

const lines = (more: readonly string[] = []) =>
  [
    '# of the team',
    'PATH_TO=/somewhere # not ours',
    `export AZURE_CLIENT_ID="${CLIENT}"`,
    `AZURE_TENANT_ID='${TENANT}'`,
    ...more,
    '',
  ].join('\r\n');

interface EnvFile {
  readonly what: string;
  readonly more: () => readonly string[];
  readonly profile: object;
  /** The first line of it. */
  readonly kept: string;
  readonly says?: string;
}
const ENV_FILES: readonly EnvFile[] = [
  {
    what: 'a secret',
    more: () => [`AZURE_CLIENT_SECRET=${SECRET}`],
    profile: { credentials: KEPT },
    kept: SECRET,
  },
  {
    what: 'ours before those of Azure',
    more: () => [
      'AZURE_CLIENT_SECRET=another',
      'AZURE_AUTHORITY_HOST=https://login.microsoftonline.us',
      'TOKENCLI_TENANT_ID=contoso.us',
      `TOKENCLI_CLIENT_SECRET='${SECRET}'`,
    ],
    profile: { tenantId: 'contoso.us', cloud: 'usgov', credentials: KEPT },
    kept: SECRET,
  },
  {
    what: 'a certificate with \\n written out',
    more: () => {
      const pem = workshop.text('app.key') + workshop.text('app.crt');
      return [`TOKENCLI_CLIENT_CERTIFICATE="${pem.replaceAll('\n', '\\n')}"`];
    },
    profile: { useCertificate: true, credentials: [{ kind: 'certificate' }] },
    kept: '-----BEGIN PRIVATE KEY-----',
  },
  {
    what: 'a PFX in base64 over several lines, with its password',
    more: () => [
      `TOKENCLI_CLIENT_CERTIFICATE="${workshop.openssl('base64', '-in', 'app.pfx')}"`,
      `TOKENCLI_CLIENT_CERTIFICATE_PASSWORD="${PASSWORD}"`,
    ],
    profile: { useCertificate: true, credentials: [{ kind: 'certificate' }] },
    kept: '-----BEGIN PRIVATE KEY-----',
  },
  {
    what: 'the path of a certificate',
    more: () => [
      'AZURE_CLIENT_CERTIFICATE_PATH=app.pfx',
      `AZURE_CLIENT_CERTIFICATE_PASSWORD=${PASSWORD}`,
    ],
    profile: { useCertificate: true, credentials: [{ kind: 'certificatePassword' }] },
    kept: PASSWORD,
    says: '/app.pfx (not there)\n',
  },
];

describe('config import --from dotenv', () => {
  it.each(ENV_FILES)('$what', async ({ more, profile, kept, says }) => {
    const { code, out, err } = await take('dotenv', lines(more()), ['--name', 'team']);
    expect([code, out]).toEqual([0, '']);
    expect(test.profiles().profiles).toMatchObject([
      { name: 'team', clientId: CLIENT, tenantId: TENANT, ...profile },
    ]);
    // what is long is split, and its parts are in base64
    const first = stored()[0] ?? '';
    const value = stored().length > 1 ? Buffer.from(first, 'base64').toString() : first;
    expect(value.split('\n')[0]).toBe(kept);
    for (const hidden of [SECRET, PASSWORD, 'PRIVATE KEY']) expect(err).not.toContain(hidden);
    expect(err).toContain(says ?? '');
  });

  it('names what looks like a variable in a value, and puts none in', async () => {
    const { err } = await take('dotenv', lines([`AZURE_CLIENT_SECRET=\${SECRET_OF_CI}`]));
    expect(err).toContain('AZURE_CLIENT_SECRET is taken as it stands');
    expect(stored()).toEqual([`\${SECRET_OF_CI}`]);
  });
});

interface Refused {
  readonly from: From;
  readonly content: unknown;
  readonly says: string;
}
const REFUSED: readonly Refused[] = [
  { from: 'sdk-auth', content: '', says: 'is empty' },
  { from: 'sdk-auth', content: SECRET, says: 'is not valid JSON (character 1: ' },
  { from: 'sdk-auth', content: `WARNING: ${SECRET}\n{}`, says: 'is not valid JSON (character 1: ' },
  { from: 'sdk-auth', content: `{"password": "${SECRET}",}`, says: 'is not valid JSON' },
  { from: 'sdk-auth', content: [PLAIN], says: 'is not what az ad sp create-for-rbac prints' },
  { from: 'sdk-auth', content: { password: SECRET }, says: 'is not what az' },
  { from: 'sdk-auth', content: { ...PLAIN, tenant: null }, says: 'is not what az' },
  { from: 'sdk-auth', content: { ...PLAIN, clientId: TENANT }, says: 'clientId and appId differ' },
  {
    from: 'sdk-auth',
    content: { ...PLAIN, password: [SECRET] },
    says: "'password' that is no text",
  },
  { from: 'sdk-auth', content: { ...PLAIN, password: `"${SECRET}"` }, says: 'is in quotes' },
  {
    from: 'sdk-auth',
    content: { ...PLAIN, fileWithCertAndPrivateKey: 'a.pem' },
    says: 'a secret and names a certificate',
  },
  {
    from: 'sdk-auth',
    content: { ...PLAIN, password: null, fileWithCertAndPrivateKey: '-----BEGIN PRIVATE KEY-----' },
    says: 'is no path, but the content of a file',
  },
  { from: 'sdk-auth', content: { ...PLAIN, appId: SECRET }, says: 'clientId: must be a GUID' },
  { from: 'dotenv', content: `AZURE_CLIENT_ID=${SECRET}`, says: 'AZURE_CLIENT_ID must be a GUID' },
  { from: 'sdk-auth', content: { ...PLAIN, tenant: 'a b' }, says: 'tenantId: must be' },
  {
    from: 'sdk-auth',
    content: { ...JSON_AUTH, activeDirectoryEndpointUrl: SECRET },
    says: 'authority: must be',
  },
  { from: 'sdk-auth', content: { ...PLAIN, tenant: 'Common' }, says: "the tenant 'Common'" },
  {
    from: 'sdk-auth',
    content: {
      ...{ ...JSON_AUTH, activeDirectoryEndpointUrl: undefined },
      resourceManagerEndpointUrl: 'https://management.local.azurestack.external/',
    },
    says: 'put the sign-in endpoint of that cloud there: activeDirectoryEndpointUrl',
  },
  {
    from: 'dotenv',
    content: lines([`AZURE_CLIENT_CERTIFICATE_PATH="-----BEGIN PRIVATE KEY-----${SECRET}"`]),
    says: 'AZURE_CLIENT_CERTIFICATE_PATH is no path',
  },
  {
    from: 'dotenv',
    content: lines(['AZURE_FEDERATED_TOKEN_FILE=eyJhbGciOiJub25lIn0.e30.']),
    says: 'AZURE_FEDERATED_TOKEN_FILE is no path',
  },
  { from: 'dotenv', content: 'A=1\n', says: 'AZURE_CLIENT_ID is not set' },
  { from: 'dotenv', content: lines([SECRET]), says: 'line 5 is not NAME=VALUE' },
  { from: 'dotenv', content: lines([`A="${SECRET}`]), says: 'line 5 is not NAME=VALUE' },
  {
    from: 'dotenv',
    content: lines([`AZURE_CLIENT_SECRET=${SECRET}`, 'AZURE_CLIENT_SECRET=other']),
    says: 'AZURE_CLIENT_SECRET stands twice, in lines 5 and 6',
  },
  {
    from: 'dotenv',
    content: lines(['AZURE_CLIENT_SECRET={"a":1}']),
    says: 'a whole JSON document',
  },
  {
    from: 'dotenv',
    content: lines([`TOKENCLI_CLIENT_SECRET=${SECRET}`, 'TOKENCLI_CLIENT_CERTIFICATE=x']),
    says: 'TOKENCLI_CLIENT_SECRET and TOKENCLI_CLIENT_CERTIFICATE are both set',
  },
  {
    from: 'dotenv',
    content: lines(['TOKENCLI_CLIENT_CERTIFICATE=/etc/app.pem']),
    says: 'TOKENCLI_CLIENT_CERTIFICATE is a path',
  },
  {
    from: 'dotenv',
    content: lines([`TOKENCLI_CLIENT_CERTIFICATE="-----BEGIN CERTIFICATE-----${SECRET}"`]),
    says: 'TOKENCLI_CLIENT_CERTIFICATE: ',
  },
  { from: 'dotenv', content: lines(['AZURE_AUTHORITY_HOST=http://x']), says: 'no https address' },
  { from: 'dotenv', content: lines(['TOKENCLI_TENANT_ID=a b']), says: 'tenantId: must be' },
];

describe('what is refused, without showing it', () => {
  it.each(REFUSED)('$from: $says', async ({ from, content, says }) => {
    const { code, out, err } = await take(from, content);
    expect([code, out, test.text(), stored()]).toEqual([9, '', undefined, []]);
    expect(err).toContain(says);
    expect(err).not.toContain(SECRET);
  });

  it.each<[From, unknown]>([
    ['sdk-auth', PLAIN],
    ['dotenv', lines([`AZURE_CLIENT_SECRET=${SECRET}`])],
  ])('%s: a dry run, a name that is taken, a name elsewhere', async (from, content) => {
    const dry = await take(from, content, ['--dry-run', '--json', '--name', 'ci']);
    expect(JSON.parse(dry.out).profiles).toMatchObject([
      { name: 'ci', action: 'create', secrets: ['clientSecret'] },
    ]);
    expect([test.text(), stored(), dry.out.includes(SECRET)]).toEqual([undefined, [], false]);
    expect((await take(from, content, ['--name', 'ci'])).code).toBe(0);
    expect((await take(from, content, ['--name', 'ci'])).code).toBe(2);
    expect((await take(from, content, ['--name', 'ci', '--on-conflict', 'rename'])).code).toBe(0);
    expect(test.profiles().profiles.map(({ name }) => name)).toEqual(['ci', 'ci-2']);
    const missing = join(test.folder, 'not-there');
    const gone = await test.cli(['config', 'import', '--from', from, '-f', missing]);
    expect([gone.code, gone.err.includes(missing)]).toEqual([9, true]);
  });
});

const COUNT = Number(process.env['TOKENCLI_FUZZ_COUNT'] ?? 120);
const SEED = Number(process.env['TOKENCLI_FUZZ_SEED'] ?? randomInt(2 ** 31));

it(`${COUNT} damaged files: taken whole, or refused without a trace`, async () => {
  const random = createRandom(SEED);
  const pieces = [
    '"',
    "'",
    '\\',
    '{',
    '}',
    ',',
    '=',
    '\n',
    '\0',
    '\u001b]0;x\u0007',
    '#',
    ' ',
    '\ud800',
  ];
  const damage = (text: string): string => {
    const at = random(text.length);
    const piece = random(2) === 0 ? pieces[random(pieces.length)] : text.slice(at, at + random(40));
    const damaged = text.slice(0, at) + piece + text.slice(at + random(12));
    return random(2) === 0 ? damaged : damage(damaged);
  };
  const seen: Record<number, number> = {};
  for (let index = 0; index < COUNT; index += 1) {
    const from = index % 2 === 0 ? 'sdk-auth' : 'dotenv';
    const whole =
      from === 'sdk-auth' ? JSON.stringify(PLAIN) : lines([`AZURE_CLIENT_SECRET="${SECRET}"`]);
    const text = damage(whole);
    const name = `p${index}`;
    const before = [test.text(), stored().length];
    const { code, out, err } = await take(from, text, ['--name', name]);
    seen[code] = (seen[code] ?? 0) + 1;
    try {
      expect([[0, 9].includes(code), out, err.includes(SECRET)]).toEqual([true, '', false]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them
      expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      if (code === 9) expect([test.text(), stored().length]).toEqual(before);
      else expect(test.profiles().profiles.at(-1)).toMatchObject({ name });
    } catch (error) {
      throw new Error(`seed ${SEED}, file ${index}: ${err}\n${text}`, { cause: error });
    }
  }
  expect(Object.keys(seen).sort()).toEqual(expect.arrayContaining(['0', '9']));
}, 60_000);
