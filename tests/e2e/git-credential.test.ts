import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { program } from '../support/built-cli.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type GitServer, startGitServer } from '../support/git-server.ts';
import { signIn } from '../support/signed-in.ts';
import { type Stage, setStage } from '../support/stage.ts';

const CLIENT = appId('app');
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const OTHER_TENANT = '1f0e0d0c-0b0a-4908-8706-050403020100';
const AZURE_REPOS = '499b84ac-1321-427f-aa17-267ca6975798/.default';
const STORE_KEY = Buffer.alloc(32, 7).toString('base64');
const ENV = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: STORE_KEY,
  TOKENCLI_CLIENT_SECRET: 'a secret for the tests',
};
const NOTHING = { code: 0, out: '', err: '' };

let stage: Stage;
let idp: FakeIdp;
let server: GitServer;
let words: readonly string[];

beforeAll(async () => {
  stage = setStage(ENV);
  idp = await startFakeIdp({ tls: stage.tls });
  mkdirSync(join(stage.folder, 'served'));
  server = await startGitServer(stage.tls, join(stage.folder, 'served'));
  words = await program();
  const shared = { clientId: CLIENT, tenantId: TENANT, authority: idp.origin };
  const person = { ...shared, name: 'person', flow: 'InteractiveBrowser', caFile: stage.caFile };
  stage.writeProfiles({
    profiles: [
      { name: 'ado', ...shared, caFile: stage.caFile },
      { name: 'me', ...shared, flow: 'InteractiveBrowser' },
      { ...shared, name: 'elsewhere', protocol: 'oidc', flow: 'ClientCredentials' },
      { name: 'gov', clientId: CLIENT, tenantId: TENANT, cloud: 'usgov' },
      person,
    ],
  });
  const { home } = stage;
  const { origin } = idp;
  await signIn({ home, storeKey: STORE_KEY, profile: person, origin, refreshToken: 'rt.good' });
});
beforeEach(() => {
  idp.seen.length = 0;
});
afterAll(async () => {
  await server?.close();
  await idp?.close();
  stage?.remove();
});

const text = (fields: Record<string, string | undefined>) =>
  `${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}\n`;
const say = (operation: string, input: string | Buffer, args: string[] = ['-p', 'ado']) =>
  stage.run(['git-credential', ...args, operation], { input });
const repos = { protocol: 'https', host: 'dev.azure.com' };
const scopes = () => idp.tokenRequests().map(({ body }) => body['scope']);

/** What a helper answered. */
const fieldsOf = (out: string) =>
  Object.fromEntries(
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );

