import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';

const SECRET = 'the-good-secret';
const WRONG = 'a-secret-of-yesterday';
const GRAPH = 'https://graph.microsoft.com/.default';
const GET = ['get-token', '--no-cache', '-p'];

let stage: Stage;
let idp: StandIn;
let workshop: CertificateWorkshop;

beforeAll(async () => {
  stage = setStage({
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
  });
  workshop = createCertificateWorkshop();
  workshop.selfSigned('good');
  workshop.pfx('good', 'good', ['good'], ['-passout', 'pass:']);
  idp = await startStandIn({ tls: stage.tls, clients: [{ id: appId('app'), secret: SECRET }] });
  const ids = ['--client-id', appId('app'), '--tenant-id', idp.tenant, '--scope', GRAPH];
  const where = ['--authority', idp.origin, '--ca-file', stage.caFile];
  const create = ['config', 'create', '--client-secret-env', 'MINE', ...ids];
  const env = { MINE: SECRET };
  await stage.run([...create, '--name', 'own', ...where], { env });
  const issuer = ['--authority', `${idp.origin}/${idp.tenant}/v2.0`, '--protocol', 'oidc'];
  await stage.run([...create, '--name', 'oidc', ...issuer, ...where.slice(2)], { env });
  await stage.run([...create, '--name', 'cloud', ...where.slice(2)], { env });
  const bare = ['config', 'create', ...ids, '--name'];
  await stage.run([...bare, 'bare', ...where]);
  const app = ['--flow', 'ClientCredentials'];
  await stage.run([...bare, 'bare-oidc', ...issuer, ...where.slice(2), ...app]);
});
afterAll(async () => {
  await idp?.close();
  workshop?.remove();
  stage?.remove();
});

const azure = (more: Record<string, string>) => ({ AZURE_AUTHORITY_HOST: idp.origin, ...more });

describe('a value of the environment that is refused', () => {
  it.each(['TOKENCLI', 'AZURE'])('%s: its variable is the cure', async (family) => {
    const name = `${family}_CLIENT_SECRET`;
    const { code, err } = await stage.run([...GET, 'own'], { env: azure({ [name]: WRONG }) });
    expect(code).toBe(4);
    expect(err).toMatch(new RegExp(`AADSTS7000215.*\\n {2}try: correct or unset ${name}`));
    expect(err).not.toContain('config edit');
  });

  it('an id', async () => {
    const env = azure({ AZURE_CLIENT_ID: appId('nobody') });
    const { code, err } = await stage.run([...GET, 'own', '--json'], { env });
    expect([code, JSON.parse(err).aadsts]).toEqual([4, 700016]);
    expect(JSON.parse(err).hint).toContain('AZURE_CLIENT_ID');
  });

  it('a file that is not there', async () => {
    const env = { TOKENCLI_CLIENT_CERTIFICATE_PATH: '/nowhere/app.pem' };
    const { code, err } = await stage.run([...GET, 'own'], { env });
    expect(code).toBe(9);
    expect(err).toContain('try: correct or unset TOKENCLI_CLIENT_CERTIFICATE_PATH');
  });

  it('of the profile is cured there', async () => {
    const { code, err } = await stage.run([...GET, 'own', '--client-id', appId('nobody')]);
    expect(code).toBe(4);
    expect(err).toContain('correct --client-id, or tokencli config edit -p own');
  });

  it.each(['--verbose', '--debug'])('%s tells where each value is from', async (flag) => {
    const env = { TOKENCLI_CLIENT_SECRET: SECRET };
    const { code, err } = await stage.run([...GET, 'own', flag], { env });
    expect(code).toBe(0);
    expect(err).toContain('credential from TOKENCLI_CLIENT_SECRET');
    expect(err).toContain('clientId from profile');
  });
});

