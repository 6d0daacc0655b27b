import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { createCertificateWorkshop } from '../support/certificates.ts';
import { type CallOptions, cheapAge, createTestApp, type TestApp } from '../support/test-app.ts';

const PASSPHRASE = 'correct horse battery staple';
const SECRET = 'kQ8~the-secret-of-ci';
const ID = 'ab'.repeat(16);

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
  test.stores.keyring.entries.set(`clientSecret:${ID}`, SECRET);
  test.writeProfiles({
    schemaVersion: 1,
    default: 'CI',
    profiles: [
      {
        name: 'ci',
        clientId: appId('app'),
        tenantId: 'contoso.com',
        team: SECRET,
        browserCommand: ['sh', '-c', 'true'],
        credentials: [
          { kind: 'clientSecret', id: ID, store: 'keyring', expiresOn: '2030-01-01T00:00:00Z' },
        ],
      },
      { name: 'user', clientId: appId('app'), scope: 'User.Read' },
    ],
  });
});
afterEach(() => test.remove());

const run = (words: string[], options: CallOptions = {}) =>
  test.cli(['config', 'export', '-o', 'out', ...words], {
    env: { PASS: PASSPHRASE },
    ...options,
  });
const encrypted = ['--passphrase-env', 'PASS'];
const path = () => join(test.folder, 'out');
const bytes = () => readFileSync(path());

async function content() {
  const opened = await cheapAge.decrypt(bytes(), PASSPHRASE);
  return JSON.parse(Buffer.from(opened ?? []).toString());
}

it('encrypts, and carries what every tokencli knows', async () => {
  const { code, out, err } = await run(['--all', '--include-secrets', ...encrypted]);
  expect([code, out]).toEqual([0, '']);
  expect(await content()).toEqual({
    format: 'tokencli-export',
    version: 1,
    default: 'ci',
    profiles: [
      {
        name: 'ci',
        clientId: appId('app'),
        tenantId: 'contoso.com',
        credentials: [{ kind: 'clientSecret', expiresOn: '2030-01-01T00:00:00Z', value: SECRET }],
      },
      { name: 'user', clientId: appId('app'), scope: 'User.Read' },
    ],
  });
  expect(err).toBe(
    'ci: client secret\n  not exported: team, browserCommand\nuser: no secrets\n' +
      '✓ 2 profiles exported to out, encrypted with the passphrase\n',
  );
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(bytes().includes(SECRET)).toBe(false);
});

it('leaves secrets out unless they are asked for, and tells which there were', async () => {
  const { code, err } = await run(['-p', 'CI', ...encrypted]);
  expect(code).toBe(0);
  expect((await content()).profiles).toEqual([
    {
      name: 'ci',
      clientId: appId('app'),
      tenantId: 'contoso.com',
      credentials: [{ kind: 'clientSecret', expiresOn: '2030-01-01T00:00:00Z' }],
    },
  ]);
  expect(err).toContain('ci: without secrets\n');
});

it('takes several names, each once', async () => {
  await run(['-p', 'user', '-p', 'ci', '-p', 'USER', '--plain']);
  const { profiles } = JSON.parse(bytes().toString());
  expect(profiles.map(({ name }: { name: string }) => name)).toEqual(['user', 'ci']);
  expect(bytes().includes(SECRET)).toBe(false);
});

it('has a text form', async () => {
  await run(['--all', '--armor', ...encrypted]);
  expect(bytes().toString()).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  expect((await content()).profiles).toHaveLength(2);
});

it('asks twice for a passphrase that is long enough', async () => {
  const answers = ['short', PASSPHRASE, 'a typing mistake', PASSPHRASE];
  const { code, prompter, err } = await run(['--all'], { answers });
  expect(code).toBe(0);
  expect(prompter.asked).toEqual([
    'Passphrase for the file (at least 12 characters)',
    'The same passphrase again',
  ]);
  expect(prompter.refused).toEqual(['it needs at least 12 characters', 'the two are not the same']);
  expect((await content()).profiles).toHaveLength(2);
  expect(err).not.toContain(PASSPHRASE);
});

