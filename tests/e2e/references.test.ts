import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findBelow, findIn, watchProcesses } from '../support/canaries.ts';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type IdentityService, startIdentityService } from '../support/identity-service.ts';
import type { RunOptions } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createAssertionIssuer } from '../support/stand-in/federation.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';

const SECRET = `a b/+&=%"'$${randomBytes(18).toString('hex')}`;
const PASSWORD = 'Pw-of-the-pfx-0123456789abcdef';
const STORE_KEY = Buffer.alloc(32, 7).toString('base64');
const [BY_SECRET, BY_CERTIFICATE, BY_TOKEN] = [randomUUID(), randomUUID(), randomUUID()];
const CONNECTION = randomUUID();
const job = createAssertionIssuer('repo:o/r:ref:refs/heads/main');

let stage: Stage;
let idp: StandIn;
let fake: FakeIdp;
let service: IdentityService;
let workshop: CertificateWorkshop;
let base: Record<string, unknown>;

beforeAll(async () => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: STORE_KEY });
  workshop = createCertificateWorkshop();
  workshop.selfSigned('app');
  workshop.pfx('app', 'app', ['app'], ['-passout', `pass:${PASSWORD}`]);
  idp = await startStandIn({
    tls: stage.tls,
    clients: [
      { id: BY_SECRET, secret: SECRET },
      { id: BY_CERTIFICATE, certificate: workshop.text('app.crt') },
      { id: BY_TOKEN, federated: job.credential },
    ],
  });
  fake = await startFakeIdp({ tls: stage.tls });
  service = await startIdentityService((aud) => job.issue(aud === undefined ? {} : { aud }));
  base = {
    tenantId: idp.tenant,
    authority: idp.origin,
    caFile: stage.caFile,
    scopes: ['https://graph.microsoft.com/.default'],
  };
});
afterAll(async () => {
  await Promise.all([idp?.close(), fake?.close(), service?.close()]);
  workshop?.remove();
  stage?.remove();
});

const ofSecret = (clientSecretFrom: object) => ({ clientId: BY_SECRET, clientSecretFrom });
const ofCertificate = (certificateFrom: object) => ({ clientId: BY_CERTIFICATE, certificateFrom });
const ofToken = (assertionFrom: object) => ({ clientId: BY_TOKEN, assertionFrom });

/** A program of two lines of shell. */
function script(name: string, line: string): string {
  const path = stage.file(name, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o700);
  return path;
}

/** Writes profiles.json, and asks for a token of the profile named. */
function get(
  profiles: Readonly<Record<string, object>>,
  name: string,
  options: RunOptions = {},
  ...more: string[]
) {
  const all = Object.entries(profiles).map(([each, fields]) => ({
    name: each,
    ...base,
    ...fields,
  }));
  stage.writeProfiles({ schemaVersion: 1, profiles: all });
  return stage.run(['get-token', '-p', name, ...more], options);
}

