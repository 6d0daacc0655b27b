import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAgeFiles } from '../../src/adapters/age/age.ts';
import { createSealedStore } from '../../src/adapters/sealed-store.ts';
import { appId } from '../support/app-id.ts';
import { createCertificateWorkshop } from '../support/certificates.ts';
import { startKeyringSession } from '../support/keyring-session.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createStoreApp } from '../support/store-app.ts';
import { openTerminal } from '../support/terminal.ts';

const KILLS = Number(process.env['TOKENCLI_HOSTILE_RUNS'] ?? 30);
const PROFILES = 20;
const PASSPHRASE = 'correct horse battery staple';
const STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: randomBytes(32).toString('base64'),
};
const age = createAgeFiles({ interrupted: new AbortController().signal }, 4);
const ENV = { ...STORE, PASS: PASSPHRASE };

let stage: Stage;
beforeAll(async () => {
  stage = setStage(ENV);
  const profiles = Array.from({ length: PROFILES }, (_, index) => ({
    name: `p${index}`,
    clientId: appId('app'),
    tenantId: 'contoso.com',
    credentials: [{ kind: 'clientSecret', value: `secret ${index}` }],
  }));
  const plain = Buffer.from(JSON.stringify({ format: 'tokencli-export', version: 1, profiles }));
  stage.file('profiles.age', Buffer.from(await age.encrypt(plain, PASSPHRASE, false)));
});
afterAll(() => stage?.remove());

const words = ['config', 'import', '-f', 'profiles.age', '--passphrase-env', 'PASS'];
const home = () => join(stage.home, '.tokencli');
const empty = () => {
  rmSync(home(), { recursive: true, force: true });
  mkdirSync(home(), { mode: 0o700 });
};

interface Ref {
  readonly kind: string;
  readonly id: string;
}

/** References of profiles.json, and what the store holds, both as accounts. */
async function accounts() {
  const { app } = createStoreApp({ home: stage.home, env: STORE });
  const held = await createSealedStore(app).list();
  const path = join(home(), 'profiles.json');
  const { profiles }: { profiles: { credentials?: Ref[] }[] } = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { profiles: [] };
  const refs = profiles.flatMap(({ credentials }) => credentials ?? []);
  return { count: profiles.length, held, named: refs.map(({ kind, id }) => `${kind}:${id}`) };
}

/** Resolves when the run begins to change something; until then it only loads code. */
async function begun(): Promise<void> {
  for (let polls = 0; polls < 20_000 && !existsSync(join(home(), 'pending')); polls += 1) {
    await wait(1);
  }
}

/** Milliseconds from the first change of an undisturbed run to its end. */
async function timeOfOne(): Promise<number> {
  empty();
  const run = stage.run(words);
  await begun();
  const start = performance.now();
  expect((await run).code).toBe(0);
  return performance.now() - start;
}

describe('an import that is killed', () => {
  it(
    `leaves all or nothing, ${KILLS} times; the next change removes what was left`,
    async () => {
      const span = await timeOfOne();
      const seen = { none: 0, all: 0, orphans: 0 };
      for (let round = 0; round < KILLS; round += 1) {
        empty();
        const moment = randomInt(Math.round(span * 1100)) / 1000;
        const killed = await stage.run(words, {
          watch: (child) => {
            void begun()
              .then(() => wait(moment))
              .then(() => child.kill('SIGKILL'));
          },
        });
        const { count, held, named } = await accounts();
        expect([0, PROFILES]).toContain(count);
        expect(named.filter((account) => !held.includes(account))).toEqual([]);
        if (killed.code === 0) expect(count).toBe(PROFILES);
        if (count === 0) seen.none += 1;
        else seen.all += 1;
        if (held.length === named.length) continue;
        seen.orphans += 1;
        const ids = [
          ...['--client-id', appId('app'), '--tenant-id', 'contoso.com'],
          ...['--client-secret-env', 'PASS'],
        ];
        expect((await stage.run(['config', 'create', '--name', 'next', ...ids])).code).toBe(0);
        const after = await accounts();
        expect(after.held.filter((account) => !account.startsWith('cacheKey')).sort()).toEqual(
          after.named.sort(),
        );
      }
      console.log(`killed within the last ${Math.round(span)} ms: ${JSON.stringify(seen)}`);
      expect(seen.none + seen.all).toBe(KILLS);
    },
    60_000 + KILLS * 4000,
  );
});

it('20 imports of the same file at once: one takes it, the others say what is there', async () => {
  empty();
  const done = await Promise.all(Array.from({ length: 20 }, () => stage.run(words)));
  const codes = done.map(({ code }) => code);
  expect(codes.filter((code) => code === 0)).toHaveLength(1);
  // too late to plan (2), or beaten between plan and commit (11)
  expect(codes.filter((code) => code !== 0 && code !== 2 && code !== 11)).toEqual([]);
  const { count, held, named } = await accounts();
  expect([count, [...held].sort()]).toEqual([PROFILES, named.sort()]);
});

