import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import type { RunOptions } from '../support/run-cli.ts';
import { claimsOf, type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { ADA, READ } from '../support/sign-in-world.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const SECRET = 'a secret for the npm package';
const GET = ['get-token', '--silent', '-p'];
const PASSPHRASE = 'a passphrase of several words';

let idp: StandIn;
let stage: SignInStage;
let workshop: CertificateWorkshop;
let chromium: Chromium;
let keyring: KeyringSession;

beforeAll(async () => {
  const tls = createTestCa();
  workshop = createCertificateWorkshop();
  workshop.selfSigned('good');
  workshop.pfx('good', 'good', ['good'], ['-passout', 'pass:word']);
  idp = await startStandIn({
    tls,
    users: [ADA],
    clients: [
      { id: appId('app'), secret: SECRET },
      { id: appId('certified'), certificate: workshop.text('good.crt') },
      { id: appId('desktop'), redirectUris: ['http://localhost'] },
    ],
  });
  stage = setSignInStage(tls);
  chromium = await startChromium();
  keyring = await startKeyringSession('unlocked');
});
afterAll(async () => {
  await keyring?.stop();
  await chromium?.close();
  await idp?.close();
  stage?.remove();
  workshop?.remove();
});

/** Runs the npm package, which must do it. @returns stdout */
async function npm(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, out, err } = await stage.run(args, { ...options, program: 'npm package' });
  expect([args, code, err]).toEqual([args, 0, expect.not.stringContaining('tokencli:')]);
  return out;
}

const create = (name: string, client: string) => [
  ...['config', 'create', '--name', name, '--client-id', appId(client), '--tenant-id', idp.tenant],
  ...['--authority', idp.origin, '--ca-file', stage.caFile],
];
const inKeyring = () => ({ ...keyring.env, TOKENCLI_STORE: 'keyring' });
const names = async () => {
  const { profiles } = JSON.parse(await npm(['config', 'list', '--json']));
  return profiles.map(({ name }: { name: string }) => name);
};

describe('the npm package', () => {
  it('makes, shows, changes, carries and deletes profiles', async () => {
    await npm([...create('one', 'app'), '--client-secret-stdin'], { input: SECRET });
    await npm(['config', 'edit', '-p', 'one', '--login-hint', ADA.username]);
    const shown = JSON.parse(await npm(['config', 'show', '-p', 'one', '--json']));
    expect(shown).toMatchObject({ name: 'one', loginHint: ADA.username });
    await npm(['config', 'rename', 'one', 'first']);
    await npm(['config', 'default', 'first']);
    expect(await npm(['config', 'check'])).toContain('first');

    const file = join(stage.folder, 'carried.age');
    const pass = { input: PASSPHRASE };
    const secrets = ['--include-secrets', '--passphrase-stdin'];
    await npm(['config', 'export', '--all', '-o', file, ...secrets], pass);
    await npm(['config', 'delete', '-p', 'first', '--force']);
    expect(await names()).toEqual([]);
    await npm(['config', 'import', '-f', file, '--passphrase-stdin', '--yes'], pass);
    expect(await names()).toEqual(['first']);
    expect(await npm([...GET, 'first'])).toBe(`${idp.issued.at(-1)}\n`);
    await npm(['config', 'delete', '-p', 'first', '--force']);
  });

  it('gets a token with a secret once, then out of the cache, and tells what it is', async () => {
    await npm([...create('app', 'app'), '--client-secret-stdin'], { input: SECRET });
    const before = idp.tokenRequests().length;
    const token = await npm([...GET, 'app']);
    expect(await npm([...GET, 'app'])).toBe(token);
    expect(idp.tokenRequests()).toHaveLength(before + 1);
    expect(await npm(['refresh', '-p', 'app', '--silent'])).not.toBe(token);
    expect(JSON.parse(await npm(['inspect'], { input: token }))).toEqual(claimsOf(token));
    expect(JSON.parse(await npm(['discover', '--json'], { input: token })).valid).toBe(true);
    await npm(['logout', '-p', 'app']);
    expect(await npm([...GET, 'app'])).toBe(`${idp.issued.at(-1)}\n`);
    expect(idp.tokenRequests()).toHaveLength(before + 3);
  });

  it('gets a token with a certificate, and makes one', async () => {
    const pfx = ['--certificate', workshop.path('good.pfx'), '--certificate-password-stdin'];
    await npm([...create('certified', 'certified'), ...pfx], { input: 'word' });
    expect(await npm([...GET, 'certified'])).toBe(`${idp.issued.at(-1)}\n`);
    const entry = JSON.parse(await npm(['cert', 'create', '-p', 'certified']));
    expect(entry).toMatchObject({ type: 'AsymmetricX509Cert', usage: 'Verify' });
    expect(await npm(['cert', 'show', '-p', 'certified'])).toMatch(/^SHA-256 +[0-9A-F]{64}$/m);
  });

  it('keeps secrets in a real keyring', async () => {
    const env = inKeyring();
    await npm([...create('kept', 'app'), '--client-secret-stdin'], { input: SECRET, env });
    const token = await npm([...GET, 'kept'], { env });
    expect(await npm([...GET, 'kept'], { env })).toBe(token);
    await npm(['config', 'delete', '-p', 'kept', '--force'], { env });
  });

  it('signs a person in with the browser, and renews the token without', async () => {
    await npm([...create('me', 'desktop'), '--flow', 'InteractiveBrowser', '--scope', READ]);
    const person = await chromium.person();
    const args = ['get-token', '-p', 'me'];
    const { code, out, err } = await stage.signIn(
      args,
      async (link) => {
        await person.signIn(link, ADA);
        await person.see('You are signed in');
      },
      { program: 'npm package' },
    );
    await person.leave();
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    expect(err).toContain('✓ Token acquired successfully');
    expect(await npm(['refresh', '-p', 'me', '--silent'])).toBe(`${idp.issued.at(-1)}\n`);
    expect(await npm(['logout', '-p', 'me'])).toBe('');
  });

  it('examines the machine, and completes command lines', async () => {
    const { store, node } = JSON.parse(await npm(['doctor', '-p', 'app', '--json']));
    expect([store.ok, node.ok]).toEqual([true, true]);
    expect(node.detail).toContain(`npm package, Node.js ${process.versions.node}, `);
    const env = { NODE_DEBUG: 'none', NODE_V8_COVERAGE: stage.folder };
    const traced = await stage.run(['doctor', '-p', 'app'], { program: 'npm package', env });
    expect(traced.out).toContain('; NODE_DEBUG is set; NODE_V8_COVERAGE is set');
    expect(await npm(['completion', 'bash'])).toContain('complete ');
    expect(await npm(['__complete', '=ap', 'get-token', '-p'])).toContain('app');
  });
});

