import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openVault } from '../../src/secrets/vault.ts';
import { appId } from '../support/app-id.ts';
import { createCertificateWorkshop } from '../support/certificates.ts';
import { readEntries } from '../support/memory-store.ts';
import { type CallOptions, cheapAge, createTestApp, type TestApp } from '../support/test-app.ts';

const PASSPHRASE = 'correct horse battery staple';
const SECRET = 'kQ8~the-secret-of-ci';
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const ID = 'ab'.repeat(16);
const CI = {
  name: 'ci',
  clientId: appId('app'),
  tenantId: TENANT,
  credentials: [{ kind: 'clientSecret', value: SECRET, expiresOn: '2030-01-01T00:00:00Z' }],
};
const USER = {
  name: 'User',
  clientId: appId('app'),
  tenantId: 'contoso.com',
  scopes: ['User.Read'],
};

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
});
afterEach(() => test.remove());

const exported = (profiles: unknown[], head: object = {}) =>
  JSON.stringify({ format: 'tokencli-export', version: 1, ...head, profiles });
const encrypted = async (content: string, passphrase = PASSPHRASE, armor = false) => {
  return Buffer.from(await cheapAge.encrypt(Buffer.from(content), passphrase, armor));
};
const run = (words: string[] = [], options: CallOptions = {}) =>
  test.cli(['config', 'import', ...words], { env: { PASS: PASSPHRASE }, ...options });
const take = async (content: string, words: string[] = [], options: CallOptions = {}) => {
  test.file('in', await encrypted(content));
  return run(['-f', 'in', '--passphrase-env', 'PASS', ...words], options);
};
const entries = () => readEntries(test.stores.keyring);

describe('an export', () => {
  it('is taken with its secrets, which get ids of this machine', async () => {
    const { code, out, err } = await take(exported([CI, USER], { default: 'User' }));
    expect([code, out]).toEqual([0, '']);
    const [ci, user] = test.profiles().profiles;
    const { credentials, ...fields } = ci as { credentials: { id: string }[] };
    expect(fields).toEqual({ name: 'ci', clientId: appId('app'), tenantId: TENANT });
    expect(credentials).toEqual([
      {
        kind: 'clientSecret',
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        store: 'keyring',
        expiresOn: '2030-01-01T00:00:00Z',
      },
    ]);
    expect(user).toEqual(USER);
    expect(test.profiles()['default']).toBe('User');
    expect(entries()).toEqual({ [`clientSecret:${credentials[0]?.id}`]: SECRET });
    expect(err).toBe(
      `ci           new\n  client id  ${appId('app')}\n  tenant     ${TENANT}\n  flow       ClientCredentials\n` +
        '  scopes     https://graph.microsoft.com/.default\n  secrets    client secret\n' +
        `User         new\n  client id  ${appId('app')}\n  tenant     contoso.com\n` +
        '  flow       InteractiveBrowser\n  scopes     User.Read\n  secrets    none in the file\n' +
        '✓ 2 profiles imported\n',
    );
  });

  it('comes back from what was exported, secrets and all', async () => {
    await take(exported([CI, USER]));
    const before = test.profiles();
    const words = [
      '--all',
      '--include-secrets',
      '--armor',
      '-o',
      'out',
      '--passphrase-env',
      'PASS',
    ];
    const env = { PASS: PASSPHRASE };
    expect((await test.cli(['config', 'export', ...words], { env })).code).toBe(0);
    test.writeProfiles({ profiles: [] });
    test.stores.keyring.entries.clear();
    expect((await run(['-f', 'out', '--passphrase-env', 'PASS'])).code).toBe(0);
    const withoutIds = (profiles: object[]) =>
      JSON.stringify(profiles).replaceAll(/"id":"[0-9a-f]+"/g, '');
    expect(withoutIds(test.profiles().profiles)).toBe(withoutIds(before.profiles));
    expect(Object.values(entries())).toEqual([SECRET]);
  });

  it('without secrets says what is left to set', async () => {
    const kinds = ['clientSecret', 'certificate', 'certificatePassword'];
    const content = exported([{ ...CI, credentials: kinds.map((kind) => ({ kind })) }]);
    const { code, err } = await run(['-f', test.file('in.json', content)]);
    expect(code).toBe(0);
    expect(err).toContain(
      'Left to set:\n' +
        '  tokencli config edit -p ci --client-secret-stdin\n' +
        '  tokencli config edit -p ci --certificate FILE --import-certificate\n' +
        '  tokencli config edit -p ci --certificate-password-stdin\n',
    );
    expect(test.profiles().profiles[0]).not.toHaveProperty('credentials');
  });

  it('comes through a pipe', async () => {
    expect((await run(['-f', '-'], { stdin: exported([USER]) })).code).toBe(0);
    const stdin = await encrypted(exported([CI]));
    expect((await run(['-f', '-', '--passphrase-env', 'PASS'], { stdin })).code).toBe(0);
    expect(test.profiles().profiles).toHaveLength(2);
  });

  it('keeps its secrets in the store that is chosen here', async () => {
    await take(exported([CI]), [], { env: { PASS: PASSPHRASE, TOKENCLI_STORE: 'file' } });
    expect(Object.values(readEntries(test.stores.file))).toEqual([SECRET]);
    expect(entries()).toEqual({});
  });

  it('calls out an authority that is not of Microsoft', async () => {
    const own = { ...USER, authority: 'https://login.evil.example', caFile: '/gone/ca.pem' };
    const { err } = await run(['-f', test.file('in', exported([own])), '--dry-run']);
    expect(err).toMatch(
      / {2}authority +https:\/\/login\.evil\.example \(not Microsoft: tokens are asked for there\)\n/,
    );
    expect(err).toMatch(/ {2}CA file +\/gone\/ca\.pem \(not there\)\n/);
  });

  it('leaves the default that there is', async () => {
    test.writeProfiles({ default: 'old', profiles: [{ name: 'old', clientId: appId('a') }] });
    await take(exported([CI, USER], { default: 'User' }));
    expect(test.profiles()['default']).toBe('old');
  });
});

