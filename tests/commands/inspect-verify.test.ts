import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { createSigningKey, type KeyServer, startKeyServer } from '../support/key-server.ts';
import { type RunOptions, runCli } from '../support/run-cli.ts';
import { startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';
import { TENANT } from '../support/tokens.ts';

const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const now = Math.floor(Date.now() / 1000);
const tls = createTestCa(['localhost', '127.0.0.1', 'login.microsoftonline.com']);
const [old, current, attacker] = [createSigningKey(), createSigningKey(), createSigningKey()];

let folder: string;
let caFile: string;
let server: KeyServer;
let issuer: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-verify-'));
  caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, tls.caPem);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  server = await startKeyServer(tls);
  issuer = `https://localhost:${server.port}/tenant`;
  server.answers.keys = () => ({ keys: [old.jwk, current.jwk] });
});
afterEach(() => server.close());

function claims(more: object = {}) {
  return { iss: issuer, aud: 'api://orders', iat: now, nbf: now, exp: now + 3600, ...more };
}

function verify(input: string, args: readonly string[] = [], options: RunOptions = {}) {
  return runCli(['inspect', '--verify', ...args], { input, caFile, ...options });
}

const trusting = (input: string, ...args: string[]) => verify(input, ['--issuer', issuer, ...args]);

describe('keys of a file', () => {
  const keysFile = (content: string | Buffer) => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, content);
    return path;
  };
  const keys = () => JSON.stringify({ keys: [old.jwk, current.jwk] });
  const byFile = (input: string, ...args: string[]) =>
    trusting(input, '--jwks', keysFile(keys()), ...args);

  it.each<[encoding: string, bytes: () => Buffer]>([
    ['UTF-8', () => Buffer.from(keys())],
    ['UTF-8 with a mark', () => Buffer.from(`\ufeff${keys()}`)],
    ['UTF-16', () => Buffer.from(`\ufeff${keys()}`, 'utf16le')],
    ['UTF-16, the other way', () => Buffer.from(`\ufeff${keys()}`, 'utf16le').swap16()],
  ])('verify a token, in %s', async (_encoding, bytes) => {
    const result = await trusting(current.token(claims()), '--jwks', keysFile(bytes()));
    expect([result.code, result.err]).toEqual([0, expect.stringContaining('✓ verified')]);
    expect(server.asked).toEqual([]);
  });

  it('come from stdin, if the token does not', async () => {
    const token = current.token(claims());
    const path = join(folder, 'token');
    writeFileSync(path, token);
    expect((await trusting(keys(), '--jwks', '-', '-f', path)).code).toBe(0);
    expect((await trusting(keys(), '--jwks', '-')).code).toBe(2);
    expect((await trusting(keys(), '--jwks', '-', '-t', '-')).code).toBe(2);
    expect((await runCli(['inspect', '--jwks', path], { input: token })).code).toBe(2);
  });

  it.each<[string, () => Promise<{ code: number | null; out: string }>, number]>([
    ['forged', () => byFile(attacker.token(claims(), { kid: current.kid })), 4],
    ['signed by a key that is not there', () => byFile(attacker.token(claims())), 4],
    ['of another issuer', () => byFile(current.token(claims({ iss: 'https://other' }))), 4],
    ['of no known issuer', () => verify(current.token(claims()), ['--jwks', keysFile(keys())]), 4],
    ['for another API', () => byFile(current.token(claims()), '--need-aud', 'x'), 4],
    ['expired', () => byFile(current.token(claims({ exp: now - 100 }))), 6],
    ['that names no key', () => byFile(current.token(claims(), { kid: undefined })), 0],
  ])('a token that is %s', async (_name, run, code) => {
    const result = await run();
    expect([result.code, result.out === '']).toEqual([code, code !== 0]);
    expect(server.asked).toEqual([]);
  });

  it('of Entra need no --issuer', async () => {
    const token = current.token(claims({ iss: ENTRA, tid: TENANT }));
    expect((await verify(token, ['--jwks', keysFile(keys())])).code).toBe(0);
  });

  it.each([
    ['no JSON', 'keys'],
    ['no set', JSON.stringify(current.jwk)],
    ['a list', '[]'],
    ['no text', Buffer.from([0x7b, 0xff, 0xff])],
    ['nothing', ''],
  ])('are refused if the file holds %s', async (_name, content) => {
    const result = await trusting(current.token(claims()), '--jwks', keysFile(content));
    expect([result.code, result.out]).toEqual([9, '']);
  });

  it('are refused if there is no file', async () => {
    expect((await trusting(current.token(claims()), '--jwks', join(folder, 'no'))).code).toBe(9);
  });
});