const PAIRS = [
  ['executable', 'npm package'],
  ['npm package', 'executable'],
] as const;

describe.each(PAIRS)('what the %s has made, the %s uses', (first, second) => {
  it.each(['file', 'keyring'])('profile, secret and cached token: %s', async (store) => {
    const env = store === 'keyring' ? inKeyring() : {};
    const name = `of-the-${first.replace(' ', '-')}-${store}`;
    const before = idp.tokenRequests().length;
    const make = [...create(name, 'app'), '--client-secret-stdin'];
    expect((await stage.run(make, { program: first, input: SECRET, env })).code).toBe(0);
    // the key of the cache is made by the one that asks first
    const got = await stage.run([...GET, name], { program: second, env });
    expect(got).toMatchObject({ code: 0, out: `${idp.issued.at(-1)}\n`, err: '' });
    expect(await stage.run([...GET, name], { program: first, env })).toEqual(got);
    expect(idp.tokenRequests()).toHaveLength(before + 1);

    const edit = ['config', 'edit', '-p', name, '--client-secret-stdin'];
    expect((await stage.run(edit, { program: second, input: 'wrong', env })).code).toBe(0);
    const refused = await stage.run([...GET, name, '--force-refresh'], { program: first, env });
    expect([refused.code, refused.out]).toEqual([4, '']);
    const gone = ['config', 'delete', '-p', name, '--force'];
    expect((await stage.run(gone, { program: first, env })).code).toBe(0);
    expect((await stage.run([...GET, name], { program: second, env })).code).toBe(3);
  });
});

it('20 processes of each at once make one request, and all print its token', async () => {
  const env = { TOKENCLI_CLIENT_SECRET: SECRET };
  await npm(create('crowd', 'app'));
  const before = idp.tokenRequests().length;
  const crowd = Array.from({ length: 20 }, () => ['executable', 'npm package'] as const).flat();
  const results = await Promise.all(
    crowd.map((program) =>
      stage.run([...GET, 'crowd', '--timeout', '2m'], { program, env, timeout: 150_000 }),
    ),
  );
  const wanted = { code: 0, signal: null, out: `${idp.issued.at(-1)}\n`, err: '' };
  expect(results).toEqual(crowd.map(() => wanted));
  expect(idp.tokenRequests()).toHaveLength(before + 1);
  const locks = readFileSync(join(stage.home, '.tokencli', 'locks', 'token-crowd.lock'));
  expect(locks).toHaveLength(0);
});