describe('asking', () => {
  it('shows the plan first, and a no changes nothing', async () => {
    test.file('in', await encrypted(exported([CI])));
    const refused = await run(['-f', 'in'], { answers: [PASSPHRASE, false] });
    expect(refused).toMatchObject({ code: 130, out: '' });
    expect(refused.prompter.asked).toEqual(['Passphrase of in', 'Import this profile?']);
    expect(refused.err).toContain('Nothing was imported.');
    expect([test.text(), entries()]).toEqual([undefined, {}]);
    const taken = await run(['-f', 'in'], { answers: [PASSPHRASE, true] });
    expect(taken.code).toBe(0);
    expect(taken.err).not.toContain(PASSPHRASE);
  });

  it('is answered by --yes', async () => {
    test.file('in', exported([CI.name, 'x'].map((name) => ({ ...USER, name }))));
    const { code, prompter } = await run(['-f', 'in', '--yes'], { answers: [] });
    expect([code, prompter.asked]).toEqual([0, []]);
  });

  it('does nothing in a dry run, which --json prints', async () => {
    test.file('in', await encrypted(exported([CI])));
    const { code, out, err } = await run(
      ['-f', 'in', '--passphrase-env', 'PASS', '--dry-run', '--json'],
      { answers: [] },
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      profiles: [
        {
          name: 'ci',
          action: 'create',
          originalName: 'ci',
          clientId: appId('app'),
          tenantId: TENANT,
          authority: null,
          caFile: null,
          flow: 'ClientCredentials',
          scopes: ['https://graph.microsoft.com/.default'],
          certificatePath: null,
          reference: null,
          secrets: ['clientSecret'],
          leftToSet: [],
        },
      ],
    });
    expect(err).toContain('this was a dry run');
    expect([test.text(), entries()]).toEqual([undefined, {}]);
  });
});

