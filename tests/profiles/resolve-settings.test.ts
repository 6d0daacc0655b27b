import { describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/profiles/resolve-settings.ts';
import type { Profile } from '../../src/profiles/schema.ts';
import { failure } from '../support/failure.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const REF = { id: 'ab'.repeat(16), kind: 'clientSecret', store: 'keyring' } as const;

function profile(name: string, fields: object = {}): Profile {
  return { name, clientId: `client-${name}`, tenantId: TENANT, ...fields };
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
    expect(settings({}).authority).toBeUndefined();
  });

  describe('the variables of the Azure SDKs', () => {
    const AZURE = {
      AZURE_CLIENT_ID: 'azure-app',
      AZURE_TENANT_ID: 'azure.example',
      AZURE_CLIENT_SECRET: 'for Microsoft alone',
    };
    const OURS = { TOKENCLI_CLIENT_ID: 'our-app', TOKENCLI_CLIENT_SECRET: 'ours' };
    const taken = (fields: object, env: Record<string, string>) => {
      const { clientId, tenantId, flow } = settings(fields, {}, env);
      return [clientId.source, tenantId.source, flow.value];
    };
    const ALL = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'ClientCredentials'];
    const NONE = ['profile', 'profile', 'InteractiveBrowser'];

    it.each<[string, object, object, string[]]>([
      ['no authority', {}, {}, ALL],
      ['a national cloud', { cloud: 'china' }, {}, ALL],
      ['a host of Microsoft', { authority: 'https://login.microsoftonline.us' }, {}, ALL],
      ['another Entra', { authority: 'https://login.other.example' }, {}, NONE],
      ['another issuer', { authority: 'https://other.example/x', protocol: 'oidc' }, {}, NONE],
      [
        'a host that only begins like one',
        { authority: 'https://login.microsoftonline.com.evil.example' },
        {},
        NONE,
      ],
      [
        'the host that they name',
        { authority: 'https://sts.example:8443' },
        { AZURE_AUTHORITY_HOST: 'https://sts.example:8443/' },
        ALL,
      ],
      [
        'another than they name',
        { authority: 'https://other.example' },
        { AZURE_AUTHORITY_HOST: 'https://sts.example' },
        NONE,
      ],
      [
        'an issuer at Microsoft, when they name another host',
        { authority: 'https://login.microsoftonline.com/t/v2.0', protocol: 'oidc' },
        { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us' },
        NONE,
      ],
    ])('apply to %s or not: all or none', (_, fields, env, expected) => {
      expect(taken(fields, { ...AZURE, ...env })).toEqual(expected);
    });

    it('ours apply to whatever the profile names', () => {
      const fields = { authority: 'https://other.example/x', protocol: 'oidc' };
      const [client, , flow] = taken(fields, { ...AZURE, ...OURS });
      expect([client, flow]).toEqual(['TOKENCLI_CLIENT_ID', 'ClientCredentials']);
    });

    it.each<[string, object, object]>([
      ['https://login.microsoftonline.us/', {}, { cloud: 'usgov' }],
      ['login.chinacloudapi.cn', {}, { cloud: 'china' }],
      ['https://login.microsoftonline.com', { cloud: 'usgov' }, { cloud: 'public' }],
      ['https://sts.example', {}, { cloud: 'public', authority: 'https://sts.example' }],
    ])('AZURE_AUTHORITY_HOST=%s takes the place of the cloud', (host, fields, expected) => {
      const { cloud, authority } = settings(fields, {}, { ...AZURE, AZURE_AUTHORITY_HOST: host });
      const found = { cloud: cloud.value, ...(authority && { authority: authority.value }) };
      expect(found).toEqual(expected);
      expect((authority ?? cloud).source).toBe('AZURE_AUTHORITY_HOST');
    });

    it('their host comes with one of them, or not at all', () => {
      const host = { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us' };
      const cloud = (env: object) => settings({}, {}, { ...host, ...env }).cloud.value;
      expect(cloud({})).toBe('public');
      expect(cloud({ AZURE_CLIENT_SECRET: 's', TOKENCLI_CLIENT_SECRET: 'ours' })).toBe('public');
      expect(cloud({ AZURE_CLIENT_SECRET: 's' })).toBe('usgov');
    });

    it.each<[string, object, object, string]>([
      ['no credential', {}, {}, 'usgov'],
      [
        'that of the same variables',
        { certificatePath: 'a.pem' },
        { AZURE_CLIENT_SECRET: 's' },
        'usgov',
      ],
      ['a variable of ours', {}, { TOKENCLI_CLIENT_SECRET: 's' }, 'public'],
      ['a file of the profile', { certificatePath: 'a.pem' }, {}, 'public'],
      ['a reference of the profile', { clientSecretFrom: { env: 'MINE' } }, {}, 'public'],
      [
        'a stored secret of the profile',
        { credentials: [{ kind: 'clientSecret', id: '0'.repeat(32), store: 'file' }] },
        {},
        'public',
      ],
    ])('their host gets no other credential than theirs: %s', (_, fields, env, expected) => {
      const host = { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us' };
      const { cloud, tenantId } = settings(fields, {}, { AZURE_TENANT_ID: 'a', ...host, ...env });
      expect([cloud.value, tenantId.value]).toEqual([expected, 'a']);
    });
  });

  it.each<[string, object, object, string]>([
    ['usgov', { cloud: 'usgov' }, {}, 'https://graph.microsoft.us/.default'],
    ['china', { cloud: 'china' }, {}, 'https://microsoftgraph.chinacloudapi.cn/.default'],
    [
      'an authority that is a cloud',
      { authority: 'https://login.chinacloudapi.cn' },
      {},
      'https://microsoftgraph.chinacloudapi.cn/.default',
    ],
    [
      'a cloud of the environment',
      {},
      { AZURE_CLIENT_ID: 'a', AZURE_AUTHORITY_HOST: 'login.microsoftonline.us' },
      'https://graph.microsoft.us/.default',
    ],
  ])('without scopes the Graph of its own cloud is meant: %s', (_, fields, env, scope) => {
    expect(settings(fields, {}, env).scopes).toEqual({ value: [scope], source: 'default' });
  });

  it('a value of a variable loses one line end and a byte order mark', () => {
    const env = { TOKENCLI_CLIENT_ID: '\ufeffapp\r\n', TOKENCLI_TENANT_ID: 'a.example\n' };
    const { clientId, tenantId } = settings({}, {}, env);
    expect([clientId.value, tenantId.value]).toEqual(['app', 'a.example']);
  });
});