describe('a token', () => {
  it('by each kind of reference, in both programs, and no secret anywhere else', async () => {
    const base64 = workshop.bytes('app.pfx').toString('base64').replace(/.{76}/g, '$&\\n');
    const pem = workshop.text('app.key') + workshop.text('app.crt');
    const password = { TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: PASSWORD };
    const secretFile = stage.file('secret', `\ufeff${SECRET}\r\n`);
    const pemFile = stage.file('app.pem', pem);
    const tokenFile = stage.file('token', '');
    // pops one token off a queue, so that each is had once
    const queue = stage.file('queue', '');
    const pop = script('pop', `head -n 1 '${queue}'; sed -i 1d '${queue}'`);
    const seen = script('seen', `env >'${stage.folder}/env'; cat '${secretFile}'; sleep 0.1`);
    const rows: [string, object, Record<string, string>?][] = [
      ['secret-env', ofSecret({ env: 'MINE' }), { MINE: `${SECRET}\n` }],
      ['secret-file', ofSecret({ file: 'secret' })],
      ['secret-command', ofSecret({ command: [seen] }), { AZURE_CLIENT_ID: '' }],
      ['certificate-env', ofCertificate({ env: 'PFX' }), { PFX: base64, ...password }],
      ['certificate-file', ofCertificate({ file: pemFile })],
      ['certificate-command', ofCertificate({ command: ['cat', pemFile] })],
      ['token-env', ofToken({ env: 'JOB' }), { JOB: job.issue() }],
      ['token-file', ofToken({ file: tokenFile })],
      ['token-command', ofToken({ command: [pop] })],
      ['github', ofToken({ github: true }), { ...service.env }],
      ['pipelines', ofToken({ azurePipelines: CONNECTION }), { ...service.env }],
      ['variable', { clientId: BY_TOKEN }, { TOKENCLI_FEDERATED_TOKEN_FILE: tokenFile }],
    ];
    const profiles = Object.fromEntries(rows);
    const few = rows.filter(([name]) => /command|github/.test(name));
    const canaries = [SECRET, PASSWORD, STORE_KEY, base64];
    for (const program of ['executable', 'npm package'] as const) {
      for (const [name, , env = {}] of program === 'executable' ? rows : few) {
        const [first, second] = [job.issue(), job.issue()];
        stage.file('token', `${first}\n`);
        stage.file('queue', `${second}\n`);
        const fresh = env['JOB'] ? { ...env, JOB: job.issue() } : env;
        let watched: ReturnType<typeof watchProcesses> | undefined;
        const result = await get(
          profiles,
          name,
          {
            env: fresh,
            program,
            watch: (child) => {
              // what the user gave to tokencli itself in a variable is there
              watched = watchProcesses(child.pid ?? 0, name.endsWith('env') ? [] : [SECRET]);
            },
          },
          '--no-cache',
          '--debug',
        );
        const { found = ['not watched'] } = watched?.stop() ?? {};
        expect([name, result.code, result.out]).toEqual([name, 0, `${idp.issued.at(-1)}\n`]);
        expect([name, ...findIn('stderr', result.err, [...canaries, first, second])]).toEqual([
          name,
        ]);
        expect([name, ...found]).toEqual([name]);
      }
      const env = readFileSync(join(stage.folder, 'env'));
      expect(env.toString()).toContain('PATH=');
      expect(findIn('the environment of a command', env, canaries)).toEqual([]);
    }
    expect(findBelow(stage.home, canaries)).toEqual([]);
    const [github] = service.asked.filter(({ method }) => method === 'GET');
    expect(github?.query).toEqual({
      'api-version': '2.0',
      audience: 'api://AzureADTokenExchange',
    });
    const [pipelines] = service.asked.filter(({ method }) => method === 'POST');
    expect(pipelines?.query).toEqual({ 'api-version': '7.1', serviceConnectionId: CONNECTION });
    expect(pipelines?.headers).toMatchObject({ 'x-tfs-fedauthredirect': 'Suppress' });
  });

  it.each(['entra', 'oidc'])('each request of %s has an assertion of its own', async (protocol) => {
    const count = stage.file('count', '');
    const next = script('next', `echo >>'${count}'; echo "e30.e30.$(wc -l <'${count}')"`);
    const authority = protocol === 'oidc' ? `${fake.origin}/t/v2.0` : fake.origin;
    const fields = { ...ofToken({ command: [next] }), authority, protocol };
    fake.seen.length = 0;
    fake.script.push({ status: 503 }, 'reset');
    const { code } = await get({ p: fields }, 'p');
    expect(code).toBe(0);
    const sent = fake.tokenRequests().map(({ body }) => body['client_assertion']);
    expect(sent).toEqual(['e30.e30.1', 'e30.e30.2', 'e30.e30.3']);
  });

  it('from the cache asks nobody, and outlives what changes behind the reference', async () => {
    const count = stage.file('runs', '');
    const file = stage.file('kept', SECRET);
    const run = (kept: string) => script(kept, `echo >>'${count}'; cat '${file}'`);
    const profiles = { p: ofSecret({ command: [run('one')] }) };
    const all = await Promise.all([1, 2, 3, 4].map(() => get(profiles, 'p')));
    const tokens = new Set(all.map(({ out }) => out));
    expect(tokens.size).toBe(1);
    const [first] = tokens;
    stage.file('kept', 'rotated-and-wrong');
    const second = await get(profiles, 'p');
    expect([second.code, second.out]).toEqual([0, first]);
    expect(readFileSync(count, 'utf8')).toBe('\n');
    const forced = await get(profiles, 'p', {}, '--force-refresh');
    expect([forced.code, forced.out]).toEqual([4, '']);
    expect(forced.err).toMatch(
      /AADSTS7000215.*\n {2}try: correct the output of the command .*one,/,
    );
    stage.file('kept', SECRET);
    const other = await get({ p: ofSecret({ command: [run('two')] }) }, 'p');
    expect(other.code).toBe(0);
    expect(other.out).not.toBe(first);
  });
});