describe('a name that is taken', () => {
  const there = { kind: 'clientSecret', id: ID, store: 'keyring' };
  beforeEach(() => {
    test.stores.keyring.entries.set(`clientSecret:${ID}`, 'the old secret');
    test.writeProfiles({
      profiles: [
        {
          name: 'CI',
          clientId: appId('app'),
          tenantId: TENANT,
          loginHint: 'me',
          credentials: [there],
        },
        { name: 'ci-2', clientId: appId('b') },
        { name: 'broken' },
      ],
    });
  });
  const names = () => test.profiles().profiles.map(({ name }) => name);
  const both = exported([CI, USER]);

  it('is refused, and nothing else is taken either', async () => {
    const before = test.text();
    const { code, out, err } = await take(both);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('there are already profiles of these names: CI');
    expect(err).toContain('--on-conflict skip, overwrite or rename');
    expect(test.text()).toBe(before);
  });

  it('is skipped', async () => {
    const { code, err } = await take(both, ['--on-conflict', 'skip']);
    expect(code).toBe(0);
    expect(err).toContain('CI  skipped, it is there');
    expect(names()).toEqual(['CI', 'ci-2', 'broken', 'User']);
    expect(entries()).toEqual({ [`clientSecret:${ID}`]: 'the old secret' });
    const again = await take(both, ['--on-conflict', 'skip']);
    expect([again.code, again.err]).toEqual([0, expect.stringContaining('nothing to import')]);
  });

  it('gets a number', async () => {
    const { code, err } = await take(both, ['--on-conflict', 'rename']);
    expect(code).toBe(0);
    expect(err).toMatch(/^ci-3 +new \(was ci\)\n/);
    expect(names()).toEqual(['CI', 'ci-2', 'broken', 'ci-3', 'User']);
  });

  it('is overwritten as a whole, its old secret removed', async () => {
    const { code, err } = await take(both, ['--on-conflict', 'overwrite']);
    expect(code).toBe(0);
    expect(err).toMatch(/^CI +replaces the one there\n/);
    expect(names()).toEqual(['CI', 'ci-2', 'broken', 'User']);
    expect(test.profiles().profiles[0]).not.toHaveProperty('loginHint');
    expect(Object.values(entries())).toEqual([SECRET]);
  });

  it.each([{ credentials: [{ kind: 'clientSecret' }] }, { credentials: undefined }])(
    'keeps its secret when the file brings none and it signs in as before: %j',
    async (fields) => {
      const bare = exported([{ ...CI, scopes: ['a/.default'], ...fields }]);
      const { code, err } = await take(bare, ['--on-conflict', 'overwrite']);
      expect(code).toBe(0);
      expect(err).toContain('none in the file; those stored here stay');
      expect(err).toMatch(/ {2}flow +ClientCredentials\n/);
      expect(err).not.toContain('Left to set');
      expect(test.profiles().profiles[0]).toMatchObject({ credentials: [there] });
      expect(Object.values(entries())).toEqual(['the old secret']);
    },
  );

  it.each([
    { field: 'clientSecretFrom', refs: ['secret', 'password'], kept: [] },
    { field: 'certificateFrom', refs: ['secret', 'password'], kept: ['password'] },
  ])('loses its secret to $field, and keeps $kept', async ({ field, refs, kept }) => {
    const kinds = { secret: 'clientSecret', password: 'certificatePassword' } as const;
    const credentials = refs.map((name) => ({
      ...{ kind: kinds[name as keyof typeof kinds], store: 'keyring' },
      id: name === 'secret' ? ID : '1'.repeat(ID.length),
    }));
    const { credentials: _, ...own } = CI;
    test.writeProfiles({ profiles: [{ ...own, credentials }] });
    const words = ['--on-conflict', 'overwrite', '--json'];
    const reference = { [field]: { file: '/run/secret' } };
    const { code, out, err } = await take(exported([{ ...own, ...reference }]), words);
    expect(code).toBe(0);
    expect(JSON.parse(out).profiles[0]).toMatchObject({ reference, flow: 'ClientCredentials' });
    expect(err.includes('those stored here are removed')).toBe(kept.length === 0);
    const after = test.profiles().profiles[0] as { credentials?: { kind: string }[] };
    expect((after.credentials ?? []).map(({ kind }) => kind)).toEqual(
      kept.map((name) => kinds[name as keyof typeof kinds]),
    );
    expect(entries()).toEqual({});
  });

  it.each([
    { authority: 'https://login.evil.example' },
    { clientId: appId('other') },
    { tenantId: 'a.com' },
  ])('loses its secret when it would be sent elsewhere: %p', async (changes) => {
    const bare = exported([{ ...CI, ...changes, credentials: [{ kind: 'clientSecret' }] }]);
    const { code, err } = await take(bare, ['--on-conflict', 'overwrite']);
    expect(code).toBe(0);
    expect(err).toContain('those stored here are removed');
    expect(err).toContain('Left to set:\n  tokencli config edit -p CI --client-secret-stdin');
    expect(test.profiles().profiles[0]).not.toHaveProperty('credentials');
    expect(entries()).toEqual({});
  });

  it('stays signed in as long as it signs in as before', async () => {
    mkdirSync(join(test.folder, 'home', 'cache'));
    const tokens = test.file('home/cache/ci.tokens', 'sealed');
    await take(exported([{ ...CI, scopes: ['a/.default'] }]), ['--on-conflict', 'overwrite']);
    expect(existsSync(tokens)).toBe(true);
    await take(exported([{ ...CI, tenantId: 'a.com' }]), ['--on-conflict', 'overwrite']);
    expect(existsSync(tokens)).toBe(false);
  });

  it('may be that of a broken profile', async () => {
    const content = exported([{ ...USER, name: 'broken' }]);
    expect((await take(content)).code).toBe(2);
    expect((await take(content, ['--on-conflict', 'overwrite'])).code).toBe(0);
    expect(test.profiles().profiles[2]).toEqual({ ...USER, name: 'broken' });
  });
});

