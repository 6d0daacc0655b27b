import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, type Seen, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createTestCa } from '../support/tls.ts';

const TENANT = 'contoso.example';
const GET = ['get-token', '-p', 'app', '--silent'];
const BUSY = { status: 503, headers: { 'retry-after': '3600' }, body: '<html>try later</html>' };
const tls = createTestCa();
let idp: FakeIdp;
let stage: Stage;

beforeAll(async () => {
  idp = await startFakeIdp({ tls, handler: discovery });
});
afterAll(() => idp.close());
beforeEach(() => {
  idp.seen.length = 0;
  idp.script.length = 0;
  stage = setStage(
    {
      TOKENCLI_STORE: 'file',
      TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
      TOKENCLI_CLIENT_SECRET: 'a secret for the tests',
    },
    tls,
  );
});
afterEach(() => stage.remove());

/** A generic issuer whose token endpoint begins otherwise than its name. */
function discovery({ url }: Seen, response: ServerResponse): boolean {
  if (url !== '/.well-known/openid-configuration') return false;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      issuer: idp.origin,
      authorization_endpoint: `${idp.origin}/oauth/authorize`,
      token_endpoint: `${idp.origin}/oauth/token`,
      jwks_uri: `${idp.origin}/keys`,
    }),
  );
  return true;
}

function writeProfile(more: object): void {
  const profile = {
    name: 'app',
    clientId: appId('client'),
    authority: idp.origin,
    caFile: stage.caFile,
    flow: 'ClientCredentials',
    scopes: ['api://orders/.default'],
    ...more,
  };
  stage.writeProfiles({ profiles: [profile] });
}

async function doctor(...args: string[]) {
  const { code, out } = await stage.run(['doctor', '--json', ...args]);
  return {
    code,
    network: JSON.parse(out).network as { ok: boolean; detail: string; cure: string },
  };
}

describe.each([
  ['Entra', { tenantId: TENANT }, `/${TENANT}`],
  ['a generic issuer', { protocol: 'oidc' }, '/oauth'],
])('the wait that %s asked for', (_name, more, place) => {
  beforeEach(async () => {
    writeProfile(more);
    idp.script.push(BUSY);
    expect((await stage.run(GET)).code).toBe(8);
    const before = idp.tokenRequests().length;
    const second = await stage.run(GET);
    expect([second.code, second.out]).toEqual([8, '']);
    expect(second.err).toContain('--force-refresh');
    expect(idp.tokenRequests()).toHaveLength(before);
  });

  it('is lifted by --force-refresh, for good', async () => {
    expect((await stage.run([...GET, '--force-refresh'])).code).toBe(0);
    expect((await stage.run([...GET, '--no-cache'])).code).toBe(0);
    expect((await doctor()).network.detail).not.toContain('left alone');
  });

  it('is shown by doctor and lifted by doctor --fix', async () => {
    const { network } = await doctor();
    const asked = `asked to be left alone: localhost:${idp.port}${place} until `;
    expect(network.detail).toContain(asked);
    expect(network.detail).toMatch(/until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(network.cure).toBe('tokencli doctor --fix');
    const fixed = await doctor('--fix');
    expect([fixed.code, fixed.network.ok]).toEqual([0, true]);
    expect(fixed.network.detail).toContain('(lifted: 1 wait)');
    expect((await stage.run(GET)).code).toBe(0);
  });
});
