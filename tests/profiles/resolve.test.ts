import { describe, expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import { closestName } from '../../src/profiles/closest-name.ts';
import { resolveSettings, selectProfile } from '../../src/profiles/resolve.ts';
import type { Profile } from '../../src/profiles/schema.ts';
import type { ProfilesFile } from '../../src/profiles/store.ts';
import { profileDigest } from '../../src/profiles/store.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const REF = { id: 'ab'.repeat(16), kind: 'clientSecret', store: 'keyring' } as const;

function profile(name: string, fields: object = {}): Profile {
  return { name, clientId: `client-${name}`, tenantId: TENANT, ...fields };
}

function file(names: readonly string[], more: Partial<ProfilesFile> = {}): ProfilesFile {
  const profiles = names.map((name) => profile(name));
  return {
    path: '/home/me/.tokencli/profiles.json',
    exists: true,
    profiles,
    broken: [],
    raw: { profiles },
    digestOf: profileDigest,
    ...more,
  };
}

function failure(act: () => unknown): [string, string, string | undefined] {
  try {
    act();
  } catch (error) {
    if (error instanceof CliError) return [error.code, error.message, error.details.hint];
    throw error;
  }
  throw new Error('it did not fail');
}

describe('selectProfile', () => {
  const two = file(['graph', 'azure'], { defaultName: 'azure' });
  it.each<[string, ProfilesFile, string | undefined, Record<string, string>, string]>([
    ['the flag first', two, 'graph', { TOKENCLI_PROFILE: 'azure' }, 'graph'],
    ['then the environment', two, undefined, { TOKENCLI_PROFILE: 'graph' }, 'graph'],
    ['then the default', two, undefined, {}, 'azure'],
    ['an empty variable says nothing', two, undefined, { TOKENCLI_PROFILE: '' }, 'azure'],
    ['then the only one', file(['one']), undefined, {}, 'one'],
    ['in any case', two, 'GRAPH', {}, 'graph'],
  ])('%s', (_, from, flag, env, name) => {
    expect(selectProfile(from, { flag, env }).name).toBe(name);
  });

  it.each<[string, ProfilesFile, string | undefined, [string, string, string]]>([
    [
      'none there',
      file([]),
      undefined,
      ['profile_not_found', 'there is no profile yet', 'tokencli config create'],
    ],
    [
      'none there, one named',
      file([]),
      'x',
      ['profile_not_found', "there is no profile 'x'", 'tokencli config create'],
    ],
    [
      'several, none named',
      file(['graph', 'azure']),
      undefined,
      [
        'usage',
        'which profile? there are graph, azure',
        'name one with -p NAME, or set TOKENCLI_PROFILE',
      ],
    ],
    [
      'a typing mistake',
      file(['graph', 'azure']),
      'grahp',
      [
        'profile_not_found',
        "there is no profile 'grahp'; did you mean 'graph'?",
        'tokencli config list',
      ],
    ],
    [
      'nothing like it',
      file(['graph']),
      'production',
      ['profile_not_found', "there is no profile 'production'", 'tokencli config list'],
    ],
    [
      'a default that is gone',
      file(['graph'], { defaultName: 'gone' }),
      undefined,
      ['profile_not_found', "there is no profile 'gone'", 'tokencli config list'],
    ],
    [
      'a broken one',
      file(['graph'], { broken: [{ index: 1, name: 'Bad', problems: ['a: b', 'c: d'] }] }),
      'bad',
      [
        'invalid_data',
        "profile 'bad' is not valid: a: b; c: d",
        'edit /home/me/.tokencli/profiles.json',
      ],
    ],
    [
      'nothing but a broken one',
      file([], { broken: [{ index: 0, problems: ['profiles[0].name: is missing'] }] }),
      undefined,
      [
        'invalid_data',
        'profile is not valid: profiles[0].name: is missing',
        'edit /home/me/.tokencli/profiles.json',
      ],
    ],
  ])('%s', (_, from, flag, expected) => {
    expect(failure(() => selectProfile(from, { flag, env: {} }))).toEqual(expected);
  });

  it('a good profile beside a broken one is used', () => {
    const from = file(['graph'], { broken: [{ index: 1, name: 'bad', problems: ['x'] }] });
    expect(selectProfile(from, { flag: 'graph', env: {} }).name).toBe('graph');
  });
});

describe('resolveSettings', () => {
  const settings = (fields: object, flags = {}, env = {}) =>
    resolveSettings(profile('p', fields), flags, env);

  it('flag over TOKENCLI over AZURE over profile, with the name of the source', () => {
    const azure = { AZURE_CLIENT_ID: 'a', AZURE_TENANT_ID: 'a.example' };
    const ours = { ...azure, TOKENCLI_CLIENT_ID: 't', TOKENCLI_TENANT_ID: 't.example' };
    const flags = { clientId: 'f', tenant: 'f.example' };
    const ids = (...args: Parameters<typeof settings>) => {
      const { clientId, tenantId } = settings(...args);
      return [clientId, tenantId];
    };
    expect(ids({}, flags, ours)).toEqual([
      { value: 'f', source: 'flag' },
      { value: 'f.example', source: 'flag' },
    ]);
    expect(ids({}, {}, ours)).toEqual([
      { value: 't', source: 'TOKENCLI_CLIENT_ID' },
      { value: 't.example', source: 'TOKENCLI_TENANT_ID' },
    ]);
    expect(ids({}, {}, azure)).toEqual([
      { value: 'a', source: 'AZURE_CLIENT_ID' },
      { value: 'a.example', source: 'AZURE_TENANT_ID' },
    ]);
    expect(ids({}, {}, { AZURE_CLIENT_ID: '' })).toEqual([
      { value: 'client-p', source: 'profile' },
      { value: TENANT, source: 'profile' },
    ]);
    expect(ids({ tenantId: undefined })[1]).toEqual({ value: 'common', source: 'default' });
  });

  it.each<[string, object, object, object]>([
    ['scope', { scope: 'a b' }, {}, { value: ['a b'], source: 'profile' }],
    ['scopes', { scopes: ['a', 'b'] }, {}, { value: ['a', 'b'], source: 'profile' }],
    ['both', { scopes: ['a'], scope: 'b' }, {}, { value: ['a', 'b'], source: 'profile' }],
    ['the flag', { scope: 'a' }, { scope: ['x'] }, { value: ['x'], source: 'flag' }],
    ['none', {}, {}, { value: ['https://graph.microsoft.com/.default'], source: 'default' }],
  ])('scopes: %s', (_, fields, flags, expected) => {
    expect(settings(fields, flags).scopes).toEqual(expected);
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['no credential', {}, {}, 'InteractiveBrowser'],
    ['a secret', { credentials: [REF] }, {}, 'ClientCredentials'],
    ['a certificate', { certificatePath: '/c.pem' }, {}, 'ClientCredentials'],
    ['a secret in the environment', {}, { TOKENCLI_CLIENT_SECRET: 's' }, 'ClientCredentials'],
    ['a certificate there', {}, { AZURE_CLIENT_CERTIFICATE_PATH: 'c' }, 'ClientCredentials'],
    ['an empty variable', {}, { TOKENCLI_CLIENT_SECRET: '' }, 'InteractiveBrowser'],
    [
      'a password alone',
      { credentials: [{ ...REF, kind: 'certificatePassword' }] },
      {},
      'InteractiveBrowser',
    ],
    ['delegated scopes', { credentials: [REF], scope: 'User.Read' }, {}, 'InteractiveBrowser'],
    [
      'two scopes',
      { credentials: [REF], scope: 'api://a/.default api://b/.default' },
      {},
      'InteractiveBrowser',
    ],
    [
      'common, which that flow then refuses',
      { credentials: [REF], tenantId: 'common' },
      {},
      'ClientCredentials',
    ],
    ['another issuer', { protocol: 'oidc' }, {}, 'InteractiveBrowser'],
    [
      'any scope elsewhere',
      { credentials: [REF], protocol: 'oidc', scope: 'orders' },
      {},
      'ClientCredentials',
    ],
  ])('default flow with %s', (_, fields, env, value) => {
    expect(settings(fields, {}, env).flow).toEqual({ value, source: 'default' });
  });

  it('the flow of the profile, in any spelling, and the flag', () => {
    expect(settings({ flow: 'device-code' }).flow).toEqual({
      value: 'DeviceCode',
      source: 'profile',
    });
    expect(settings({ flow: 'device-code' }, { flow: 'client-credentials' }).flow).toEqual({
      value: 'ClientCredentials',
      source: 'flag',
    });
    expect(failure(() => settings({}, { flow: 'magic' }))[0]).toBe('usage');
  });

  it('the rest comes from the profile or is a default', () => {
    expect(settings({ caFile: '/ca.pem', sendX5c: true, cloud: 'china' })).toMatchObject({
      caFile: { value: '/ca.pem', source: 'profile' },
      sendX5c: { value: true, source: 'profile' },
      cloud: { value: 'china', source: 'profile' },
      protocol: { value: 'entra', source: 'default' },
      thumbprint: { value: 'sha256', source: 'default' },
    });
    expect(settings({})).not.toHaveProperty('authority');
  });
});

it.each([
  ['grahp', 'graph'],
  ['gra', 'graph'],
  ['GRAPH1', 'graph'],
  ['g', undefined],
  ['xxxxx', undefined],
  ['azzure', 'azure'],
])('the name closest to %s is %s', (typed, meant) => {
  expect(closestName(typed, ['azure', 'graph'])).toBe(meant);
});