describe('a certificate file', () => {
  const workshop = createCertificateWorkshop();
  afterAll(() => workshop.remove());
  beforeAll(() => workshop.selfSigned('ci'));
  beforeEach(() => {
    const file = test.file('ci.pem', workshop.text('ci.key') + workshop.text('ci.crt'));
    test.writeProfiles({
      profiles: [
        { name: 'ci', clientId: appId('app'), certificatePath: file, useCertificate: true },
      ],
    });
  });

  it('travels with the secrets', async () => {
    const { code } = await run(['--all', '--include-secrets', ...encrypted]);
    expect(code).toBe(0);
    const [profile] = (await content()).profiles;
    expect(profile).not.toHaveProperty('certificatePath');
    expect(profile.useCertificate).toBe(true);
    expect(profile.credentials).toEqual([
      {
        kind: 'certificate',
        value: expect.stringContaining('BEGIN PRIVATE KEY'),
        expiresOn: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it('stays behind as a path without them, and when it cannot be read', async () => {
    const without = await run(['--all', ...encrypted]);
    expect(without.err).toContain('only the path of its certificate file is exported');
    test.file('ci.pem', 'damaged');
    const { code, err } = await run(['--all', '--include-secrets', '--force', ...encrypted]);
    expect(code).toBe(0);
    expect(err).toContain('warning: profile ci:');
    expect((await content()).profiles[0]).toHaveProperty('certificatePath');
  });
});

it.each<[string, string[], number, string]>([
  ['nothing to export', [...encrypted], 2, 'say which profiles'],
  ['names and --all', ['-p', 'ci', '--all', ...encrypted], 2, 'say which profiles'],
  ['an unknown profile', ['-p', 'cj', ...encrypted], 3, "did you mean 'ci'?"],
  [
    'secrets as plain text',
    ['--all', '--plain', '--include-secrets'],
    2,
    'never exported as plain',
  ],
  ['a passphrase for plain text', ['--all', '--plain', ...encrypted], 2, 'takes no passphrase'],
  [
    'no passphrase',
    ['--all'],
    2,
    'a passphrase is needed, and without a terminal nobody can be asked',
  ],
  ['a short passphrase', ['--all', '--passphrase-env', 'SHORT'], 2, 'at least 12 characters'],
  ['an empty passphrase', ['--all', '--passphrase-stdin'], 2, 'is empty'],
  ['a passphrase as an argument', ['--all', '--passphrase', 'x'], 2, 'no option takes the value'],
])('refuses %s', async (_, words, code, message) => {
  const env = { PASS: PASSPHRASE, SHORT: 'elevenchars' };
  const result = await run(words, { env });
  expect([result.code, result.out]).toEqual([code, '']);
  expect(result.err).toContain(message);
  expect(existsSync(path())).toBe(false);
});

it('says when a secret is gone, and writes nothing', async () => {
  test.stores.keyring.entries.clear();
  const gone = await run(['--all', '--include-secrets', ...encrypted]);
  expect(gone).toMatchObject({ code: 9, out: '' });
  expect(gone.err).toContain('the client secret of profile ci is gone from the memory');
  test.stores.keyring.state = 'locked';
  expect((await run(['--all', '--include-secrets', ...encrypted])).code).toBe(7);
  expect(existsSync(path())).toBe(false);
});

it('leaves a file that is there unless told', async () => {
  test.file('out', 'precious');
  const refused = await run(['--all', '--plain']);
  expect(refused).toMatchObject({ code: 10, out: '' });
  expect(refused.err).toContain('--force');
  expect(bytes().toString()).toBe('precious');
  expect((await run(['--all', '--plain', '--force'])).code).toBe(0);
});

it('does not follow a link and does not write among its own files', async () => {
  symlinkSync(test.file('elsewhere', 'x'), path());
  expect((await run(['--all', '--plain', '--force'])).code).toBe(10);
  const inside = ['config', 'export', '--all', '--plain', '-o', 'home/x'];
  expect((await test.cli(inside)).code).toBe(10);
  expect((await test.cli(['config', 'export', '--all', '--plain', '-o', '-'])).code).toBe(2);
  expect((await test.cli(['config', 'export', '--all', '--plain'])).code).toBe(2);
});

it('names broken profiles and leaves them out', async () => {
  test.writeProfiles({ profiles: [{ name: 'ok', clientId: appId('a') }, { name: 'bad' }] });
  const { code, err } = await run(['--all', '--plain']);
  expect(code).toBe(0);
  expect(err).toContain('warning: left out: profiles[1].clientId: is missing');
  expect(JSON.parse(bytes().toString()).profiles).toHaveLength(1);
});

it.each(['loginHint', 'caFile'])(
  'a secret in the place of %s is not exported as plain text',
  async (field) => {
    const secret = `abc8Q~${'x1'.repeat(17)}`;
    test.writeProfiles({ profiles: [{ name: 'ci', clientId: appId('app'), [field]: secret }] });
    const { code, err } = await run(['--all', '--plain']);
    expect([code, existsSync(path())]).toEqual([9, false]);
    expect(err).toContain('profile ci holds what looks like a secret');
    expect(err).not.toContain('x1');
    expect((await run(['--all', ...encrypted])).code).toBe(0);
  },
);
