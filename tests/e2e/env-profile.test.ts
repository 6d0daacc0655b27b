import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const WITH_SECRET = '1f0e0d0c-0b0a-4908-8706-050403020101';
const WITH_CERTIFICATE = '1f0e0d0c-0b0a-4908-8706-050403020102';
const SECRET = 'kQ8~of-the-environment';
const PASSWORD = 'opens the pfx';
const asRoot = process.getuid?.() === 0;

const tls = createTestCa();
let workshop: CertificateWorkshop;
let idp: StandIn;
let busy: FakeIdp;
let stage: Stage;
let home: string;

beforeAll(async () => {
  workshop = createCertificateWorkshop();
  workshop.selfSigned('app');
  workshop.pfx('app', 'app', ['app'], ['-passout', `pass:${PASSWORD}`]);
  idp = await startStandIn({
    tls,
    clients: [
      { id: WITH_SECRET, secret: SECRET },
      { id: WITH_CERTIFICATE, certificate: workshop.text('app.crt') },
    ],
  });
  busy = await startFakeIdp({ tls });
});
afterAll(async () => {
  await idp?.close();
  await busy?.close();
  workshop?.remove();
});
beforeEach(() => {
  stage = setStage({}, tls);
  home = join(stage.folder, 'bare');
  mkdirSync(home, { mode: 0o755 });
});
afterEach(() => stage.remove());

const pem = () => workshop.text('app.key') + workshop.text('app.crt');
const run = (args: string[], env: Record<string, string | undefined>, before: string[] = []) =>
  stage.run(args, { env, home, before, caFile: stage.caFile, cwd: home });
/** What a CI job brings. */
const azure = (more: Record<string, string | undefined> = {}) => ({
  AZURE_CLIENT_ID: WITH_SECRET,
  AZURE_TENANT_ID: idp.tenant,
  AZURE_CLIENT_SECRET: SECRET,
  AZURE_AUTHORITY_HOST: idp.origin,
  ...more,
});
const azureCertificate = (more: Record<string, string>) =>
  azure({ AZURE_CLIENT_ID: WITH_CERTIFICATE, AZURE_CLIENT_SECRET: '', ...more });

interface Job {
  readonly what: string;
  readonly env: () => Record<string, string | undefined>;
}
const JOBS: readonly Job[] = [
  { what: 'the usual variables', env: () => azure() },
  { what: 'no HOME', env: () => azure({ HOME: undefined, TOKENCLI_HOME: join(home, 'none') }) },
  {
    what: 'ours before those of Azure',
    env: () => azure({ AZURE_CLIENT_SECRET: 'another', TOKENCLI_CLIENT_SECRET: `${SECRET}\n` }),
  },
  {
    what: 'the path of a certificate',
    env: () =>
      azureCertificate({
        AZURE_CLIENT_CERTIFICATE_PATH: workshop.path('app.pfx'),
        AZURE_CLIENT_CERTIFICATE_PASSWORD: PASSWORD,
      }),
  },
  { what: 'PEM', env: () => azureCertificate({ TOKENCLI_CLIENT_CERTIFICATE: pem() }) },
  {
    what: 'PEM with \\n written out',
    env: () => azureCertificate({ TOKENCLI_CLIENT_CERTIFICATE: pem().replaceAll('\n', '\\n') }),
  },
  {
    what: 'PEM on one line',
    env: () => azureCertificate({ TOKENCLI_CLIENT_CERTIFICATE: pem().replaceAll('\n', ' ') }),
  },
  {
    what: 'PEM in base64',
    env: () =>
      azureCertificate({ TOKENCLI_CLIENT_CERTIFICATE: Buffer.from(pem()).toString('base64') }),
  },
  {
    what: 'a PFX in base64, with its password',
    env: () =>
      azureCertificate({
        TOKENCLI_CLIENT_CERTIFICATE: workshop.bytes('app.pfx').toString('base64'),
        TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: PASSWORD,
      }),
  },
];