describe('a variable that leads astray is named in the cure', () => {
  const KEY = Buffer.alloc(32, 9).toString('base64');
  it.each<[string, object, number, string]>([
    ['https_proxy', { https_proxy: 'http://127.0.0.1:9' }, 8, 'check https_proxy and NO_PROXY'],
    [
      'TOKENCLI_HOME',
      { TOKENCLI_HOME: '/typo' },
      3,
      'or unset TOKENCLI_HOME, or tokencli config create',
    ],
    ['TOKENCLI_HOME', { TOKENCLI_HOME: '/etc/passwd' }, 10, 'correct or unset TOKENCLI_HOME'],
    [
      'TOKENCLI_STORE_KEY',
      { TOKENCLI_STORE_KEY: `"${KEY}"` },
      2,
      'the one that the store was made with',
    ],
    [
      'TOKENCLI_STORE_KEY',
      { TOKENCLI_STORE_KEY: 'short' },
      2,
      'correct or unset TOKENCLI_STORE_KEY',
    ],
  ])('%s of %j', async (_, env, expected, cure) => {
    const { code, err } = await stage.run([...GET, 'own', '--timeout', '9s'], { env: { ...env } });
    expect([code, err]).toEqual([expected, expect.stringContaining(cure)]);
  });

  it('TOKENCLI_PROFILE', async () => {
    const env = { TOKENCLI_PROFILE: 'owm' };
    const { code, err } = await stage.run(['get-token'], { env });
    expect([code, err]).toEqual([
      3,
      "tokencli: there is no profile 'owm', which TOKENCLI_PROFILE names; did you mean 'own'?\n" +
        '  try: correct or unset TOKENCLI_PROFILE, or tokencli config list\n',
    ]);
    expect((await stage.run(['get-token', '-p', 'owm'], { env })).err).not.toContain('TOKENCLI_');
  });

  it.each(['good', 'old'])('the password of the %s key of a PEM file', async (name) => {
    const traditional = name === 'old' ? ['-traditional'] : [];
    const rsa = ['rsa', '-in', 'good.key', '-aes256', '-passout', 'pass:right', ...traditional];
    workshop.openssl(...rsa, '-out', 'locked.key');
    const env = {
      TOKENCLI_CLIENT_CERTIFICATE: workshop.text('locked.key') + workshop.text('good.crt'),
      TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: 'wrong',
    };
    const { code, err } = await stage.run([...GET, 'own'], { env });
    expect([code, err]).toEqual([
      9,
      expect.stringMatching(
        /password .* is wrong\n {2}try: correct TOKENCLI_CLIENT_CERTIFICATE_PASSWORD\n/,
      ),
    ]);
  });

  it('a caFile that is not there', async () => {
    const args = ['config', 'create', '--name', 'astray', '--client-id', appId('app')];
    const where = ['--tenant-id', idp.tenant, '--authority', idp.origin, '--ca-file', stage.caFile];
    const secret = ['--client-secret-from', 'env:MINE', '--scope', GRAPH];
    await stage.run([...args, ...where, ...secret]);
    const profiles = join(stage.home, '.tokencli', 'profiles.json');
    const { profiles: all, ...head } = JSON.parse(readFileSync(profiles, 'utf8'));
    const moved = all.map((each: { name: string }) =>
      each.name === 'astray' ? { ...each, caFile: '/nowhere/ca.pem' } : each,
    );
    stage.writeProfiles({ ...head, profiles: moved });
    const { code, err } = await stage.run([...GET, 'astray'], { env: { MINE: SECRET } });
    expect([code, err]).toEqual([
      9,
      expect.stringMatching(
        /caFile \/nowhere\/ca\.pem: .*\n {2}try: .*--ca-file FILE, or --unset ca-file/,
      ),
    ]);
  });
});

it('what is refused before there is a profile is given anew, not edited', async () => {
  const ids = ['--client-id', appId('app'), '--tenant-id', idp.tenant, '--scope', GRAPH];
  const where = ['--authority', idp.origin, '--ca-file', stage.caFile, '--verify'];
  const create = ['config', 'create', '--name', 'new', ...where];
  const wrongSecret = [...create, ...ids, '--client-secret-env', 'MINE'];
  const secret = await stage.run(wrongSecret, { env: { MINE: WRONG } });
  expect([secret.code, secret.out]).toEqual([4, '']);
  expect(secret.err).toContain('try: correct --client-secret-…');
  const wrongId = wrongSecret.map((word) => (word === appId('app') ? appId('nobody') : word));
  const id = await stage.run(wrongId, { env: { MINE: SECRET } });
  expect(id.err).toContain('--client-id');
  expect(secret.err + id.err).not.toContain('config edit');
});