describe('an issuer that the user vouches for', () => {
  it('verified: the claims on stdout, the proof on stderr', async () => {
    const { code, out, err } = await trusting(current.token(claims()));
    expect([code, out]).toEqual([0, `${JSON.stringify(claims(), null, 2)}\n`]);
    expect(err).toBe(
      '✓ verified: signature (RS256), issuer and times (60s tolerance)\n' +
        'the audience was not checked: name the one you expect with --need-aud\n',
    );
  });

  it('with --json the proof is on stdout', async () => {
    const token = current.token(claims());
    const { code, out } = await trusting(token, '--json', '--silent', '--need-aud', 'api://orders');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      verified: true,
      algorithm: 'RS256',
      keyId: current.kid,
      issuer,
      audienceChecked: true,
      clockToleranceSeconds: 60,
      payload: claims(),
    });
  });

  it.each([
    ['forged', () => attacker.token(claims(), { kid: current.kid }), 4, 'forged or damaged'],
    ['for another API', () => current.token(claims({ aud: 'x' })), 4, 'another audience'],
    ['expired', () => current.token(claims({ exp: now - 100 })), 6, 'the token has expired'],
    ['not valid yet', () => current.token(claims({ nbf: now + 100 })), 6, 'not valid yet'],
    ['of another issuer', () => current.token(claims({ iss: 'https://other' })), 4, 'was asked'],
    ['no token', () => 'abc', 9, 'not a token'],
  ])('%s: its exit code, and nothing on stdout', async (_name, token, code, message) => {
    const result = await trusting(token(), '--need-aud', 'api://orders');
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(message);
  });

  it('AD FS signs access tokens under a second name, which its document tells', async () => {
    const second = 'http://localhost/adfs/services/trust';
    const token = current.token(claims({ iss: second }));
    expect(await trusting(token)).toMatchObject({ code: 4, out: '' });
    const { discovery } = server.answers;
    server.answers.discovery = (base) => ({
      ...(discovery(base) as object),
      access_token_issuer: second,
    });
    expect(await trusting(token)).toMatchObject({ code: 0 });
    expect(await trusting(attacker.token(claims({ iss: second })))).toMatchObject({ code: 4 });
    expect(await trusting(current.token(claims({ iss: `${second}x` })))).toMatchObject({ code: 4 });
  });

  it('an old key and a new one verify while both are published, then only the new one', async () => {
    expect((await trusting(old.token(claims()))).code).toBe(0);
    expect((await trusting(current.token(claims()))).code).toBe(0);
    server.answers.keys = () => ({ keys: [current.jwk] });
    expect((await trusting(current.token(claims()))).code).toBe(0);
    const gone = await trusting(old.token(claims()));
    expect([gone.code, gone.out]).toEqual([4, '']);
    expect(gone.err).toContain(`its issuer has no key ${old.kid}`);
  });

  it('a key that appears only after the first fetch is found', async () => {
    server.answers.keys = (times) => ({ keys: times === 0 ? [old.jwk] : [old.jwk, current.jwk] });
    expect((await trusting(current.token(claims()))).code).toBe(0);
    expect(server.asked.filter((line) => line === 'localhost /keys')).toHaveLength(2);
  });

  it('keys and addresses in the header of the token are ignored', async () => {
    const elsewhere = await startKeyServer(tls);
    elsewhere.answers.keys = () => ({ keys: [attacker.jwk] });
    const url = `https://localhost:${elsewhere.port}/keys`;
    const token = attacker.token(claims(), { jwk: attacker.jwk, jku: url, x5u: url });
    try {
      expect((await trusting(token)).code).toBe(4);
      expect(elsewhere.asked).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });
});