it('carries secret and certificate from one keyring to another', async () => {
  const workshop = createCertificateWorkshop();
  workshop.selfSigned('app');
  const pem = stage.file('app.pem', workshop.text('app.key') + workshop.text('app.crt'));
  workshop.remove();
  const sessions = await Promise.all([0, 1].map(() => startKeyringSession('unlocked')));
  try {
    const [here, there] = sessions.map(({ env }, index) => ({
      ...{ ...env, TOKENCLI_STORE: 'keyring', TOKENCLI_STORE_KEY: undefined },
      ...{ TOKENCLI_HOME: join(stage.folder, `home-${index}`), PASS: PASSPHRASE },
    }));
    const ids = ['--client-id', appId('app'), '--tenant-id', 'contoso.com'];
    const secret = ['--client-secret-env', 'PASS'];
    const certificate = ['--certificate', pem, '--import-certificate'];
    const pass = ['--passphrase-env', 'PASS'];
    const all = ['--all', '--include-secrets'];
    const steps: [string[], typeof here][] = [
      [['create', '--name', 'a', ...ids, ...secret], here],
      [['create', '--name', 'b', ...ids, ...certificate], here],
      [['export', ...all, '-o', 'moved.age', ...pass], here],
      [['import', '-f', 'moved.age', ...pass], there],
      // opens every secret of the new keyring
      [['export', ...all, '-o', 'again.age', ...pass], there],
    ];
    for (const [step, env] of steps) {
      const { code, err } = await stage.run(['config', ...step], { env: env ?? {} });
      expect([code, err]).toEqual([0, expect.any(String)]);
    }
    const open = async (name: string) =>
      Buffer.from(
        (await age.decrypt(readFileSync(join(stage.folder, name)), PASSPHRASE)) ?? [],
      ).toString();
    expect(await open('again.age')).toBe(await open('moved.age'));
    expect(await open('again.age')).toContain('BEGIN PRIVATE KEY');
  } finally {
    await Promise.all(sessions.map((session) => session.stop()));
  }
});

describe('at a terminal', () => {
  const terminal = (args: string[], cwd: string) =>
    openTerminal(args, { ...STORE, TOKENCLI_HOME: home(), PWD: cwd });

  it('asks for the passphrase, shows the plan, asks, and says what it did', async () => {
    empty();
    const file = join(stage.folder, 'profiles.age');
    const screen = await terminal(['config', 'import', '-f', file], stage.folder);
    await screen.waitFor(`Passphrase of ${file}`);
    screen.type(`${PASSPHRASE}\r`);
    await screen.waitFor('p0           new');
    await screen.waitFor(`  client id  ${appId('app')}`);
    await screen.waitFor('  secrets    client secret');
    await screen.waitFor('Import these 20 profiles?');
    screen.type('y\r');
    await screen.waitFor('✓ 20 profiles imported');
    expect(await screen.ended()).toEqual({ code: 0, out: '' });
    expect(screen.screen()).not.toContain(PASSPHRASE);
    await screen.close();
    expect((await accounts()).count).toBe(PROFILES);
  });

  it('does nothing on Ctrl+C, at either question', async () => {
    empty();
    const file = join(stage.folder, 'profiles.age');
    for (const answers of [[], [`${PASSPHRASE}\r`]]) {
      const screen = await terminal(['config', 'import', '-f', file], stage.folder);
      await screen.waitFor('Passphrase of');
      for (const answer of answers) {
        screen.type(answer);
        await screen.waitFor('Import these 20 profiles?');
      }
      screen.type('\u0003');
      expect(await screen.ended()).toEqual({ code: 130, out: '' });
      await screen.close();
      expect((await accounts()).held).toEqual([]);
    }
  });

  it('exports with a passphrase that is typed twice', async () => {
    empty();
    expect((await stage.run(words)).code).toBe(0);
    const file = join(stage.folder, 'typed.age');
    const args = ['config', 'export', '-p', 'p1', '--include-secrets', '-o', file];
    const screen = await terminal(args, stage.folder);
    await screen.waitFor('Passphrase for the file (at least 12 characters)');
    screen.type(`${PASSPHRASE}\r`);
    await screen.waitFor('The same passphrase again');
    screen.type(`${PASSPHRASE}\r`);
    await screen.waitFor('p1: client secret');
    await screen.waitFor('✓ 1 profile exported');
    expect(await screen.ended()).toEqual({ code: 0, out: '' });
    await screen.close();
    const opened = await age.decrypt(readFileSync(file), PASSPHRASE);
    expect(Buffer.from(opened ?? []).toString()).toContain('"value": "secret 1"');
  });

  it('ends the computing at Ctrl+C', async () => {
    empty();
    // the header asks for 2^18 rounds, which take a second, before anything can be found wrong
    const costly = readFileSync(join(stage.folder, 'profiles.age')).toString('latin1');
    const file = stage.file('costly.age', Buffer.from(costly.replace(' 4\n', ' 18\n'), 'latin1'));
    const screen = await terminal(['config', 'import', '-f', file], stage.folder);
    await screen.waitFor('Passphrase of');
    screen.type(`${PASSPHRASE}\r`);
    await wait(100);
    screen.type('\u0003');
    const start = performance.now();
    expect(await screen.ended()).toEqual({ code: 130, out: '' });
    expect(performance.now() - start).toBeLessThan(2500);
    await screen.close();
  });
});