it('an issuer of its own never gets what the variables of Azure hold', async () => {
  const before = idp.requests.length;
  const env = {
    AZURE_CLIENT_SECRET: WRONG,
    AZURE_CLIENT_ID: appId('other'),
    AZURE_TENANT_ID: 'x.example',
  };
  for (const name of ['own', 'oidc']) {
    const { code, out } = await stage.run([...GET, name], { env });
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  }
  const sent = JSON.stringify(idp.requests.slice(before));
  expect(sent).not.toContain(WRONG);
  expect(sent).not.toContain('x.example');
});

it('and where nothing else is there, the variable that was set aside is named', async () => {
  const env = { AZURE_CLIENT_SECRET: WRONG };
  for (const name of ['bare', 'bare-oidc']) {
    const { code, out, err } = await stage.run([...GET, name], { env });
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain("AZURE_CLIENT_SECRET is not meant for the profile's authority");
    const without = await stage.run([...GET, name]);
    expect([without.code, without.err]).toEqual([5, expect.not.stringContaining('AZURE_')]);
  }
});

it('AZURE_AUTHORITY_HOST gets the secret that it comes with', async () => {
  const env = azure({ AZURE_CLIENT_SECRET: SECRET });
  const { code, out } = await stage.run([...GET, 'cloud'], { env });
  expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
});

it('AZURE_AUTHORITY_HOST does not get the secret of a profile for another service', async () => {
  const before = idp.requests.length;
  // nobody listens there
  const env = azure({ AZURE_TENANT_ID: idp.tenant, HTTPS_PROXY: 'http://127.0.0.1:9' });
  const { code, err } = await stage.run([...GET, 'cloud', '--timeout', '5s'], { env });
  expect(code).toBe(8);
  expect(err).toMatch(/login\.microsoftonline\.com .*\n {2}try: check HTTPS_PROXY and NO_PROXY\n/);
  expect(idp.requests.length).toBe(before);
});

it('a secret of a variable is sent without its line end', async () => {
  for (const end of ['\n', '\r\n']) {
    const env = { TOKENCLI_CLIENT_SECRET: SECRET + end };
    expect((await stage.run([...GET, 'own'], { env })).code).toBe(0);
  }
});

it('a key in the place of a path, an id or a secret is never shown, nor sent', async () => {
  const pem = workshop.text('good.key') + workshop.text('good.crt');
  const pfx = workshop.bytes('good.pfx').toString('base64');
  const jwk = JSON.stringify(createPrivateKey(workshop.text('good.key')).export({ format: 'jwk' }));
  const before = idp.tokenRequests().length;
  for (const content of [pem, pfx, Buffer.from(pem).toString('base64'), jwk]) {
    const open = content === jwk ? [JSON.parse(jwk).n] : [];
    const pieces = (content.match(/[A-Za-z0-9+/_-]{24,}/g) ?? []).filter(
      (it) => !open.includes(it),
    );
    for (const variable of [
      ...['AZURE_CLIENT_CERTIFICATE_PATH', 'TOKENCLI_CLIENT_CERTIFICATE_PATH'],
      ...['TOKENCLI_CLIENT_SECRET', 'TOKENCLI_CLIENT_ID', 'TOKENCLI_TENANT_ID'],
    ]) {
      for (const args of [
        [...GET, 'own'],
        [...GET, 'own', '--json'],
        [...GET, 'own', '--debug'],
        ['config', 'show', '-p', 'own', '--effective'],
      ]) {
        const { code, out, err } = await stage.run(args, { env: azure({ [variable]: content }) });
        expect(code).toBe(args[0] === 'config' ? 0 : code === 9 ? 9 : 2);
        expect(pieces.filter((piece) => (out + err).includes(piece))).toEqual([]);
      }
    }
  }
  expect(idp.tokenRequests().length).toBe(before);
});
