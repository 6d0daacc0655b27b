import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { runCli } from '../support/run-cli.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const ENTER = '\r';
const TAB = '\t';
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';
const BACKSPACE = '\u007f';
const SECRET = 'Xy8~hunter2.secret-value';
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';

let folder: string;
let elsewhere: string | undefined;
let terminal: Terminal | undefined;
const env = () => ({
  TOKENCLI_HOME: folder,
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 3).toString('base64'),
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-config-'));
});
afterEach(async () => {
  await terminal?.close();
  for (const each of [folder, elsewhere]) if (each) rmSync(each, { recursive: true, force: true });
});

const file = () => join(folder, 'profiles.json');
const content = () => readFileSync(file(), 'utf8');
const profiles = () => JSON.parse(content()).profiles;
const secrets = () => readFileSync(join(folder, 'secrets.sealed'), 'utf8');

async function sit(...args: string[]): Promise<Terminal> {
  terminal = await openTerminal(['config', ...args], env());
  return terminal;
}

async function makeProfile() {
  const ids = ['--name', 'ci', '--client-id', appId('app'), '--tenant-id', TENANT];
  const args = ['config', 'create', ...ids, '--client-secret-stdin'];
  expect((await runCli(args, { env: env(), input: 'the first' })).code).toBe(0);
}

/** Answers one question after the other, each as soon as its text is shown. */
async function converse(screen: Terminal, log: readonly (readonly [string, string])[]) {
  for (const [shown, keys] of log) {
    await screen.waitFor(shown);
    screen.type(keys);
  }
}

describe('config create', () => {
  it('says what is missing while it is typed, completes scopes, shows the command', async () => {
    const screen = await sit('create', '--client-id', appId('app'));
    await converse(screen, [
      ['? Profile name', 'c i'],
      ['letters, digits, dots, underscores and hyphens', `${BACKSPACE.repeat(2)}i${ENTER}`],
      ['✔ Profile name ci', ''],
      ['? Tenant ID or domain', 'contoso'],
      ['a GUID or a domain such as contoso.onmicrosoft.com', `.com${ENTER}`],
      ['✔ Tenant ID or domain contoso.com', ''],
      ['? How does the application sign in?', ''],
      ['❯ Client secret', ENTER],
      ['[input is masked]', `${SECRET}${ENTER}`],
      ['❯ ClientCredentials', ENTER],
      ['? Scope (https://graph.microsoft.com/.default)', ''],
      ['Tab: https://graph.microsoft.com/.default', ''],
      ['https://management.azure.com/.default', ''],
      ['https://manage.office.com/.default', ''],
      ['https://TENANT.sharepoint.com/.default', 'share'],
      ["'share' does not", TAB],
      ["put your tenant's name in the place of TENANT", ENTER],
      ["> put your tenant's name in the place of TENANT", '\u0015'],
      ['Tab: https://graph', `mana${TAB}`],
      ['? Scope https://management.azure.com/.default', ENTER],
      ["✓ Profile 'ci' saved to", ''],
      ['The same without questions:', ''],
      [
        `  tokencli config create --client-id ${appId('app')} --name ci --tenant-id contoso.com`,
        '',
      ],
      ['--client-secret-stdin', ''],
      ['Try it: tokencli get-token -p ci', ''],
    ]);
    expect(await screen.ended()).toEqual({ code: 0, out: '' });
    expect(screen.screen()).not.toContain('Application (client) ID');
    expect(screen.screen()).not.toContain(SECRET);
    expect(profiles()).toMatchObject([
      { name: 'ci', scopes: ['https://management.azure.com/.default'] },
    ]);
  });

  it.each([
    { what: 'is none', name: 'c i', problem: 'name: must be letters' },
    { what: 'is taken', name: 'CI', problem: "there is already a profile 'CI'" },
  ])('refuses a --name that $what before the first question', async ({ name, problem }) => {
    await makeProfile();
    const screen = await sit('create', '--name', name);
    expect(await screen.ended()).toEqual({ code: 2, out: '' });
    expect(screen.screen()).toContain(problem);
    expect(screen.screen()).not.toContain('?');
  });

  it('Ctrl+C at any question leaves nothing behind', async () => {
    const log = [
      ['? Profile name', `ci${ENTER}`],
      ['? Application (client) ID', `${appId('app')}${ENTER}`],
      ['? Tenant ID or domain', `contoso.com${ENTER}`],
      ['? How does the application sign in?', ENTER],
      ['[input is masked]', `${SECRET}${ENTER}`],
      ['❯ ClientCredentials', ENTER],
      ['? Scope', ENTER],
    ] as const;
    for (const stop of [0, 4, 6]) {
      const screen = await sit('create');
      await converse(screen, log.slice(0, stop));
      await screen.waitFor(log[stop]?.[0] ?? '');
      screen.type(CTRL_C);
      expect(await screen.ended()).toEqual({ code: 130, out: '' });
      await screen.close();
      for (const name of ['profiles.json', 'secrets.sealed', 'pending']) {
        expect(existsSync(join(folder, name))).toBe(false);
      }
    }
  });

  it('without a keyring ends before a secret is asked for, and names the cure', async () => {
    terminal = await openTerminal(['config', 'create'], { TOKENCLI_HOME: folder });
    await converse(terminal, [
      ['? Profile name', `ci${ENTER}`],
      ['? Application (client) ID', `${appId('app')}${ENTER}`],
      ['? Tenant ID or domain', `contoso.com${ENTER}`],
      ['❯ Client secret', ENTER],
      ['sealed file: TOKENCLI_STORE=file', ''],
    ]);
    expect(await terminal.ended()).toEqual({ code: 7, out: '' });
    expect(terminal.screen()).not.toContain('[input is masked]');
  });
});

