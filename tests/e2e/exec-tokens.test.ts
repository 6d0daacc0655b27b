import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBelow, findIn, makeCanary, watchProcesses } from '../support/canaries.ts';
import { type ExecSession, startExec } from '../support/exec-session.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { sendRaw } from '../support/raw-http.ts';
import { type Rotation, signIn, startRotation } from '../support/signed-in.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createTestCa } from '../support/tls.ts';

const GRAPH = 'https://graph.microsoft.com';
const VAULT = 'https://vault.azure.net';
const STORE_KEY = Buffer.from(makeCanary().slice(0, 32)).toString('base64');
const ENV = { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY };
const CLIENT = '11111111-2222-4333-8444-555555555555';
const stored = makeCanary('-');
const tls = createTestCa();

let stage: Stage;
let idp: FakeIdp;
let rotation: Rotation;
let session: ExecSession | undefined;

beforeEach(async () => {
  stage = setStage(ENV, tls);
  rotation = startRotation(true);
  idp = await startFakeIdp({ tls, handler: rotation.handle });
  const where = ['--authority', idp.origin, '--ca-file', stage.caFile];
  const who = ['--name', 'app', '--client-id', CLIENT, '--tenant-id', 'contoso.example'];
  const secret = ['--client-secret-stdin', '--force'];
  const made = await stage.run(['config', 'create', ...who, ...where, ...secret], {
    input: stored,
  });
  expect(made.code).toBe(0);
});
afterEach(async () => {
  await session?.end();
  session = undefined;
  await idp.close();
  stage.remove();
});

async function start(args: readonly string[], env: object = {}): Promise<ExecSession> {
  session = await startExec(args, { home: stage.home, env: { ...ENV, ...env } });
  return session;
}