describe('the answer', () => {
  it('is a password that ends, for every git', async () => {
    const { code, out, err } = await say('get', text({ ...repos, path: 'o/p', username: 'o' }));
    const { username, password = '', password_expiry_utc: end, ...rest } = fieldsOf(out);
    expect([code, err, username, rest]).toEqual([0, '', 'tokencli', {}]);
    const claims = JSON.parse(Buffer.from(password.split('.')[1] ?? '', 'base64url').toString());
    expect([claims.aud, Number(end) - claims.exp]).toEqual([AZURE_REPOS.split('/')[0], 0]);
    expect(scopes()).toEqual([AZURE_REPOS]);
  });

  it('is a Bearer token that nobody else may keep, for a git that takes one', async () => {
    const { out, err } = await say('get', text({ ...repos, 'capability[]': 'authtype' }));
    expect(out).toMatch(
      /^capability\[\]=authtype\nauthtype=Bearer\ncredential=\S+\nephemeral=1\npassword_expiry_utc=\d+\n$/,
    );
    expect([err, scopes()]).toEqual(['', []]);
  });

  it.each([
    ['an organization of old', { ...repos, host: 'contoso.visualstudio.com' }, []],
    ['its port', { ...repos, host: 'dev.azure.com:443' }, []],
    ['any case', { ...repos, host: 'Dev.Azure.COM' }, []],
    ['a host that is named', { ...repos, host: 'git.example' }, ['--host', 'git.example:443']],
    ['its port', { ...repos, host: 'git.example:8443' }, ['--host', 'GIT.example:8443']],
  ])('is for %s', async (_name, request, args) => {
    const { code, out } = await say('get', text(request), ['-p', 'ado', ...args]);
    expect([code, fieldsOf(out)['username']]).toEqual([0, 'tokencli']);
    const own = args.length > 0 ? ['https://graph.microsoft.com/.default'] : [];
    expect(own).toEqual(expect.arrayContaining(scopes()));
  });

  it.each([
    { profile: 'elsewhere', words: "no tokens of the issuer of profile 'elsewhere'" },
    { profile: 'gov', words: "no 'devops' is known in the cloud usgov" },
  ])('is none of profile $profile for Azure Repos', async ({ profile, words }) => {
    const { code, out, err } = await say('get', text(repos), ['-p', profile]);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(words)]);
    expect(idp.seen).toEqual([]);
  });

  it.each([
    ['another host', 'get', text({ ...repos, host: 'github.com' })],
    ['a host that looks alike', 'get', text({ ...repos, host: 'evil-dev.azure.com' })],
    ['one behind it', 'get', text({ ...repos, host: 'dev.azure.com.evil.example' })],
    ['one before it', 'get', text({ ...repos, host: 'visualstudio.com' })],
    ['another port', 'get', text({ ...repos, host: 'dev.azure.com:8443' })],
    ['no TLS', 'get', text({ ...repos, protocol: 'http' })],
    ['no host', 'get', text({ protocol: 'https' })],
    ['no request', 'get', ''],
    ['what it knows already', 'store', text({ ...repos, username: 'tokencli', password: 'p' })],
    ['an operation of tomorrow', 'capability', text(repos)],
    ['an operation of tomorrow with no profile', 'future', 'junk'],
  ])('is silence for %s', async (_name, operation, input) => {
    const args = operation === 'future' ? ['-p', 'nobody'] : ['-p', 'ado'];
    expect(await say(operation, input, args)).toMatchObject(NOTHING);
    expect(scopes()).toEqual([]);
  });

  it.each<[string, string | Buffer]>([
    ['a line without =', 'protocol=https\nhost\n\n'],
    ['a NUL', 'protocol=https\nhost=dev.azure.com\0\n\n'],
    ['a CR inside', 'protocol=https\nhost=dev.azure.com\revil\n\n'],
    ['no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['a megabyte', `protocol=https\n${'a'.repeat(1024 * 1024)}=1\n`],
  ])('is a failure for %s', async (_name, input) => {
    expect(await say('get', input)).toMatchObject({ code: 9, out: '' });
  });

  it.each<[string, string | Buffer]>([
    ['no newline at the end', 'protocol=https\nhost=dev.azure.com'],
    ['no blank line', 'protocol=https\nhost=dev.azure.com\n'],
    ['the line ends of Windows', 'protocol=https\r\nhost=dev.azure.com\r\n\r\n'],
    ['UTF-8', Buffer.from('protocol=https\nhost=dev.azure.com\npath=\xfc\n\n', 'latin1')],
    ['what follows the blank line', 'protocol=https\nhost=dev.azure.com\n\nhost=github.com\njunk'],
  ])('does without %s', async (_name, input) => {
    expect(fieldsOf((await say('get', input)).out)['username']).toBe('tokencli');
  });

  it('does not wait for more than the blank line', async () => {
    const input = stage.file('input', text(repos));
    const open = `mkfifo f; { cat '${input}'; exec sleep 20; } >f & "$@" <f; kill $!`;
    const { out } = await stage.run(['git-credential', '-p', 'ado', 'get'], {
      before: ['sh', '-c', open, '-'],
      timeout: 10_000,
    });
    expect(fieldsOf(out)['username']).toBe('tokencli');
  });

  it('ends the asking when only a person helps', async () => {
    const { code, out, err } = await say('get', text(repos), ['-p', 'me']);
    expect([code, out, err.split('\n').length]).toEqual([0, 'quit=1\n', 2]);
    expect(err).toContain('sign in with: tokencli get-token -p me --resource devops');
  });

  it('is refused for another tenant, which the server names', async () => {
    const challenge = (tenant: string) =>
      text({
        ...repos,
        'wwwauth[]': `Bearer authorization_uri=https://login.microsoftonline.com/${tenant}`,
      });
    expect((await say('get', challenge(TENANT.toUpperCase()))).code).toBe(0);
    expect((await say('get', challenge('00000000-0000-0000-0000-000000000000'))).code).toBe(0);
    const inOneLine = text({
      ...repos,
      'wwwauth[]': `Basic realm="a", Bearer authorization_uri=https://login.microsoftonline.com/${OTHER_TENANT}`,
    });
    for (const question of [challenge(OTHER_TENANT), inOneLine]) {
      const refused = await say('get', question);
      expect(refused).toMatchObject({ code: 4, out: '' });
      expect(refused.err).toContain(`wants a token of ${OTHER_TENANT}`);
    }
  });

  it.each([
    ['https://git.example'],
    ['git.example/path'],
    ['user@git.example'],
    ['git.example:port'],
  ])('is for no --host %s', async (host) => {
    expect(await say('get', text(repos), ['-p', 'ado', '--host', host])).toMatchObject({
      code: 2,
      out: '',
    });
  });
});

