import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { program } from '../support/built-cli.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type ResourceServer, startResourceServer } from '../support/resource-server.ts';
import { runInTerminal } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';

const CLIENT = appId('app');
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const ENV = { ...STORE, TOKENCLI_CLIENT_SECRET: 'a secret for the tests' };
const REFUSED = {
  status: 401,
  headers: { 'content-type': 'application/json' },
  body: { error: 'invalid_client', error_description: 'AADSTS7000215: no', error_codes: [7000215] },
};
const V1 = 'client.authentication.k8s.io/v1';

let stage: Stage;
let idp: FakeIdp;
let api: ResourceServer;
let words: readonly string[];
let token: string;
let expiry: string;

beforeAll(async () => {
  stage = setStage(ENV);
  idp = await startFakeIdp({ tls: stage.tls });
  api = await startResourceServer(stage.tls);
  words = await program();
  const shared = { clientId: CLIENT, tenantId: TENANT, authority: idp.origin };
  stage.writeProfiles({
    profiles: [
      { name: 'app', ...shared, caFile: stage.caFile },
      { name: 'other', ...shared, caFile: stage.caFile },
      { name: 'wrong', ...shared, caFile: stage.caFile, scope: 'https://other.example/.default' },
      { name: 'me', ...shared, flow: 'InteractiveBrowser' },
    ],
  });
  const { out } = await get('--json');
  ({ accessToken: token, expiresOn: expiry } = JSON.parse(out));
});
beforeEach(() => {
  idp.seen.length = 0;
  api.authorizations.length = 0;
  api.status = 200;
});
afterAll(async () => {
  await api?.close();
  await idp?.close();
  stage?.remove();
});

const get = (...args: string[]) => stage.run(['get-token', '-p', 'app', ...args]);
const requests = () => idp.tokenRequests().length;
const credential = (apiVersion: string) =>
  `${JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token, expirationTimestamp: expiry } })}\n`;

describe('a cached token', () => {
  it.each<[args: string[], text: () => string]>([
    [[], () => `${token}\n`],
    [['--format', 'token'], () => `${token}\n`],
    [['--format', 'header'], () => `Authorization: Bearer ${token}\n`],
    [['--format', 'headervalue'], () => `Bearer ${token}\n`],
    [['--format', 'curl'], () => `header = "Authorization: Bearer ${token}"\n`],
    [['--format', 'env'], () => `ACCESS_TOKEN='${token}'\n`],
    [['--format', 'env', '--env-name', '_API1'], () => `_API1='${token}'\n`],
    [['--format', 'k8s'], () => credential(V1)],
  ])('is printed with %j, on stdout as in a file', async (args, text) => {
    const { code, out } = await get('--silent', ...args);
    expect([code, out]).toEqual([0, text()]);
    expect(await get('--silent', ...args, '-o', 'token')).toMatchObject({ code: 0, out: '' });
    expect(readFileSync(join(stage.folder, 'token'), 'utf8')).toBe(text());
    expect(requests()).toBe(0);
  });

  it('is the same JSON by either option', async () => {
    const { out } = await get('--silent', '--format', 'json');
    expect(out).toBe((await get('--silent', '--json', '--format', 'json')).out);
    expect(JSON.parse(out)).toMatchObject({ accessToken: token, fromCache: true });
  });

  it.each([
    ['--json', '--format', 'header'],
    ['--format', 'yaml'],
    ['--env-name', 'A'],
    ['--format', 'env', '--env-name', '1A'],
    ['--format', 'env', '--env-name', 'A=B'],
    ['--format', 'env', '--env-name', "A';id'"],
    ['--format', 'k8s', '--json'],
  ])('is not printed with %s %s %s %s', async (...args) => {
    expect(await get(...args)).toMatchObject({ code: 2, out: '' });
  });

  it('fails as JSON with --format json too', async () => {
    const { code, err } = await stage.run(['get-token', '-p', 'nobody', '--format', 'json']);
    expect([code, JSON.parse(err)]).toEqual([3, expect.objectContaining({ exitCode: 3 })]);
  });

  it('is what refresh prints too', async () => {
    const { out } = await stage.run(['refresh', '-p', 'app', '--no-cache', '--format', 'header']);
    expect(out).toBe('');
    const fresh = await stage.run(['refresh', '-p', 'other', '--silent', '--format', 'header']);
    expect(fresh.out).toMatch(/^Authorization: Bearer \S+\n$/);
  });
});

describe('--mask', () => {
  it.each<[env: object, line: (token: string) => string]>([
    [{ GITHUB_ACTIONS: 'true' }, (value) => `::add-mask::${value}\n`],
    [{ TF_BUILD: 'True' }, (value) => `##vso[task.setsecret]${value}\n`],
    [{}, () => ''],
    [{ GITHUB_ACTIONS: 'false', TF_BUILD: '' }, () => ''],
  ])('with %j tells on stderr alone, --silent or not', async (given, line) => {
    const env = { ...given };
    const args = ['get-token', '-p', 'app', '--mask'];
    const silent = await stage.run([...args, '--silent'], { env });
    expect(silent).toMatchObject({ code: 0, out: `${token}\n`, err: line(token) });
    const debug = await stage.run([...args, '--debug'], { env });
    expect(debug.err.split(token).length - 1).toBe(line('').length > 0 ? 1 : 0);
    expect(debug.err.includes('--mask: neither')).toBe(line('') === '');
    // nothing is told that was not asked for
    expect((await stage.run(args.slice(0, 3), { env })).err).not.toContain(token);
  });
});