describe('a program of an application', () => {
  it('is served from the cache, and 200 askers at once by one request', async () => {
    const { ask, env } = await start(['-p', 'app']);
    expect(idp.tokenRequests()).toHaveLength(1);
    const own = await ask(GRAPH);
    expect(own).toMatchObject({ status: 200, json: { resource: GRAPH, client_id: CLIENT } });
    expect(Number(own.json.expires_on) - Date.now() / 1000).toBeGreaterThan(3500);
    expect(idp.tokenRequests()).toHaveLength(1);
    const all = await Promise.all(Array.from({ length: 200 }, () => ask(VAULT)));
    expect(all.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(all.map(({ json }) => json.access_token)).size).toBe(1);
    expect(idp.tokenRequests().map(({ body }) => body['scope'])).toEqual([
      `${GRAPH}/.default`,
      `${VAULT}/.default`,
    ]);
    const again = await stage.run(['get-token', '-p', 'app', '--silent', '--resource', VAULT]);
    expect(again.out).toBe(`${all[0]?.json.access_token}\n`);
    expect(env['TOKENCLI_EXEC']).toBe('app');
  });

  it('gets tokens with the new secret after a rotation, and none without the profile', async () => {
    const { ask } = await start(['-p', 'app']);
    const before = await ask(GRAPH);
    const edit = ['config', 'edit', '-p', 'app', '--client-secret-stdin'];
    expect((await stage.run(edit, { input: 'another secret 0123456789' })).code).toBe(0);
    const after = await ask(GRAPH);
    expect(after.json.access_token).not.toBe(before.json.access_token);
    expect(idp.tokenRequests().at(-1)?.body['client_secret']).toBe('another secret 0123456789');
    expect((await stage.run(['config', 'delete', '-p', 'app', '--force'])).code).toBe(0);
    expect(await ask(GRAPH)).toMatchObject({ status: 400, json: { error: 'profile_not_found' } });
  });

  it('is served though it offers HTTP/2, as the client of Java does', async () => {
    const { env, port } = await start(['-p', 'app']);
    const head = [
      `GET /msi/token?resource=${GRAPH} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
      `X-IDENTITY-HEADER: ${env['IDENTITY_HEADER']}`,
    ];
    const reply = await sendRaw(port, Buffer.from(`${head.join('\r\n')}\r\n\r\n`));
    expect(reply).toMatch(/^HTTP\/1\.1 200 .*"access_token"/s);
  });

  it('reads the reason where there is no token, with status 400, and may ask again', async () => {
    const { ask } = await start(['-p', 'app', '--lazy']);
    expect(idp.tokenRequests()).toHaveLength(0);
    idp.script.push('reset', 'reset', 'reset');
    const failed = await ask(GRAPH);
    expect([failed.status, failed.json.error]).toEqual([400, 'network']);
    expect(failed.json.message).toContain('localhost');
    expect((await ask(GRAPH)).status).toBe(200);
    const error = 'invalid_resource';
    const text = 'AADSTS500011: The resource principal was not found in the tenant.';
    const body = { error, error_description: text, error_codes: [500011] };
    idp.script.push({ status: 400, headers: { 'content-type': 'application/json' }, body });
    const permission = await ask(`${GRAPH}/User.Read`);
    expect([permission.status, permission.json.error]).toEqual([400, error]);
    expect(permission.json.message).toContain('programs can ask for RESOURCE/.default only');
    for (const wrong of ['two words', `${GRAPH}/.default`]) {
      const { status, json } = await ask(wrong);
      expect([status, json.error]).toEqual([400, 'invalid_resource']);
      expect(json.message).toContain(`'${wrong}' is not one resource`);
    }
  });

  it('reads what a server says without its control sequences', async () => {
    const { ask } = await start(['-p', 'app', '--lazy']);
    const evil = '\u001b]0;owned\u0007\u001b[2J\u202e';
    const body = { error: `bad${evil}`, error_description: `no${evil}`, correlation_id: evil };
    const headers = { 'content-type': 'application/json' };
    idp.script.push({ status: 400, headers, body });
    const { json } = await ask(GRAPH);
    expect(json.message).toContain('no\\x1b]0;owned\\x07');

    expect(JSON.stringify(json)).not.toMatch(/\\u0|\u202e/);
  });

  it('gets a token of five minutes more than once', async () => {
    const answer = (token: string) => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { access_token: token, token_type: 'Bearer', expires_in: 300 },
    });
    idp.script.push(answer('one'), answer('two'));
    const { ask } = await start(['-p', 'app']);
    const asked = [GRAPH, VAULT, GRAPH, VAULT, GRAPH, VAULT];
    const tokens: string[] = [];
    for (const resource of asked) tokens.push((await ask(resource)).json.access_token);
    expect(tokens).toEqual(['one', 'two', 'one', 'two', 'one', 'two']);
    expect(idp.tokenRequests()).toHaveLength(2);
  });

  it('may end while a token is under way, which is saved all the same', async () => {
    const { ask, end } = await start(['-p', 'app', '--lazy']);
    idp.script.push({ delay: 500 });
    const unanswered = ask(GRAPH).catch(() => 'unanswered');
    while (idp.tokenRequests().length === 0) await pause(10);
    expect(await end()).toBe(0);
    expect(await unanswered).toBe('unanswered');
    expect((await stage.run(['get-token', '-p', 'app', '--silent'])).code).toBe(0);
    expect(idp.tokenRequests()).toHaveLength(1);
  });

  it('is held to --allow and the own resource of the profile', async () => {
    const { ask } = await start(['-p', 'app', '--allow', VAULT, '--lazy']);
    for (const resource of [VAULT, `${VAULT}/`, GRAPH, '00000003-0000-0000-c000-000000000000']) {
      expect([resource, (await ask(resource)).status]).toEqual([resource, 200]);
    }
    const refused = await ask('https://management.azure.com/');
    expect([refused.status, refused.json.error]).toEqual([403, 'access_denied']);
    expect(refused.json.message).toContain('--allow https://management.azure.com/');
    expect(idp.tokenRequests()).toHaveLength(4);
  });

  it('needs no store', async () => {
    const none = { TOKENCLI_STORE_KEY: undefined, TOKENCLI_CLIENT_SECRET: stored };
    const { ask, err } = await start(['-p', 'app'], none);
    const first = await ask(VAULT);
    expect(first.status).toBe(200);
    expect(await ask(VAULT)).toEqual(first);
    expect(idp.tokenRequests()).toHaveLength(2);
    expect(err()).toBe('');
  });
});

describe('a program of a person', () => {
  it('gets tokens by the refresh token, and after a logout the command to run', async () => {
    const profile = {
      ...{ name: 'person', clientId: CLIENT, tenantId: 'contoso.example', authority: idp.origin },
      ...{ caFile: stage.caFile, flow: 'InteractiveBrowser' },
    };
    stage.writeProfiles({ profiles: [profile] });
    const { origin } = idp;
    const refreshToken = rotation.current;
    await signIn({ home: stage.home, storeKey: STORE_KEY, profile, origin, refreshToken });
    const { ask } = await start([]);
    const all = await Promise.all([GRAPH, VAULT, GRAPH, VAULT].map(ask));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect([rotation.requests, rotation.reuses]).toEqual([2, 0]);
    expect((await stage.run(['logout', '-p', 'person'])).code).toBe(0);
    const { status, json } = await ask(VAULT);
    expect([status, json.error]).toEqual([400, 'interaction_required']);
    expect(json.message).toContain(`tokencli get-token -p person --resource ${VAULT}`);
  });
});

describe('no secret', () => {
  it('is in the environment or the command line of the program, nor logged', async () => {
    const fromEnv = makeCanary();
    const secrets = [stored, fromEnv, STORE_KEY];
    const { ask, env, pid, err, tokencli } = await start(['-p', 'app', '--debug'], {
      AZURE_CLIENT_SECRET: fromEnv,
      TOKENCLI_CLIENT_SECRET: fromEnv,
    });
    const watched = watchProcesses(pid, secrets);
    const token = (await ask(VAULT)).json.access_token;
    const environ = readFileSync(`/proc/${pid}/environ`);
    expect(findIn('environ', environ, [...secrets, token])).toEqual([]);
    const own = await stage.run(['get-token', '-p', 'app', '--silent'], {
      env: { TOKENCLI_CLIENT_SECRET: fromEnv },
    });
    expect(environ.includes(own.out.trim())).toBe(false);
    expect(watched.stop().found).toEqual([]);
    const keys = [env['IDENTITY_HEADER'] ?? '', new URL(env['MSI_ENDPOINT'] ?? '').pathname];
    expect(findIn('stderr', err(), [...secrets, ...keys, token])).toEqual([]);
    expect(findIn('cmdline', readFileSync(`/proc/${tokencli.pid}/cmdline`), keys)).toEqual([]);
    expect(findBelow(join(stage.home, '.tokencli'), [...secrets, ...keys, token])).toEqual([]);
  });

  it('nor is the variable that the profile refers to', async () => {
    const common = { clientId: CLIENT, tenantId: 'contoso.example', caFile: stage.caFile };
    const clientSecretFrom = { env: 'VAULTED' };
    const profile = { name: 'vaulted', ...common, authority: idp.origin, clientSecretFrom };
    stage.writeProfiles({ profiles: [profile] });
    const { env, ask } = await start([], { VAULTED: stored });
    expect(env).not.toHaveProperty('VAULTED');
    expect((await ask(VAULT)).status).toBe(200);
    expect(idp.tokenRequests().at(-1)?.body['client_secret']).toBe(stored);
  });

  it('but the token in the variable that was asked for', async () => {
    const { pid, env } = await start(['-p', 'app', '--env', 'PGPASSWORD', '--env', 'AT=expires']);
    const own = await stage.run(['get-token', '-p', 'app', '--silent']);
    expect(env).toMatchObject({
      PGPASSWORD: own.out.trim(),
      AT: expect.stringMatching(/^\d{10}$/),
    });
    const environ = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    expect(environ.filter((line) => line.includes(own.out.trim()))).toHaveLength(1);
  });
});
