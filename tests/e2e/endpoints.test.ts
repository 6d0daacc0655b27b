import { rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, type Seen, startFakeIdp } from '../support/fake-idp.ts';
import { type Rotation, signIn, startRotation } from '../support/signed-in.ts';
import { type Stage, setStage } from '../support/stage.ts';

const STORE_KEY = Buffer.alloc(32, 7).toString('base64');
const SECRET = 'secretOfTheTests0123456789';
const GET = 'GET /contoso.example/v2.0/.well-known/openid-configuration';
const POST = 'POST /contoso.example/oauth2/v2.0/token';
const MOVED = '/contoso.example/moved/token';

let stage: Stage;
let idp: FakeIdp;
let rotation: Rotation;
let hasMoved: boolean;

beforeAll(async () => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY });
  idp = await startFakeIdp({ tls: stage.tls, handler: answer });
});
afterAll(async () => {
  await idp?.close();
  stage?.remove();
});

beforeEach(async () => {
  const { home } = stage;
  const { origin } = idp;
  rmSync(join(home, '.tokencli', 'cache'), { recursive: true, force: true });
  idp.seen.length = 0;
  hasMoved = false;
  rotation = startRotation(true);
  const common = {
    ...{ clientId: appId('client'), tenantId: 'contoso.example', authority: origin },
    ...{ caFile: stage.caFile, scopes: ['api://orders/.default'] },
  };
  const person = { name: 'person', ...common, flow: 'InteractiveBrowser' };
  stage.writeProfiles({ profiles: [{ name: 'app', ...common }, person] });
  const { current: refreshToken } = rotation;
  await signIn({ home, storeKey: STORE_KEY, profile: person, origin, refreshToken });
});

function answer(seen: Seen, response: ServerResponse): boolean {
  const { method, url } = seen;
  if (hasMoved && method === 'GET') {
    const at = `${idp.origin}/contoso.example`;
    const [issuer, jwks_uri] = [`${at}/v2.0`, `${at}/keys`];
    const token_endpoint = `${idp.origin}${MOVED}`;
    const body = { issuer, jwks_uri, token_endpoint, authorization_endpoint: `${at}/authorize` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  }
  if (hasMoved && !url.startsWith(MOVED)) {
    response.writeHead(404).end();
    return true;
  }
  return rotation.handle(seen, response);
}

const run = (...args: string[]) =>
  stage.run(args, {
    env: args.includes('app') ? { TOKENCLI_CLIENT_SECRET: SECRET } : {},
  });
const force = () => run('get-token', '-p', 'app', '--silent', '--force-refresh');

/** The requests since it was last asked. */
function sent(): string[] {
  return idp.seen.splice(0).map(({ method, url }) => `${method} ${url.split('?')[0]}`);
}

describe('an authority whose endpoints are not known beforehand', () => {
  it('is asked about them before each token request, and for a cached token not at all', async () => {
    for (const _time of [1, 2]) {
      expect(await force()).toMatchObject({ code: 0, err: '' });
      expect(sent()).toEqual([GET, POST]);
    }
    expect(await run('refresh', '-p', 'person')).toMatchObject({ code: 0 });
    expect(sent()).toEqual([GET, POST]);
    expect(await run('get-token', '-p', 'app', '--silent')).toMatchObject({ code: 0, err: '' });
    expect(sent()).toEqual([]);
  });

  it('may move its endpoints, and no refresh token is spent twice', async () => {
    await run('refresh', '-p', 'person');
    hasMoved = true;
    sent();
    expect(await run('refresh', '-p', 'person')).toMatchObject({ code: 0 });
    expect(sent()).toEqual([GET, `POST ${MOVED}`]);
    expect(await force()).toMatchObject({ code: 0, err: '' });
    expect(sent()).toEqual([GET, `POST ${MOVED}`]);
    expect([rotation.requests, rotation.reuses]).toEqual([2, 0]);
  });

  it('is asked by doctor about nothing else', async () => {
    expect((await run('doctor', '-p', 'app', '--json')).code).toBe(0);
    expect(sent()).toEqual([GET]);
  });
});
