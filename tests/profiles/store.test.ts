import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import { credentialsOf } from '../../src/profiles/change.ts';
import { fileFingerprint, profileDigest, readProfiles } from '../../src/profiles/store.ts';
import { findProfileProblems } from '../../src/profiles/validate.ts';
import { appId } from '../support/app-id.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokencli-profiles-'));
const path = join(folder, 'profiles.json');
const paths = { profiles: path, validationStamp: join(folder, 'profiles.valid') };
afterAll(() => rmSync(folder, { recursive: true }));

const TENANT = '11111111-2222-3333-4444-555555555555';
const good = { name: 'good', clientId: appId('app'), tenantId: TENANT };

function read(content: string | Uint8Array | object) {
  const raw = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(path, raw ? content : JSON.stringify(content));
  return readProfiles(paths);
}

async function failureOf(content: string | Uint8Array | object): Promise<CliError> {
  try {
    await read(content);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('it was read');
}

it('a missing file is an empty one', async () => {
  const profiles = join(folder, 'nowhere', 'profiles.json');
  expect(await readProfiles({ ...paths, profiles })).toMatchObject({
    exists: false,
    profiles: [],
    broken: [],
    raw: { profiles: [] },
  });
});

it('reads the certificate profile of the documentation as it stands', async () => {
  const profile = {
    name: 'cert-profile',
    clientId: '12345678-1234-1234-1234-123456789abc',
    tenantId: TENANT,
    certificatePath: '/path/to/cert.pfx',
    useCertificate: true,
  };
  expect(await read({ profiles: [profile] })).toMatchObject({ profiles: [profile], broken: [] });
});

it('keeps unknown fields and the order of fields', async () => {
  const text = `{"profiles":[{"zeta":[1,{"b":2}],"clientId":"${appId('c')}","name":"n","alpha":null}]}`;
  const { raw, profiles } = await read(text);
  expect(JSON.stringify(raw)).toBe(text);
  expect(JSON.stringify(profiles[0])).toBe(JSON.stringify(JSON.parse(text).profiles[0]));
});

it('accepts a byte order mark', async () => {
  const { profiles } = await read(`\ufeff${JSON.stringify({ profiles: [good] })}`);
  expect(profiles).toEqual([good]);
});

it('knows the file by inode, size and times in nanoseconds', () => {
  writeFileSync(path, 'content');
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  expect(fileFingerprint(path)).toBe(`${ino} ${size} ${mtimeNs} ${ctimeNs}`);
  expect(fileFingerprint(`${path}.absent`)).toBeUndefined();
});

it('a file that others can read is closed to them', async () => {
  writeFileSync(path, JSON.stringify({ profiles: [] }));
  await readProfiles(paths);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

describe('what is wrong with one profile is said with its path', () => {
  const id = 'ab'.repeat(16);
  it.each<[string, object, string[]]>([
    ['no client id', { clientId: undefined }, ['clientId: is missing']],
    ['empty client id', { clientId: '' }, ['clientId: must not be empty']],
    ['a number', { clientId: 7 }, ['clientId: must be text']],
    ['null', { clientId: null }, ['clientId: must be text']],
    [
      'tenant',
      { tenantId: 'not a tenant' },
      ['tenantId: must be a GUID, a domain, common, organizations or consumers'],
    ],
    ['controls', { loginHint: 'a\u001b[2J' }, ['loginHint: must not hold control characters']],
    ['scopes as text', { scopes: 'a b' }, ['scopes: must be a list']],
    ['a scope', { scopes: ['a', 5] }, ['scopes[1]: must be text']],
    [
      'flow',
      { flow: 'Password' },
      ['flow: must be one of ClientCredentials, AuthorizationCode, DeviceCode, InteractiveBrowser'],
    ],
    ['cloud', { cloud: 'moon' }, ['cloud: must be public or usgov or china']],
    [
      'http authority',
      { authority: 'http://login.example' },
      ['authority: must be an https URL without user, query or fragment'],
    ],
    [
      'user in authority',
      { authority: 'https://u:p@login.example' },
      ['authority: must be an https URL without user, query or fragment'],
    ],
    ['protocol', { protocol: 'saml' }, ['protocol: must be entra or oidc']],
    ['switch', { useCertificate: 'yes' }, ['useCertificate: must be true or false']],
    ['thumbprint', { thumbprint: 'md5' }, ['thumbprint: must be sha256 or sha1']],
    ['browser', { browserCommand: [] }, ['browserCommand: needs at least 1']],
    ['shell', { browserCommand: 'firefox' }, ['browserCommand: must be a list']],
    ['redirect', { redirectUri: 'nowhere' }, ['redirectUri: must be a URL without a fragment']],
    ['long', { caFile: 'x'.repeat(2049) }, ['caFile: must not be longer than 2048 characters']],
    [
      'reference',
      { credentials: [{ id: 'x', kind: 'secret', store: 'cloud', expiresOn: 'soon' }] },
      [
        'credentials[0].id: must be 32 hexadecimal digits',
        'credentials[0].kind: must be clientSecret or certificate or certificatePassword',
        'credentials[0].store: must be keyring or file',
        'credentials[0].expiresOn: must be a UTC time such as 2030-01-31T00:00:00Z',
      ],
    ],
    [
      'too many references',
      { credentials: Array(9).fill({ id, kind: 'clientSecret', store: 'keyring' }) },
      ['credentials: must not hold more than 8'],
    ],
    [
      'two at once',
      { clientId: '', sendX5c: 1 },
      ['clientId: must not be empty', 'sendX5c: must be true or false'],
    ],
  ])('%s', async (_, fields, problems) => {
    const file = await read({ profiles: [good, { ...good, name: 'bad', ...fields }] });
    expect(file.profiles).toEqual([good]);
    expect(file.broken).toEqual([
      { index: 1, name: 'bad', problems: problems.map((problem) => `profiles[1].${problem}`) },
    ]);
  });

  it.each([['a b'], ['-a'], ['.a'], [''], ['a/b'], ['ä'], ['x'.repeat(65)], ['a\n']])(
    'the name %j is refused',
    async (name) => {
      const { broken } = await read({ profiles: [{ ...good, name }] });
      expect(broken[0]?.problems).toEqual([expect.stringMatching(/^profiles\[0\]\.name: must be/)]);
    },
  );

  it.each([['a'], ['A.b_c-9'], ['9'], ['x'.repeat(64)]])('the name %j is accepted', async (name) =>
    expect((await read({ profiles: [{ ...good, name }] })).broken).toEqual([]),
  );

  it.each([[TENANT], ['contoso.onmicrosoft.com'], ['common'], ['Organizations']])(
    'the tenant %s is accepted',
    async (tenantId) =>
      expect((await read({ profiles: [{ ...good, tenantId }] })).broken).toEqual([]),
  );

  it.each([['clientcredentials'], ['client-credentials'], ['DEVICE-CODE']])(
    'the flow %s is accepted',
    async (flow) => expect((await read({ profiles: [{ ...good, flow }] })).broken).toEqual([]),
  );

  it.each([[5], [null], ['text'], [[]]])('%j is no profile', async (profile) => {
    expect(await read({ profiles: [profile, good] })).toMatchObject({
      profiles: [good],
      broken: [{ index: 0 }],
    });
  });
});

it('two profiles of one name hide nobody else', async () => {
  const file = await read({ profiles: [good, { ...good, name: 'A' }, { ...good, name: 'a' }] });
  expect(file.profiles).toEqual([good]);
  expect(file.broken.map(({ problems }) => problems)).toEqual([
    ['profiles[1].name: is also the name of profiles[2]'],
    ['profiles[2].name: is also the name of profiles[1]'],
  ]);
});

describe('a file that is wrong as a whole', () => {
  it.each<[string, string | Uint8Array | object, string]>([
    ['empty', '', 'is empty'],
    ['cut off', '{"profiles": [', 'is not valid JSON (line 1, column 15)'],
    ['a comma too many', '{\n  "profiles": [],\n}', 'is not valid JSON (line 3, column 1)'],
    ['NUL bytes', 'a\0', 'holds NUL bytes; it must be JSON in UTF-8'],
    ['Latin-1', Buffer.from([0x7b, 0xe4, 0x7d]), 'is not UTF-8'],
    ['a list', [good], 'must be an object'],
    ['null', 'null', 'must be an object'],
    ['nothing of ours', {}, 'profiles: is missing'],
    ['profiles as object', { profiles: {} }, 'profiles: must be a list'],
    ['another store', { store: 'cloud', profiles: [] }, 'store: must be keyring or file'],
    ['default', { default: 5, profiles: [] }, 'default: must be text'],
    ['version', { schemaVersion: '1', profiles: [] }, 'schemaVersion: must be 1'],
    [
      'newer',
      { schemaVersion: 2, profiles: 'anything' },
      'was written by a newer tokencli (schema 2); this one reads 1',
    ],
  ])('%s', async (_, content, message) => {
    const { code, message: said } = await failureOf(content);
    expect(code).toBe('invalid_data');
    expect(said).toContain(path);
    expect(said).toContain(message);
    expect(said).not.toContain('\n');
  });

  it('all its problems at once', async () => {
    const { message } = await failureOf({ default: 5, store: 'x', profiles: [{ name: 'a' }, 7] });
    expect(message).toBe(
      `${path}: default: must be text; store: must be keyring or file; ` +
        'profiles[0].clientId: is missing; profiles[1]: must be an object',
    );
  });

  it('its content is not repeated: it may be a secret', async () => {
    const { message, details } = await failureOf('{"clientSecret": hunter2-secret}');
    expect(message + details.hint).not.toMatch(/hunter2|clientSecret/);
  });

  it('a folder in its place is an io error', async () => {
    const reading = readProfiles({ ...paths, profiles: folder });
    await expect(reading).rejects.toMatchObject({ code: 'io' });
  });
});

describe('profileDigest', () => {
  it('does not depend on the order of fields', () => {
    expect(profileDigest({ a: { x: 1, y: [2] }, b: 'c' })).toBe(
      profileDigest({ b: 'c', a: { y: [2], x: 1 } }),
    );
  });

  it('depends on everything else', () => {
    const digests = [
      { a: 1 },
      { a: '1' },
      { a: [1] },
      { a: 1, b: null },
      { a: [1, 2] },
      { a: [2, 1] },
    ];
    expect(new Set(digests.map(profileDigest)).size).toBe(digests.length);
    expect(profileDigest({ a: 1 })).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is the one of the profile in the file', async () => {
    const file = await read({ profiles: [good] });
    const [profile] = file.profiles;
    expect(profile && profileDigest(profile)).toBe(profileDigest(good));
  });
});

it('finds the readable references of a broken profile', async () => {
  const ref = { id: 'ab'.repeat(16), kind: 'clientSecret', store: 'file' };
  const file = await read({ profiles: [{ name: 'bad', credentials: [ref, { id: 'x' }, 5] }] });
  expect(credentialsOf(file, 'BAD')).toEqual([ref]);
  expect(credentialsOf(file, 'other')).toEqual([]);
});

it('says the same of one field only once', () => {
  const problem = 'authority: must be an https URL without user, query or fragment';
  expect(findProfileProblems({ ...good, authority: 'junk' }, '')).toEqual([problem]);
});