describe('config edit', () => {
  it('has the menu of fields; a new secret takes the place of the old one', async () => {
    await makeProfile();
    const before = [content(), secrets()];
    const screen = await sit('edit', '-p', 'ci');
    await converse(screen, [
      ["? What is to be changed in 'ci'?", ''],
      ['❯ Client Secret', ''],
      ['  Certificate', ''],
      ['  Application (client) ID', ''],
      ['  Tenant ID or domain', ''],
      ['  Scopes', ENTER],
      ['? New client secret [input is masked]', `${SECRET}${ENTER}`],
      ["✓ Profile 'ci' changed", ''],
      ['The same without questions:', ''],
      ['  tokencli config edit -p ci --client-secret-stdin', ''],
    ]);
    expect(await screen.ended()).toEqual({ code: 0, out: '' });
    expect(screen.screen()).not.toContain(SECRET);
    expect(content()).not.toBe(before[0]);
    expect(profiles()[0].credentials).toHaveLength(1);
  });

  it('shows what a field is now, and refuses a wrong value at once', async () => {
    await makeProfile();
    const screen = await sit('edit', '-p', 'ci');
    await converse(screen, [
      ['❯ Client Secret', DOWN.repeat(3)],
      [`now: ${TENANT}`, ENTER],
      ['? New value', 'fabrikam'],
      ['tenantId: must be a GUID', `.com${ENTER}`],
      ["✓ Profile 'ci' changed", ''],
      ['  tokencli config edit -p ci --tenant-id fabrikam.com', ''],
    ]);
    expect(await screen.ended()).toEqual({ code: 0, out: '' });
    expect(profiles()[0].tenantId).toBe('fabrikam.com');
  });

  it('Ctrl+C leaves everything as it was', async () => {
    await makeProfile();
    const before = [content(), secrets()];
    for (const log of [[], [['❯ Client Secret', ENTER]]] as const) {
      const screen = await sit('edit', '-p', 'ci');
      await converse(screen, log);
      await screen.waitFor(log.length === 0 ? '❯ Client Secret' : '[input is masked]');
      screen.type(`half a secret${CTRL_C}`);
      expect(await screen.ended()).toEqual({ code: 130, out: '' });
      await screen.close();
    }
    expect([content(), secrets()]).toEqual(before);
  });
});

describe('config delete', () => {
  it('asks first: no keeps everything, yes takes the profile and its secrets', async () => {
    await makeProfile();
    writeFileSync(join(folder, 'notes'), '');
    const before = [content(), secrets()];
    const first = await sit('delete', '-p', 'CI');
    await converse(first, [["? Delete profile 'ci' with its secrets? (y/N)", ENTER]]);
    await first.waitFor('Nothing was deleted.');
    expect(await first.ended()).toEqual({ code: 130, out: '' });
    expect([content(), secrets()]).toEqual(before);
    await first.close();

    const second = await sit('delete', '-p', 'ci');
    await converse(second, [
      ["? Delete profile 'ci' with its secrets? (y/N)", `y${ENTER}`],
      ["✓ Profile 'ci' deleted with its secrets and cached tokens", ''],
      ['Tokens that were handed out stay valid until they expire', ''],
    ]);
    expect(await second.ended()).toEqual({ code: 0, out: '' });
    expect(profiles()).toEqual([]);
  });
});

it('forgets a masked answer that it refuses, so that the next is taken as it is typed', async () => {
  await makeProfile();
  elsewhere = mkdtempSync(join(tmpdir(), 'tokencli-export-'));
  const file = join(elsewhere, 'export.age');
  const passphrase = 'correct horse battery';
  const screen = await sit('export', '--all', '-o', file);
  await converse(screen, [
    ['? Passphrase for the file', `too short${ENTER}`],
    ['> it needs at least 12 characters', `${passphrase}${ENTER}`],
    ['? The same passphrase again', `another one${ENTER}`],
    ['> the two are not the same', `${passphrase}${ENTER}`],
    ['✓ 1 profile exported', ''],
  ]);
  expect((await screen.ended()).code).toBe(0);
  const args = ['config', 'import', '-f', file, '--on-conflict', 'rename', '--passphrase-stdin'];
  expect(await runCli(args, { env: env(), input: passphrase })).toMatchObject({ code: 0 });
});
