import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { builtCli } from '../support/built-cli.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const KEY = Buffer.alloc(32, 7).toString('base64');
const STORE = { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY };
const PLAIN = ['get-token', '-p', 'app', '--silent'];

type Variables = Readonly<Record<string, string | undefined>>;

let stage: Stage;
let idp: FakeIdp;
let cli: string;
let saved: string;
const home = () => join(stage.home, '.tokencli');
const file = (name: string) => join(home(), name);
const readFile = () => JSON.parse(readFileSync(file('profiles.json'), 'utf8'));
const readProfile = () => readFile().profiles[0];
const editFile = (changes: object) => stage.writeProfiles({ ...readFile(), ...changes });
const editProfile = (changes: object) => editFile({ profiles: [{ ...readProfile(), ...changes }] });

beforeAll(async () => {
  stage = setStage(STORE);
  cli = await builtCli();
  idp = await startFakeIdp({ tls: stage.tls });
  const made = await stage.run(
    [
      ...['config', 'create', '--name', 'app', '--client-id', 'client', '--tenant-id', TENANT],
      ...['--authority', idp.origin, '--ca-file', stage.caFile, '--client-secret-stdin'],
      ...['--scope', 'https://graph.microsoft.com/.default'],
    ],
    { input: 'a secret for the tests' },
  );
  expect(made.code).toBe(0);
  expect((await stage.run(PLAIN)).code).toBe(0);
  saved = join(stage.folder, 'saved');
  cpSync(home(), saved, { recursive: true });
});

afterAll(async () => {
  await idp?.close();
  stage?.remove();
});

beforeEach(restore);

function restore(): void {
  rmSync(home(), { recursive: true });
  cpSync(saved, home(), { recursive: true, preserveTimestamps: true });
}

function execute(script: string, args: readonly string[], env: Variables) {
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const options = {
      cwd: stage.folder,
      env: { PATH: process.env['PATH'], HOME: stage.home, LANG: 'C.UTF-8', ...STORE, ...env },
    };
    const child = execFile(process.execPath, [script, ...args], options, (error, out, err) => {
      resolve({ code: error ? error.code : 0, out, err });
    });
    child.stdin?.end();
  });
}

/** True if the quick lane had the answer: the rest of the program was not even there. */
async function answersAlone(args: readonly string[], env: Variables = {}): Promise<boolean> {
  const alone = join(stage.folder, 'alone.cjs');
  cpSync(cli, alone);
  const { code, out } = await execute(alone, args, env);
  return code === 0 && /^[\w-]+\.[\w-]+\.[\w-]*\n$/.test(out);
}

describe('the quick lane', () => {
  it('answers plain calls, with no request and no change of any file', async () => {
    const token = (await stage.run(PLAIN)).out;
    await stage.run([...PLAIN.slice(0, 3), '--json']);
    const before = snapshot();
    for (const args of [PLAIN, ['get-token', '--silent', '--profile=app']]) {
      expect(await answersAlone(args)).toBe(true);
      expect((await stage.run(args)).out).toBe(token);
    }
    expect(await answersAlone(['get-token', '--silent'], { TOKENCLI_PROFILE: 'app' })).toBe(true);
    expect(snapshot()).toEqual(before);
  });

  it.each([
    ['without --silent', ['get-token', '-p', 'app'], {}],
    ['with --json', [...PLAIN, '--json'], {}],
    ['with -o', [...PLAIN, '-o', 'x'], {}],
    ['for another spelling of the name', ['get-token', '-p', 'APP', '--silent'], {}],
    ['with another secret', PLAIN, { TOKENCLI_CLIENT_SECRET: 'x' }],
    ['with another client', PLAIN, { AZURE_CLIENT_ID: 'x' }],
    ['with another store', PLAIN, { TOKENCLI_STORE: 'keyring', DBUS_SESSION_BUS_ADDRESS: 'unix:' }],
    [
      'with another store key',
      PLAIN,
      { TOKENCLI_STORE_KEY: Buffer.alloc(32, 1).toString('base64') },
    ],
  ] as [string, string[], Variables][])('steps aside %s', async (_title, args, env) => {
    expect(await answersAlone(args, env)).toBe(false);
  });

  it('still answers when only other parts of profiles.json have changed', async () => {
    restore();
    editFile({ default: 'app' });
    expect(await answersAlone(PLAIN)).toBe(true);
    editProfile({ note: 'new' });
    expect(await answersAlone(PLAIN)).toBe(false);
  });

  it('answers among 1,000 profiles after another one was edited, and 100 other tokens', async () => {
    const others = Array.from({ length: 999 }, (_, number) => ({
      ...{ name: `other-${number}`, clientId: `client-${number}`, tenantId: TENANT },
      scopes: ['https://graph.microsoft.com/.default'],
    }));
    const app = readProfile();
    editFile({ profiles: [...others, app] });
    const edit = ['config', 'edit', '-p', 'other-5', '--login-hint', 'me@contoso.com'];
    expect((await stage.run(edit)).code).toBe(0);
    expect(readdirSync(home())).toContain('profiles.index');
    const [head, ...records] = readFileSync(file('cache/app.tokens'), 'utf8').trim().split('\n');
    const more = Array.from({ length: 100 }, (_, number) =>
      (records[0] ?? '').replace(/^\w{32}/, String(number).padStart(32, '0')),
    );
    writeFileSync(file('cache/app.tokens'), `${[head, ...records, ...more].join('\n')}\n`);
    expect(await answersAlone(PLAIN)).toBe(true);
    writeFileSync(file('cache/app.tokens'), `${[head, ...more, ...records].join('\n')}\n`);
    expect(await answersAlone(PLAIN)).toBe(true);
    editFile({ profiles: [...others, { ...app, clientId: 'another' }] });
    expect(await answersAlone(PLAIN)).toBe(false);
  });
});

function snapshot(): string[] {
  return readdirSync(home(), { recursive: true, encoding: 'utf8' }).map((name) => {
    const { size, mtimeMs, ctimeMs } = statSync(join(home(), name));
    return [name, size, mtimeMs, ctimeMs].join(' ');
  });
}
