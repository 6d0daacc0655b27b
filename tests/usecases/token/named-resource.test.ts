import { expect, it } from '@jest/globals';
import type { Profile } from '../../../src/profiles/schema.ts';
import { withNamedResource } from '../../../src/usecases/token/token-request.ts';
import { appId } from '../../support/app-id.ts';

const profile: Profile = {
  name: 'app',
  clientId: appId('app'),
  tenantId: 'contoso.example',
  certificatePath: '/c.pem',
};

it.each<[name: string, fields: Partial<Profile>, env: object, uri: string]>([
  ['sql', {}, {}, 'https://database.windows.net/'],
  ['keyvault', { cloud: 'china' }, {}, 'https://vault.azure.cn'],
  [
    'arm',
    { authority: 'https://login.microsoftonline.us' },
    {},
    'https://management.usgovcloudapi.net',
  ],
  [
    'graph',
    {},
    { AZURE_AUTHORITY_HOST: 'login.partner.microsoftonline.cn', AZURE_CLIENT_SECRET: 's' },
    'https://microsoftgraph.chinacloudapi.cn',
  ],
  ['graph', { protocol: 'oidc', authority: 'https://idp.example' }, {}, 'graph'],
  ['https://host/', {}, {}, 'https://host/'],
])('knows %s in the cloud of %j with %j', async (resource, fields, env, uri) => {
  const given = { ...profile, ...fields };
  expect(await withNamedResource(given, { resource }, { ...env })).toEqual({ resource: uri });
});