describe('a profile with numbers that JavaScript would write otherwise', () => {
  const OVERWRITE = ['--on-conflict', 'overwrite'];
  const withNote = (name: string, note: string) =>
    `{"schemaVersion": 1, "profiles": [{"name": "${name}", "clientId": "${appId('app')}", "note": ${note}}]}`;

  it.each(['1.0', '12345678901234567890', '1e400', '-0', '[{"x": 1E5}]'])(
    'is overwritten: %s',
    async (note) => {
      test.writeProfiles(withNote('ci', note));
      expect(await take(exported([CI]), OVERWRITE)).toMatchObject({ code: 0 });
    },
  );

  it('is overwritten where it is broken too', async () => {
    test.writeProfiles(withNote('ci', '1, "tenantId": 1.0'));
    expect(await take(exported([CI]), OVERWRITE)).toMatchObject({ code: 0 });
  });

  it('is not overwritten when it was changed meanwhile', async () => {
    test.writeProfiles(withNote('ci', '1.0'));
    const { set } = test.stores.keyring;
    test.stores.keyring.set = async (...args) => {
      test.writeProfiles(withNote('ci', '1.5'));
      await set(...args);
    };
    const { code, out, err } = await take(exported([CI]), OVERWRITE);
    expect([code, out, test.text()]).toEqual([11, '', withNote('ci', '1.5')]);
    expect(err).toContain("profile 'ci' was changed by another process; nothing was imported");
    expect(entries()).toEqual({});
  });
});

describe('all or nothing', () => {
  it('takes no profile when one of the secrets cannot be stored', async () => {
    test.stores.keyring.failAfter = 1;
    const { code, out } = await take(exported([CI, { ...CI, name: 'second' }]));
    expect([code, out]).toEqual([7, '']);
    expect(test.text()).toBeUndefined();
  });

  it('removes what was stored when profiles.json cannot be written', async () => {
    test.writeProfiles('{ not JSON');
    const { code, out } = await take(exported([CI]));
    expect([code, out, test.text()]).toEqual([9, '', '{ not JSON']);
    expect(entries()).toEqual({});
  });

  it('stores nothing for a certificate that cannot be read', async () => {
    const credentials = [...CI.credentials, { kind: 'certificate', value: 'no PEM' }];
    const { code, err } = await take(exported([{ ...CI, credentials }]));
    expect(code).toBe(9);
    expect(err).toContain('the certificate of profile ci:');
    expect([test.text(), entries()]).toEqual([undefined, {}]);
  });

  it('writes only what was shown, although somebody was faster', async () => {
    test.file('in', await encrypted(exported([CI])));
    const app = test.app({ answers: [PASSPHRASE] });
    const { importProfiles } = await import('../../src/usecases/transfer/import.ts');
    const faster = {
      ...(await app.prompter()),
      confirm: async () => {
        test.writeProfiles({ profiles: [{ name: 'ci', clientId: appId('somebody else') }] });
        return true;
      },
    };
    const failure = importProfiles({ ...app, prompter: async () => faster }, { file: 'in' });
    await expect(failure).rejects.toMatchObject({ code: 'busy' });
    expect(test.profiles().profiles).toEqual([{ name: 'ci', clientId: appId('somebody else') }]);
    expect(entries()).toEqual({});
  });
});

