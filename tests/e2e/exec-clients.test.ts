import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ROOT } from '../support/built-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';

const CLIENT = '11111111-2222-4333-8444-555555555555';
const SECRET = 'a secret for the tests 0123456789';
const ENV = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
  TOKENCLI_CLIENT_SECRET: SECRET,
  // the programs name their identity in production, and a proxy that would answer for loopback
  AZURE_CLIENT_ID: CLIENT,
  HTTP_PROXY: 'http://127.0.0.1:9',
};
const LIBRARIES = [
  'DefaultAzureCredential',
  'ManagedIdentityCredential',
  'ManagedIdentityApplication',
];

let stage: Stage;
let idp: StandIn;

beforeAll(async () => {
  stage = setStage(ENV);
  idp = await startStandIn({ tls: stage.tls, clients: [{ id: CLIENT, secret: SECRET }] });
  const { caFile } = stage;
  const common = { clientId: CLIENT, tenantId: idp.tenant, authority: idp.origin, caFile };
  stage.writeProfiles({ profiles: [{ name: 'app', ...common }] });
});
afterAll(async () => {
  await idp.close();
  stage.remove();
});

async function askWith(without: readonly string[], resource: string) {
  const unset = ['env', ...without.flatMap((name) => ['-u', name])];
  const clients = [process.execPath, `${ROOT}/tests/support/exec-clients.mjs`, resource];
  const { out, err, code } = await stage.run(['exec', '-p', 'app', '--', ...unset, ...clients]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Record<
    string,
    { token?: string; error?: string; milliseconds: number }
  >;
}

const APP_SERVICE = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'];
const CLOUD_SHELL = ['MSI_ENDPOINT', 'MSI_SECRET'];

it.each([
  { protocol: 'App Service 2019', without: [] },
  { protocol: 'App Service 2017', without: APP_SERVICE },
  // there a client id is refused by the library itself
  { protocol: 'Cloud Shell', without: [...APP_SERVICE, 'MSI_SECRET', 'AZURE_CLIENT_ID'] },
  { protocol: 'IMDS', without: [...APP_SERVICE, ...CLOUD_SHELL] },
])('serves the identity libraries by $protocol, all with the same token', async ({ without }) => {
  const results = await askWith(without, 'https://graph.microsoft.com');
  expect(Object.keys(results)).toEqual(LIBRARIES);
  const tokens = Object.values(results).map(({ token, error }) => token ?? error);
  expect(tokens).toEqual(LIBRARIES.map(() => idp.issued[0]));
  expect(idp.issued).toHaveLength(1);
});

it('lets them show our message, and soon', async () => {
  const results = await askWith([], 'https://nowhere.example');
  for (const { error, milliseconds } of Object.values(results)) {
    expect(error).toContain('AADSTS500011');
    expect(milliseconds).toBeLessThan(5000);
  }
});