describe('a job with nothing but variables', () => {
  it.each(JOBS)('$what: the token and nothing else', async ({ env }) => {
    const { code, out, err } = await run(['get-token', '--silent'], env());
    expect([code, out, err]).toEqual([0, `${idp.issued.at(-1)}\n`, '']);
    expect(readdirSync(home)).toEqual([]);
  });

  // root may write everywhere, so root plays nobody
  it('a home that cannot be written', async () => {
    const before = asRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    for (const path of [join(stage.folder, '..'), stage.folder]) chmodSync(path, 0o755);
    chmodSync(stage.caFile, 0o644);
    chmodSync(home, 0o555);
    const { code, out, err } = await run(['get-token', '--silent'], azure(), before);
    expect([code, out, err]).toEqual([0, `${idp.issued.at(-1)}\n`, '']);
  });

  it.each([
    { where: 'none yet', more: [], folder: () => undefined },
    { where: 'out of reach', more: [], folder: () => join(stage.caFile, 'below-a-file') },
    { where: 'out of reach', more: ['--lazy'], folder: () => join(stage.caFile, 'below-a-file') },
  ])(
    'serves a program of exec $more with the one token that it requested: its folder is $where',
    async ({ more, folder }) => {
      const ask = '"$IDENTITY_ENDPOINT?resource=$0" -H "X-IDENTITY-HEADER: $IDENTITY_HEADER"';
      const script = ['sh', '-c', `curl -s ${ask} ${ask}`, 'https://graph.microsoft.com'];
      const before = idp.issued.length;
      const { code, out } = await run(
        ['exec', '-p', '@env', ...more, '--', ...script],
        azure({ TOKENCLI_HOME: folder() }),
      );
      expect([code, out.split(idp.issued.at(-1) ?? '').length - 1]).toEqual([0, 2]);
      expect(idp.issued).toHaveLength(before + 1);
    },
  );

  it('is refreshed, sized up and shown, and leaves nothing behind', async () => {
    const first = idp.issued.length;
    const refreshed = await run(['refresh'], azure());
    expect([refreshed.code, refreshed.out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    expect(refreshed.err).toContain("Refreshing token for profile '@env'...");
    const named = await run(['get-token', '--json'], azure({ TOKENCLI_PROFILE: '@env' }));
    expect(JSON.parse(named.out)).toMatchObject({ profile: '@env', fromCache: false });
    expect(idp.issued).toHaveLength(first + 2);
    const checked = await run(['doctor', '-p', '@env', '--json'], azure());
    expect([checked.code, JSON.parse(checked.out)]).toMatchObject([
      0,
      {
        store: { ok: true, detail: 'not needed: profile @env keeps nothing' },
        network: { ok: true, detail: expect.stringContaining('profile @env') },
      },
    ]);
    expect((await run(['config', 'show', '--effective'], azure())).code).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });

  it('nothing of a certificate in a variable is shown, also when it is refused', async () => {
    const line = workshop.text('app.key').split('\n')[3] ?? '';
    const cut = { TOKENCLI_CLIENT_CERTIFICATE: pem().slice(0, 800) };
    for (const more of [
      cut,
      { AZURE_CLIENT_ID: WITH_SECRET, TOKENCLI_CLIENT_CERTIFICATE: pem() },
    ]) {
      const { code, out, err } = await run(['get-token', '--debug'], azureCertificate(more));
      expect([code === 0, out, err.includes(line)]).toEqual([false, '', false]);
      expect(err).toContain('TOKENCLI_CLIENT_CERTIFICATE');
    }
  });

  it('a server that asks to be left alone leaves no note', async () => {
    busy.script.push({ status: 429, headers: { 'retry-after': '600' }, body: {} });
    const env = azure({ AZURE_AUTHORITY_HOST: busy.origin });
    const { code, err } = await run(['get-token', '--silent'], env);
    expect([code, readdirSync(home)]).toEqual([8, []]);
    expect(err).toContain('asks to wait 600s');
  });
});

it('by name it needs no file, and touches none that cannot be used', async () => {
  const folder = join(home, '.tokencli');
  mkdirSync(folder);
  const profiles = join(folder, 'profiles.json');
  writeFileSync(profiles, '{"profiles": [');
  chmodSync(folder, 0o777);
  expect((await run(['get-token', '--silent'], azure())).code).toBe(10);
  const { code, out } = await run(['get-token', '-p', '@ENV', '--silent'], azure());
  expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  const wrong = await run(['get-token', '-p', '@env'], azure({ AZURE_CLIENT_SECRET: 'wrong' }));
  expect(wrong.err).toMatch(/AADSTS7000215.*\n {2}try: correct or unset AZURE_CLIENT_SECRET/);
  expect([readdirSync(folder), readFileSync(profiles, 'utf8')]).toEqual([
    ['profiles.json'],
    '{"profiles": [',
  ]);
  rmSync(folder, { recursive: true });
});

it('a profile that is there goes first, and its issuer gets no certificate of Azure', async () => {
  const profile = {
    name: 'own',
    clientId: WITH_CERTIFICATE,
    tenantId: idp.tenant,
    authority: idp.origin,
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [{ ...profile, caFile: stage.caFile }] });
  const store = {
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 5).toString('base64'),
  };
  const get = (env: Record<string, string>) =>
    stage.run(['get-token', '--json'], { env: { ...store, ...env } });
  const first = await get({ TOKENCLI_CLIENT_CERTIFICATE: pem() });
  expect(JSON.parse(first.out)).toMatchObject({ profile: 'own', fromCache: false });
  const again = await get({ TOKENCLI_CLIENT_CERTIFICATE: pem() });
  expect(JSON.parse(again.out)).toMatchObject({ fromCache: true });
  const other = workshop.text('app.crt') + workshop.text('app.key');
  const changed = await get({ TOKENCLI_CLIENT_CERTIFICATE: other });
  expect(JSON.parse(changed.out)).toMatchObject({ fromCache: false });
  const foreign = await stage.run(['get-token'], {
    env: { ...store, ...azure({ AZURE_AUTHORITY_HOST: '' }) },
  });
  expect([foreign.code, foreign.out]).toEqual([5, '']);
});
