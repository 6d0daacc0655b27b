import { describe, expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import type { Profile } from '../../src/profiles/schema.ts';
import { resolveSettings } from '../../src/profiles/settings.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const REF = { id: 'ab'.repeat(16), kind: 'clientSecret', store: 'keyring' } as const;

function profile(name: string, fields: object = {}): Profile {
  return { name, clientId: `client-${name}`, tenantId: TENANT, ...fields };
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
    ['delegated scopes', { credentials: [REF], scope: 'User.Read' }, {}, 'ClientCredentials'],
    [
      'two scopes',
      { credentials: [REF], scope: 'api://a/.default api://b/.default' },
      {},
      'ClientCredentials',
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