describe('a certificate', () => {
  const workshop = createCertificateWorkshop();
  afterAll(() => workshop.remove());
  beforeAll(() => workshop.selfSigned('ci'));

  it('is taken into the store', async () => {
    const value = workshop.text('ci.key') + workshop.text('ci.crt');
    const { code, err } = await take(
      exported([{ ...CI, useCertificate: true, credentials: [{ kind: 'certificate', value }] }]),
    );
    expect(code).toBe(0);
    expect(err).toMatch(/ {2}secrets +certificate\n/);
    const [profile] = test.profiles().profiles;
    const [ref] = (profile?.['credentials'] ?? []) as { id: string }[];
    const vault = openVault(test.stores.keyring);
    expect(await vault.read('certificate', ref?.id ?? '')).toBe(value);
  });
});

describe('a file that is refused', () => {
  const many = (count: number, fields: object = {}) =>
    Array.from({ length: count }, (_, index) => ({ ...USER, ...fields, name: `p${index}` }));
  const deep = `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`;

  it.each<[string, string, string]>([
    ['an unknown field of the file', exported([USER], { extra: 1 }), "has no place for 'extra'"],
    [
      'an unknown field of a profile',
      exported([{ ...USER, secret: 'x' }]),
      "profiles[0]: has no place for 'secret'",
    ],
    [
      'a program to run',
      exported([{ ...USER, browserCommand: ['sh'] }]),
      "profiles[0]: has no place for 'browserCommand'",
    ],
    [
      'a reference to a secret',
      exported([{ ...USER, credentials: [{ kind: 'clientSecret', id: ID, store: 'keyring' }] }]),
      "profiles[0].credentials[0]: has no place for 'id', 'store'",
    ],
    [
      'another kind of secret',
      exported([{ ...USER, credentials: [{ kind: 'cacheKey' }] }]),
      'kind',
    ],
    ['__proto__', `{"__proto__":{"a":1},${exported([USER]).slice(1)}`, "names a field '__proto__'"],
    [
      'an escaped __proto__ deep inside',
      exported([USER]).replace('"name"', '"\\u005f_proto__":{},"name"'),
      "names a field '__proto__'",
    ],
    ['constructor', exported([{ ...USER, constructor: {} }]), "names a field 'constructor'"],
    ['constructor as a name', exported([{ ...USER, name: 'Constructor' }]), 'is not accepted'],
    [
      '__proto__ as a name',
      exported([{ ...USER, name: '__proto__' }]),
      'profiles[0].name: must be',
    ],
    [
      'a field twice',
      exported([USER]).replace('"name"', '"name":"x","name"'),
      'names a field twice',
    ],
    [
      'a name twice, whatever its case',
      exported([USER, { ...USER, name: 'uSER' }]),
      'profiles[1].name: is also the name of profiles[0]',
    ],
    ['a name that is too long', exported([{ ...USER, name: 'x'.repeat(65) }]), 'profiles[0].name'],
    ['a path as a name', exported([{ ...USER, name: '../../x' }]), 'profiles[0].name'],
    ['too many scopes', exported([{ ...USER, scopes: Array(51).fill('a') }]), 'more than 50'],
    ['too many profiles', exported(many(1001)), 'must not hold more than 1000'],
    ['no profiles', exported([]), 'needs at least 1'],
    ['a wrong tenant', exported([{ ...USER, tenantId: 'x y' }]), 'profiles[0].tenantId'],
    ['an http authority', exported([{ ...USER, authority: 'http://a.b' }]), 'https URL'],
    ['a newer version', exported([USER], { version: 2 }), 'was exported by a newer tokencli'],
    ['another format', exported([USER], { format: 'x' }), 'format: must be tokencli-export'],
    ['profiles.json', JSON.stringify({ schemaVersion: 1, profiles: [USER] }), 'format: is missing'],
    ['what az prints', '{"appId":"a","password":"b"}', 'or say with --from which program'],
    ['a list', '[]', 'must be an object'],
    ['deep nesting', deep, 'nested deeper than 8 levels'],
    ['broken JSON', '{"format": tokencli', 'is not valid JSON (character 12'],
    ['nothing', '', 'is empty'],
    ['a secret as plain text', exported([CI]), 'holds secrets as plain text'],
    ['a long list of wrong things', exported(many(30, { x: 1 })), 'and 20 more'],
  ])('%s', async (_, content, message) => {
    const { code, out, err } = await run(['-f', test.file('in', content)]);
    expect([code, out]).toEqual([9, '']);
    expect(err).toContain(message);
    expect(err.split('\n')).toHaveLength(3);
    expect([existsSync(test.profilesPath), entries()]).toEqual([false, {}]);
  });

  it('bytes that are no UTF-8, and more than 1 MiB', async () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect((await run(['-f', test.file('in', bytes)])).err).toContain('is not UTF-8');
    const large = Buffer.alloc(1024 * 1024 + 1, 0x20);
    large[0] = 0x7b;
    const { code, err } = await run(['-f', test.file('in', large)]);
    expect([code, err]).toEqual([9, expect.stringContaining('is larger than 1048576 bytes')]);
    expect((await run(['-f', 'gone'])).err).toContain('cannot read gone: no such file');
    expect((await run(['-f', '.'])).code).toBe(9);
  });

  it('tells a wrong passphrase and a changed file by the same words', async () => {
    const file = await encrypted(exported([CI]));
    const say = async (content: Buffer, passphrase = PASSPHRASE) => {
      test.file('in', content);
      const env = { PASS: passphrase };
      return run(['-f', 'in', '--passphrase-env', 'PASS'], { env });
    };
    const changed = (index: number) => {
      const copy = Buffer.from(file);
      copy[index] = (copy[index] ?? 0) ^ 0x04;
      return copy;
    };
    const wrong = await say(file, 'a wrong passphrase');
    expect([wrong.code, wrong.out]).toEqual([9, '']);
    for (const index of [21, 30, 60, 100, file.length - 1]) {
      expect(await say(changed(index))).toMatchObject({ code: 9, out: '', err: wrong.err });
    }
    expect(await say(file.subarray(0, 40))).toMatchObject({ code: 9, err: wrong.err });
    expect([existsSync(test.profilesPath), entries()]).toEqual([false, {}]);
  });

  it.each([
    ['text', 'not an export'],
    ['a file of another program', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a])],
    ['an encrypted file whose first line is damaged', 'Age-encryption.org/v1\n-> scrypt'],
  ])('%s is refused before the passphrase is asked for', async (_, content) => {
    const { code, out, err } = await run(['-f', test.file('in', content)]);
    expect([code, out]).toEqual([9, '']);
    expect(err).toMatch(/in is neither JSON nor an age file\n {2}try: an export is JSON, or/);
  });

  it.each<[string, string[], string]>([
    ['no file', [], '-f FILE'],
    ['both from stdin', ['-f', '-', '--passphrase-stdin'], 'stdin cannot give both'],
    ['two passphrases', ['-f', 'in', '--passphrase-stdin', '--passphrase-env', 'A'], 'give one of'],
    [
      'nobody to ask',
      ['-f', 'in'],
      'a passphrase is needed, and without a terminal nobody can be asked',
    ],
    ['an unknown policy', ['-f', 'in', '--on-conflict', 'merge'], '--on-conflict is one of'],
    ['a file with --from env', ['-f', 'in', '--from', 'env'], 'reads no file'],
    [
      'a name without it',
      ['-f', 'in', '--name', 'x'],
      '--name goes with --from env, sdk-auth or dotenv',
    ],
  ])('by usage: %s', async (_, words, message) => {
    test.file('in', await encrypted(exported([CI])));
    const { code, out, err } = await run(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(existsSync(join(test.folder, 'home'))).toBe(false);
  });
});