describe('curl takes it off its command line', () => {
  it.each([
    ['header', '-H @-'],
    ['curl', '-K -'],
  ])('--format %s by %s', async (format, option) => {
    const line = `'${words.join("' '")}' get-token -p app --silent --format ${format} | curl -sS --cacert '${stage.caFile}' ${option} ${api.origin}`;
    const { code, err } = await stage.run([], { program: ['sh', '-c', line] });
    expect([code, err]).toEqual([0, '']);
    expect(api.authorizations).toEqual([`Bearer ${token}`]);
  });
});

describe('kubectl', () => {
  const kubectl = (profile: string, ...args: string[]) => {
    const [command, ...before] = words;
    const config = stage.file(
      `kubeconfig-${profile}`,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'test',
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
        clusters: [
          { name: 'test', cluster: { server: api.origin, 'certificate-authority': stage.caFile } },
        ],
        users: [
          {
            name: 'test',
            user: {
              exec: {
                apiVersion: `${V1}beta1`,
                command,
                args: [...before, 'get-token', '-p', profile, '--format', 'k8s'],
                interactiveMode: 'IfAvailable',
              },
            },
          },
        ],
      }),
    );
    const program = ['kubectl', '--kubeconfig', config, ...args];
    return stage.run([], { program, env: { XDG_CACHE_HOME: stage.folder } });
  };

  it('gets the cached token, and nothing is said', async () => {
    const { code, err } = await kubectl('app', 'get', '--raw', '/version');
    expect([code, err]).toEqual([0, '']);
    expect([new Set(api.authorizations), requests()]).toEqual([new Set([`Bearer ${token}`]), 0]);
  });

  it('gets the same token when the server refuses it', async () => {
    api.status = 401;
    expect((await kubectl('app', 'get', 'pods')).code).not.toBe(0);
    expect(new Set(api.authorizations)).toEqual(new Set([`Bearer ${token}`]));
    expect(requests()).toBe(0);
  });

  it('asks the identity provider once for what it has refused, and tells it in a line', async () => {
    idp.script.push(REFUSED, REFUSED, REFUSED);
    const { code, err } = await kubectl('wrong', 'get', 'pods');
    idp.script.length = 0;
    const own = err.split('\n').filter((line) => line.startsWith('tokencli: '));
    expect([code === 0, requests(), new Set(own).size]).toEqual([false, 1, 1]);
    expect(own.length).toBeGreaterThan(1);
    expect(err).not.toContain('\n  try');
  });

  it('asks again at once with another credential than the one that was refused', async () => {
    const args = ['get-token', '-p', 'other', '--format', 'k8s', '--tenant', 'b.example'];
    const env = { TOKENCLI_CLIENT_SECRET: 'a secret of last year' };
    idp.script.push(REFUSED);
    expect((await stage.run(args, { env })).code).toBe(4);
    expect((await stage.run(args, { env })).code).toBe(4);
    expect(requests()).toBe(1);
    expect((await stage.run(args)).code).toBe(0);
  });

  it.each([
    ['absent', undefined, V1],
    ['v1', `{"apiVersion":"${V1}"}`, V1],
    ['v1beta1', `{"apiVersion":"${V1}beta1","spec":{}}`, `${V1}beta1`],
  ])('is answered in the version that it asks for: %s', async (_name, text, version) => {
    const env = { KUBERNETES_EXEC_INFO: text };
    const { out, err } = await stage.run(['get-token', '-p', 'app', '--format', 'k8s'], { env });
    expect([out, err]).toEqual([credential(version), '']);
  });

  it.each(['junk', '{}', '[]', 'null', `{"apiVersion":"${V1}alpha1"}`, `{"apiVersion":["${V1}"]}`])(
    'is refused when it asks for %s',
    async (text) => {
      const env = { KUBERNETES_EXEC_INFO: text };
      const args = ['get-token', '-p', 'app', '--format', 'k8s'];
      const { code, out, err } = await stage.run(args, { env });
      expect([code, out, err.split('\n').length]).toEqual([2, '', 2]);
      // which concerns kubectl alone
      expect((await stage.run(args.slice(0, 3), { env })).code).toBe(0);
    },
  );

  it('has nobody asked where it says so, though there is a terminal', async () => {
    const env = {
      ...STORE,
      KUBERNETES_EXEC_INFO: `{"apiVersion":"${V1}","spec":{"interactive":false}}`,
      BROWSER: 'false',
    };
    const args = ['get-token', '-p', 'me', '--format', 'k8s'];
    const { code, out, err } = await runInTerminal(args, { env, home: stage.home });
    expect([code, out]).toEqual([5, '']);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toContain('sign in with: tokencli get-token -p me');
  });
});