describe('an assertion that is refused', () => {
  it.each<[string, Record<string, unknown>, number, string]>([
    ['subject', { sub: 'repo:o/r:pull_request' }, 700213, "'repo:o/r:pull_request'"],
    ['audience', { aud: 'https://github.com/o' }, 700212, "'https://github.com/o'"],
    ['issuer', { iss: 'https://other.example' }, 700211, "'https://other.example'"],
    ['time', { exp: 1_700_000_000 }, 700024, 'outside of its time'],
  ])('for its %s', async (_, claims, number, words) => {
    const env = { JOB: job.issue(claims) };
    const { code, err } = await get({ p: ofToken({ env: 'JOB' }) }, 'p', { env }, '--no-cache');
    expect([code, err]).toEqual([4, expect.stringContaining(`AADSTS${number}: `)]);
    expect(err).toContain(words);
    expect(err).toContain('correct the variable JOB');
    expect(err).not.toContain('config edit');
  });

  it('when it comes a second time, as the stand-in holds', async () => {
    const env = { JOB: job.issue() };
    const codes = [1, 2].map(() => get({ p: ofToken({ env: 'JOB' }) }, 'p', { env }, '--no-cache'));
    expect((await Promise.all(codes)).map(({ code }) => code).sort()).toEqual([0, 4]);
  });
});

describe('what names the source', () => {
  it.each<[string, object, Record<string, string>, number, string]>([
    ['unset', ofSecret({ env: 'MINE' }), {}, 7, 'the variable MINE is not set'],
    ['empty', ofSecret({ env: 'MINE' }), { MINE: '' }, 7, 'the variable MINE is empty'],
    ['two lines', ofSecret({ env: 'MINE' }), { MINE: `${SECRET}\nx` }, 9, 'more than one line'],
    ['quoted', ofSecret({ env: 'MINE' }), { MINE: `"${SECRET}"` }, 9, 'the variable MINE (clientS'],
    ['no file', ofSecret({ file: '/nowhere/s' }), {}, 7, 'the file /nowhere/s cannot be read'],
    ['a folder', ofSecret({ file: '/tmp' }), {}, 7, 'the file /tmp cannot be read'],
    ['no token', ofToken({ env: 'JOB' }), { JOB: SECRET }, 9, 'the variable JOB is no token'],
    [
      'no key',
      ofCertificate({ env: 'PEM' }),
      { PEM: SECRET },
      9,
      'in the PEM text\n  try: a PEM file holds lines that begin with -----BEGIN CERTIFICATE\n',
    ],
    [
      'a key of two lines',
      ofToken({ github: true }),
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://localhost', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'a\nb' },
      9,
      'ACTIONS_ID_TOKEN_REQUEST_TOKEN holds no token',
    ],
    [
      'a token for its file',
      { clientId: BY_TOKEN },
      { TOKENCLI_FEDERATED_TOKEN_FILE: job.issue() },
      9,
      'TOKENCLI_FEDERATED_TOKEN_FILE is no path',
    ],
    ['no job', ofToken({ github: true }), {}, 7, 'id-token: write'],
    ['no step', ofToken({ azurePipelines: CONNECTION }), {}, 7, 'System.AccessToken'],
    [
      'a token of nobody',
      { clientId: BY_TOKEN },
      { TOKENCLI_FEDERATED_TOKEN_FILE: '/nowhere/t' },
      7,
      'try: correct or unset TOKENCLI_FEDERATED_TOKEN_FILE',
    ],
    [
      'plain http',
      ofToken({ github: true }),
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://example.com/x', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' },
      8,
      'http://example.com is refused: only https is used\n  try: check ACTIONS_ID_TOKEN_REQUEST_URL',
    ],
    [
      'a wrong secret',
      ofSecret({ env: 'MINE' }),
      { MINE: 'a-secret-of-yesterday' },
      4,
      'try: correct the variable MINE, and enter',
    ],
  ])('%s', async (_, fields, env, expected, words) => {
    const stored = { certificatePath: join(workshop.folder, 'app.pem'), ...fields };
    const { code, out, err } = await get({ p: stored }, 'p', { env }, '--no-cache');
    expect([code, out, err]).toEqual([expected, '', expect.stringContaining(words)]);
    expect(findIn('stderr', err, [SECRET])).toEqual([]);
  });

  it('a service that does not answer in time', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const env = { ...service.env, ACTIONS_ID_TOKEN_REQUEST_URL: url };
    const words = ['--no-cache', '--timeout', '1s'];
    const { code, err } = await get({ p: ofToken({ github: true }) }, 'p', { env }, ...words);
    silent.close();
    expect([code, err]).toEqual([
      8,
      expect.stringContaining('GitHub Actions: no result within 1s'),
    ]);
    expect(err).toContain('assertionFrom of profile p');
  });

  it('the audience of the cloud', async () => {
    const usgov = { ...ofToken({ github: true }), cloud: 'usgov' };
    const { code, err } = await get({ p: usgov }, 'p', { env: service.env }, '--no-cache');
    expect([code, err]).toEqual([4, expect.stringContaining("'api://AzureADTokenExchangeUSGov'")]);
  });

  it('a change that is verified first', async () => {
    const { code } = await get({ p: ofSecret({ file: 'secret' }) }, 'p', {}, '--no-cache');
    expect(code).toBe(0);
    const edit = ['config', 'edit', '-p', 'p', '--verify', '--client-secret-from', 'env:MINE'];
    const wrong = await stage.run(edit, { env: { MINE: 'a-secret-of-yesterday' } });
    expect([wrong.code, wrong.err]).toEqual([4, expect.stringContaining('the variable MINE')]);
    expect((await stage.run(['config', 'show', '-p', 'p'])).out).toContain('file ');
    expect((await stage.run(edit, { env: { MINE: SECRET } })).code).toBe(0);
    expect((await stage.run(['config', 'show', '-p', 'p'])).out).toContain('variable MINE');
  });

  it('a service that refuses', async () => {
    service.status = 403;
    const result = await get({ p: ofToken({ github: true }) }, 'p', { env: service.env });
    service.status = 200;
    expect(result.code).toBe(7);
    expect(result.err).toContain('GitHub Actions refused it (HTTP 403)');
    expect(result.err).toContain(
      'check ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    );
  });
});