describe('erase', () => {
  const get = async (profile = 'ado') =>
    fieldsOf((await say('get', text(repos), ['-p', profile])).out)['password'];

  it('drops the token that was refused, and it alone', async () => {
    const graph = await stage.run(['get-token', '-p', 'ado', '--silent']);
    const before = await get();
    idp.seen.length = 0;
    const refused = { ...repos, username: 'tokencli', password: before };
    expect(await say('erase', text(refused), ['-p', 'ado', '--debug'])).toMatchObject({
      code: 0,
      out: '',
      err: expect.not.stringContaining(before ?? ''),
    });
    const after = await get();
    expect([after === before, scopes()]).toEqual([false, [AZURE_REPOS]]);
    // somebody else was refused the old one too
    await say('erase', text(refused));
    expect(await get()).toBe(after);
    await say('erase', text({ ...repos, authtype: 'Bearer', credential: after }));
    expect(await get()).not.toBe(after);
    expect((await stage.run(['get-token', '-p', 'ado', '--silent'])).out).toBe(graph.out);
  });

  it('leaves the sign-in of a person, which gets the next one', async () => {
    const before = await get('person');
    await say('erase', text({ ...repos, password: before }), ['-p', 'person']);
    const after = await get('person');
    expect([before, after].filter(Boolean)).toHaveLength(2);
    expect(after).not.toBe(before);
    expect(await get('person')).toBe(after);
    const grants = idp.tokenRequests().map(({ body }) => body['grant_type']);
    expect(grants).toEqual(['refresh_token', 'refresh_token']);
  });
});

describe('a real git', () => {
  const git = (...args: string[]) => {
    const helper = `!'${words.join("' '")}' git-credential -p ado --host ${server.host}`;
    const config = ['-c', 'credential.helper=', '-c', `credential.helper=${helper}`];
    return stage.run([], {
      program: ['git', ...config, ...args],
      env: {
        GIT_SSL_CAINFO: stage.caFile,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.com',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.com',
      },
    });
  };

  it('clones, pushes and fetches, and gets a fresh token after a refusal', async () => {
    const bare = join(stage.folder, 'served', 'repo.git');
    await git('init', '-q', '--bare', '-b', 'main', bare);
    await git('-C', bare, 'config', 'http.receivepack', 'true');
    const clone = join(stage.folder, 'clone');
    const inClone = (...args: string[]) => git('-C', clone, ...args);
    expect((await git('clone', '-q', `https://${server.host}/repo.git`, clone)).code).toBe(0);
    await inClone('commit', '-q', '--allow-empty', '-m', 'first');
    expect(await inClone('push', '-q', 'origin', 'HEAD:main')).toMatchObject(NOTHING);
    expect(await inClone('fetch', '-q')).toMatchObject(NOTHING);
    const [token] = server.passwords;
    expect(new Set(server.passwords)).toEqual(new Set([token]));

    server.accepts = (password) => password !== token;
    const refused = await inClone('fetch', '-q');
    expect([refused.code, refused.out]).toEqual([128, '']);
    expect(await inClone('fetch', '-q')).toMatchObject(NOTHING);
    expect(new Set(server.passwords).size).toBe(2);
  });
});