describe('keys out of reach: exit 8', () => {
  it('nobody listens', async () => {
    const token = current.token(claims());
    await server.close();
    const { code, out } = await trusting(token, '--timeout', '10s');
    expect([code, out]).toEqual([8, '']);
    server = await startKeyServer(tls);
  });

  it.each([
    ['a dead key set', () => ({ keys: '<html>' }), 'the answer is not JSON'],
    ['a key set without keys', () => ({ keys: { keys: 'none' } }), 'it holds no list of keys'],
    ['no address of keys', () => ({ discovery: { issuer } }), 'its jwks_uri is refused'],
    [
      'keys without TLS',
      () => ({ discovery: { issuer, jwks_uri: 'http://localhost/keys' } }),
      'its jwks_uri is refused',
    ],
    ['no discovery document', () => ({ status: 404 }), 'the answer was 404'],
  ])('%s', async (_name, answers, message) => {
    const { keys, discovery, status } = answers() as Record<string, unknown>;
    if (keys !== undefined) server.answers.keys = () => keys;
    if (discovery !== undefined) server.answers.discovery = () => discovery;
    if (status !== undefined) server.answers.status = 404;
    const { code, out, err } = await trusting(current.token(claims()));
    expect([code, out]).toEqual([8, '']);
    expect(err).toContain(message);
  });

  it('a server nobody vouches for', async () => {
    const { code } = await runCli(['inspect', '--verify', '--issuer', issuer], {
      input: current.token(claims()),
    });
    expect(code).toBe(8);
    expect(server.asked).toEqual([]);
  });
});

it('a foreign issuer is not contacted', async () => {
  const { code, out, err } = await verify(current.token(claims()));
  expect([code, out]).toEqual([4, '']);
  expect(err).toContain(`its issuer ${issuer} is not of Microsoft Entra; nobody was asked`);
  expect(err).toContain(`try: if you trust it: tokencli inspect --verify --issuer ${issuer}`);
  expect(server.asked).toEqual([]);
});

it('nothing of a foreign issuer comes into the line to type', async () => {
  const { err } = await verify(current.token(claims({ iss: 'https://x/;rm -rf ~' })));
  expect(err).toContain('--issuer URL\n');
});

it('a token of Entra is verified with the keys of Entra', async () => {
  const proxy = await startConnectProxy({ target: server.port });
  const options = { env: { HTTPS_PROXY: proxy.url } };
  try {
    const token = current.token(claims({ iss: ENTRA, tid: TENANT }));
    const good = await verify(token, ['--need-aud', 'api://orders'], options);
    expect([good.code, good.err]).toEqual([
      0,
      '✓ verified: signature (RS256), issuer and times (60s tolerance)\n',
    ]);
    expect(server.asked).toEqual([
      `login.microsoftonline.com /${TENANT}/v2.0/.well-known/openid-configuration`,
      'login.microsoftonline.com /keys',
    ]);
    const graph = current.token(claims({ iss: ENTRA, aud: 'https://graph.microsoft.com' }), {
      nonce: 'n',
    });
    const { code, err } = await verify(graph, [], options);
    expect(code).toBe(4);
    expect(err).toContain('a Microsoft Graph token can be verified by its API alone, by design');
    expect(server.asked).toHaveLength(2);
  } finally {
    await proxy.close();
  }
});

it('a token of a whole identity provider is verified, and tampered with it is not', async () => {
  const standIn = await startStandIn({
    tls,
    clients: [{ id: appId('app'), secret: 'the secret', roles: ['Orders.Read.All'] }],
  });
  try {
    const base = `${standIn.origin}/${standIn.tenant}`;
    writeFileSync(
      join(folder, 'profiles.json'),
      JSON.stringify({
        schemaVersion: 1,
        profiles: [
          {
            name: 'p',
            clientId: appId('app'),
            tenantId: standIn.tenant,
            authority: standIn.origin,
            scopes: ['api://orders/.default'],
          },
        ],
      }),
    );
    const env = { TOKENCLI_HOME: folder, TOKENCLI_CLIENT_SECRET: 'the secret' };
    const got = await runCli(['get-token', '-p', 'p', '--silent', '--no-cache'], { env, caFile });
    expect([got.code, got.err]).toEqual([0, '']);
    const args = ['--issuer', `${base}/v2.0`];
    expect(await verify(got.out, args)).toMatchObject({ code: 0 });
    const [header, payload = '', signature] = got.out.split('.');
    const richer = Buffer.from(payload, 'base64url').toString().replace('Read', 'Writ');
    const forged = [header, Buffer.from(richer).toString('base64url'), signature].join('.');
    expect(await verify(forged, args)).toMatchObject({ code: 4, out: '' });
  } finally {
    await standIn.close();
  }
});
