import { describe, expect, it } from '@jest/globals';
import { CliError } from '../../../src/core/errors.ts';
import type { Profile } from '../../../src/profiles/schema.ts';
import { resolveTokenRequest } from '../../../src/usecases/token/token-request.ts';
import { appId } from '../../support/app-id.ts';

const GRAPH = 'https://graph.microsoft.com/.default';
const profile: Profile = {
  name: 'app',
  clientId: appId('the-app'),
  tenantId: 'contoso.example',
  certificatePath: '/c.pem',
};

/** Of the form of a client secret of Entra. */
const SECRET = `abc8Q~${'x'.repeat(34)}`;

type Args = Parameters<typeof resolveTokenRequest>[1];

function failure(fields: Partial<Profile>, args: Args, env = {}): [string, string] {
  try {
    resolveTokenRequest({ ...profile, ...fields }, args, {}, env);
  } catch (error) {
    if (error instanceof CliError) return [error.code, error.message];
    throw error;
  }
  throw new Error('it did not fail');
}

describe('resolveTokenRequest', () => {
  it('says which token of whom', () => {
    expect(resolveTokenRequest(profile, {}, {}, {})).toEqual({
      authority: {
        protocol: 'entra',
        url: 'https://login.microsoftonline.com/contoso.example',
        known: true,
      },
      tenantId: 'contoso.example',
      clientId: appId('the-app'),
      flow: 'ClientCredentials',
      scopes: [GRAPH],
      sendX5c: false,
      thumbprint: 'sha256',
      origins: { clientId: 'profile', tenantId: 'profile', authority: 'default' },
    });
  });

  it('takes flags before the environment before the profile', () => {
    const fields: Partial<Profile> = {
      clientCapabilities: ['cp1'],
      loginHint: 'ada',
      sendX5c: true,
    };
    const args = { flow: 'device-code', tenant: 'other.example', 'login-hint': 'grace' };
    const env = { TOKENCLI_TENANT_ID: 'third.example', TOKENCLI_CLIENT_ID: appId('another-app') };
    expect(
      resolveTokenRequest({ ...profile, ...fields }, args, { claims: '{}' }, env),
    ).toMatchObject({
      tenantId: 'other.example',
      clientId: appId('another-app'),
      flow: 'DeviceCode',
      claims: '{}',
      capabilities: ['cp1'],
      loginHint: 'grace',
      sendX5c: true,
    });
  });

  it('sends the scope of a resource as it was built, and others one by one', () => {
    const scopesFor = (args: Args) => resolveTokenRequest(profile, args, {}, {}).scopes;
    expect(scopesFor({ resource: 'https://a.example/' })).toEqual(['https://a.example//.default']);
    const flow = 'InteractiveBrowser';
    expect(scopesFor({ flow, scope: ['User.Read Mail.Read', 'openid'] })).toEqual([
      'User.Read',
      'Mail.Read',
      'openid',
    ]);
  });

  it.each<[string, Partial<Profile>, Args, object, string]>([
    ['a typed tenant', {}, { tenant: 'a b' }, {}, 'usage'],
    ['a tenant of the environment', {}, {}, { AZURE_TENANT_ID: 'a b' }, 'usage'],
    ['a stored tenant', { tenantId: 'a b' }, {}, {}, 'invalid_data'],
    ['a typed scope', {}, { flow: 'ClientCredentials', scope: ['User.Read'] }, {}, 'usage'],
    ['a stored scope', { scope: 'User.Read' }, { flow: 'ClientCredentials' }, {}, 'invalid_data'],
    ['a typed flow', {}, { flow: 'Implicit' }, {}, 'usage'],
    ['a shared tenant', {}, { tenant: 'common' }, {}, 'usage'],
    ['a secret for a client id', {}, {}, { TOKENCLI_CLIENT_ID: SECRET }, 'usage'],
    ['a stored secret for a client id', { clientId: SECRET }, {}, {}, 'invalid_data'],
    ['a secret for a tenant', {}, {}, { AZURE_TENANT_ID: SECRET }, 'usage'],
    ['no host', {}, {}, { AZURE_TENANT_ID: 'a.example', AZURE_AUTHORITY_HOST: SECRET }, 'usage'],
    ['no tenant', { tenantId: undefined }, {}, {}, 'invalid_data'],
  ])('%s that is wrong is a mistake of who said it', (_, fields, args, env, code) => {
    const [found, message] = failure(fields, args, env);
    expect(found).toBe(code);
    expect(message.startsWith("profile 'app': ")).toBe(code === 'invalid_data');
    expect(message).not.toContain(SECRET);
  });
});

describe('a daemon opens no browser', () => {
  const resolve = (scope: string, args: Args = {}) =>
    resolveTokenRequest({ ...profile, scope }, args, {}, {});

  it.each(['https://graph.microsoft.com/.Default', 'API://orders/.DEFAULT'])(
    'the case of %s does not matter',
    (scope) => {
      expect(resolve(scope)).toMatchObject({ flow: 'ClientCredentials', scopes: [scope] });
    },
  );

  it.each([
    'User.Read',
    'https://graph.microsoft.com/.defualt',
    'https://graph.microsoft.com./default',
    'https://graph.microsoft.com/default',
    'https://graph.microsoft.com/.default User.Read',
  ])('%s is refused, with the scope and the flow that may be meant', (scope) => {
    const last = scope.split(' ').at(-1);
    for (const args of [{}, { scope: [scope] }]) {
      try {
        resolve(scope, args);
        throw new Error('it did not fail');
      } catch (error) {
        expect((error as Error).message).toContain(last);
        expect((error as CliError).details.hint).toContain('--flow InteractiveBrowser');
      }
    }
    expect(failure({ scope }, { flow: 'ClientCredentials' })[1]).toContain(last);
  });

  it('a person may be meant, when somebody says so', () => {
    expect(resolve('User.Read', { flow: 'InteractiveBrowser' }).flow).toBe('InteractiveBrowser');
  });
});

describe('a scope without a resource is one of Microsoft Graph', () => {
  const resolve = (fields: Partial<Profile>, scope: string) =>
    resolveTokenRequest({ ...profile, ...fields }, { flow: 'DeviceCode', scope: [scope] }, {}, {});

  it.each([
    'User.Read https://graph.microsoft.com/Mail.Read',
    'User.Read openid https://graph.microsoft.us/Mail.Read',
    'User.Read https://GRAPH.microsoft.com//Mail.Read',
    'User.Read 00000003-0000-0000-c000-000000000000/Mail.Read',
    '.default offline_access',
  ])('%s is one resource', (scope) => {
    expect(resolve({}, scope).scopes).toEqual(scope.split(' '));
  });

  it.each([
    'User.Read api://orders/Orders.Read',
    'https://graph.microsoft.com/Mail.Read https://management.azure.com/user_impersonation',
    'User.Read https://graph.microsoft.com/.default',
    'User.Read .default',
    '.default openid https://graph.microsoft.com/Mail.Read',
    '/.DEFAULT User.Read',
  ])('%s is refused', (scope) => {
    expect(() => resolve({}, scope)).toThrow(CliError);
  });

  it('but not at another issuer', () => {
    const fields = { protocol: 'oidc', authority: 'https://id.example' } as const;
    expect(resolve(fields, 'orders api://x/y').scopes).toEqual(['orders', 'api://x/y']);
  });
});