it('AZURE_FEDERATED_TOKEN_FILE with its companions, to their host and to no other', async () => {
  const env = {
    AZURE_CLIENT_ID: BY_TOKEN,
    AZURE_TENANT_ID: idp.tenant,
    AZURE_FEDERATED_TOKEN_FILE: stage.file('token', job.issue()),
    AZURE_AUTHORITY_HOST: idp.origin,
  };
  const other = { ...ofSecret({ env: 'MINE' }), authority: fake.origin };
  const before = fake.tokenRequests().length;
  const cloud = { clientId: BY_SECRET, authority: undefined };
  const right = await get({ p: cloud }, 'p', { env }, '--no-cache');
  expect([right.code, right.out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  stage.file('token', job.issue());
  const alone = await stage.run(['get-token', '-p', '@env', '--silent'], {
    env: { ...env, NODE_EXTRA_CA_CERTS: stage.caFile },
  });
  expect([alone.code, alone.out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  const { code } = await get({ p: other }, 'p', { env: { ...env, MINE: SECRET } }, '--no-cache');
  expect(code).toBe(0);
  const sent = fake.tokenRequests().slice(before);
  expect(sent.map(({ body }) => [body['client_secret'], body['client_assertion']])).toEqual([
    [SECRET, undefined],
  ]);
});

it('no command runs from files that others can write, nor comes by an import', async () => {
  const mark = join(stage.folder, 'ran');
  const profiles = { p: ofSecret({ command: [script('mark', `touch '${mark}'; echo x`)] }) };
  const file = join(stage.home, '.tokencli', 'profiles.json');
  await get(profiles, 'nobody');
  for (const [path, open, closed] of [
    [file, 0o620, 0o600],
    [join(stage.home, '.tokencli'), 0o770, 0o700],
  ] as const) {
    chmodSync(path, open);
    expect((await stage.run(['get-token', '-p', 'p'])).code).toBe(10);
    chmodSync(path, closed);
  }
  const out = join(stage.folder, 'plain.json');
  const exported = await stage.run(['config', 'export', '-p', 'p', '--plain', '-o', out]);
  expect(exported.err).toContain('not exported: clientSecretFrom (a command)');
  expect(readFileSync(out, 'utf8')).not.toContain('command');
  const text = readFileSync(out, 'utf8').replace(
    '"name": "p"',
    '"name": "q", "clientSecretFrom": {"command": ["id"]}',
  );
  const imported = await stage.run(['config', 'import', '-f', stage.file('with.json', text)]);
  expect([imported.code, imported.err]).toEqual([
    9,
    expect.stringContaining('no command is taken'),
  ]);
  for (const args of [['show'], ['show', '--effective'], ['list'], ['check', '--all']]) {
    expect((await stage.run(['config', ...args])).code).toBe(0);
  }
  const { out: report } = await stage.run(['doctor', '-p', 'p']);
  expect(report).toContain(`✓ credential client secret: command ${stage.folder}/mark`);
  expect(existsSync(mark)).toBe(false);
});
