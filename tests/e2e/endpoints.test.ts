import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findIn } from '../support/canaries.ts';
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
  for (const name of ['cache', 'endpoints']) rmSync(own(name), { recursive: true, force: true });
  idp.seen.length = 0;
  hasMoved = false;
  rotation = startRotation(true);
  const common = {
    ...{ clientId: 'client', tenantId: 'contoso.example', authority: idp.origin },
    ...{ caFile: stage.caFile, scopes: ['api://orders/.default'] },
  };
  const person = { name: 'person', ...common, flow: 'InteractiveBrowser' };
  stage.writeProfiles({ profiles: [{ name: 'app', ...common }, person] });
  const { current } = rotation;
  const { home } = stage;
  const { origin } = idp;
  await signIn({ home, storeKey: STORE_KEY, profile: person, origin, refreshToken: current });
});

function own(...path: string[]): string {
  return join(stage.home, '.tokencli', ...path);
}

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

const endpointFiles = () => {
  const names = existsSync(own('endpoints')) ? readdirSync(own('endpoints')) : [];
  return names.map((name) => own('endpoints', name));
};

describe('an authority whose endpoints are not known beforehand', () => {
  it('is asked about them by the first process alone', async () => {
    expect(await force()).toMatchObject({ code: 0, err: '' });
    expect(sent()).toEqual([GET, POST]);
    expect(await force()).toMatchObject({ code: 0, err: '' });
    expect(sent()).toEqual([POST]);
    expect(await run('refresh', '-p', 'person')).toMatchObject({ code: 0 });
    expect(sent()).toEqual([POST]);
    const [path = '', ...others] = endpointFiles();
    expect([others, statSync(path).mode & 0o777]).toEqual([[], 0o600]);
    expect(statSync(own('endpoints')).mode & 0o777).toBe(0o700);
    const secrets = [SECRET, STORE_KEY, rotation.current];
    expect(findIn('endpoints', readFileSync(path), secrets)).toEqual([]);
  });

  it('is asked each time with --no-cache, which leaves nothing behind', async () => {
    const call = () => run('get-token', '-p', 'app', '--silent', '--no-cache');
    for (const _time of [1, 2]) {
      expect((await call()).code).toBe(0);
      expect(sent()).toEqual([GET, POST]);
    }
    expect(existsSync(own('endpoints'))).toBe(false);
    await force();
    expect(sent()).toEqual([GET, POST]);
    await call();
    expect(sent()).toEqual([GET, POST]);
  });

  it('is asked each time where it cannot be remembered, which nobody needs to know', async () => {
    writeFileSync(own('endpoints'), 'not a folder');
    for (const _time of [1, 2]) {
      expect(await force()).toMatchObject({ code: 0, err: '' });
      expect(sent()).toEqual([GET, POST]);
    }
    const call = ['get-token', '-p', 'app', '--force-refresh'];
    expect((await run(...call)).err).not.toContain('endpoints');
    expect((await run(...call, '--debug')).err).toContain('endpoints: not remembered');
  });

  it('is looked for again when it has moved, and no refresh token is spent twice', async () => {
    await run('refresh', '-p', 'person');
    hasMoved = true;
    sent();
    expect(await run('refresh', '-p', 'person')).toMatchObject({ code: 0 });
    expect(sent()).toEqual([POST, GET, `POST ${MOVED}`]);
    expect(await run('refresh', '-p', 'person')).toMatchObject({ code: 0 });
    expect(sent()).toEqual([`POST ${MOVED}`]);
    expect(await force()).toMatchObject({ code: 0, err: '' });
    expect(sent()).toEqual([`POST ${MOVED}`]);
    expect([rotation.requests, rotation.reuses]).toEqual([3, 0]);
  });
});

describe('doctor', () => {
  it('asks afresh, whatever is remembered', async () => {
    await force();
    sent();
    expect((await run('doctor', '-p', 'app', '--json')).code).toBe(0);
    expect(sent()).toEqual([GET]);
  });

  it('closes the files to others, and removes what killed processes left', async () => {
    await force();
    const [path = ''] = endpointFiles();
    const leftover = own('endpoints', '.x.endpoints.0123456789ab.tmp');
    writeFileSync(leftover, 'half', { mode: 0o600 });
    utimesSync(leftover, 1, 1);
    chmodSync(path, 0o644);
    chmodSync(own('endpoints'), 0o755);
    const { code, out } = await run('doctor', '-p', 'app', '--json');
    expect(code).toBe(10);
    expect(JSON.parse(out).home.detail).toMatch(/2 of its files and folders .*; 1 temporary files/);
    expect((await run('doctor', '-p', 'app', '--fix')).code).toBe(0);
    expect(endpointFiles()).toEqual([path]);
    expect([path, own('endpoints')].map((each) => statSync(each).mode & 0o777)).toEqual([
      0o600, 0o700,
    ]);
  });
});
