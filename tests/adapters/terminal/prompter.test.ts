import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { shellWord } from '../../../src/core/shell-word.ts';
import { appId } from '../../support/app-id.ts';
import { program } from '../../support/built-cli.ts';
import { openProgram, openTerminal, type Terminal } from '../../support/terminal.ts';

const ENTER = '\r';
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_T = '\u0014';
const SECRET = 'Xy8~hunter2.secret-value';

let folder: string;
let terminal: Terminal | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-prompter-'));
});
afterEach(async () => {
  await terminal?.close();
  rmSync(folder, { recursive: true, force: true });
});

const profiles = () => join(folder, 'profiles.json');

async function open(...args: string[]): Promise<Terminal> {
  terminal = await openTerminal(args, {
    TOKENCLI_HOME: folder,
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: randomBytes(32).toString('base64'),
  });
  return terminal;
}

it('a person makes a profile: the secret is not shown, stdout stays empty', async () => {
  const screen = await open('config', 'create');
  await screen.waitFor('Profile name');
  screen.type(`graph${ENTER}`);
  await screen.waitFor('Application (client) ID');
  screen.type(`${appId('app')}${ENTER}`);
  await screen.waitFor('Tenant ID or domain');
  screen.type(`nonsense${ENTER}`);
  await screen.waitFor('a GUID or a domain');
  screen.type(`${'\u007f'.repeat(8)}contoso.com${ENTER}`);
  await screen.waitFor('How does the application sign in?');
  screen.type(ENTER);
  await screen.waitFor('? Client secret');
  screen.type(SECRET);
  await screen.waitFor('masked');
  screen.type(CTRL_T);
  screen.type(ENTER);
  await screen.waitFor('Flow');
  screen.type(ENTER);
  await screen.waitFor('Scope');
  screen.type(ENTER);
  const { code, out } = await screen.ended();

  expect([code, out]).toEqual([0, '']);
  expect(screen.screen()).not.toContain(SECRET);
  expect(screen.screen()).toContain("Profile 'graph' saved");
  expect(screen.screen()).toContain('--client-secret-stdin');
  expect(JSON.parse(readFileSync(profiles(), 'utf8'))).toMatchObject({
    profiles: [
      {
        name: 'graph',
        clientId: appId('app'),
        tenantId: 'contoso.com',
        flow: 'ClientCredentials',
        credentials: [{ kind: 'clientSecret', store: 'file' }],
      },
    ],
  });
});

it('a choice is made with the arrow keys, a question answered with y', async () => {
  const ids = ['--client-id', appId('app'), '--tenant-id', 'contoso.com', '--scope', 'openid'];
  const first = await open('config', 'create', ...ids);
  await first.waitFor('Profile name');
  first.type(`mine${ENTER}`);
  await first.waitFor('How does the application sign in?');
  first.type(DOWN + DOWN + ENTER);
  await first.waitFor('Flow');
  first.type(ENTER);
  expect(await first.ended()).toEqual({ code: 0, out: '' });
  expect(JSON.parse(readFileSync(profiles(), 'utf8')).profiles[0]).toMatchObject({
    flow: 'InteractiveBrowser',
  });
  await first.close();

  const second = await open('config', 'delete', '-p', 'mine');
  await second.waitFor("Delete profile 'mine'");
  second.type(`y${ENTER}`);
  expect(await second.ended()).toEqual({ code: 0, out: '' });
  expect(JSON.parse(readFileSync(profiles(), 'utf8')).profiles).toEqual([]);
});

describe('a pasted answer', () => {
  const ids = ['--client-id', appId('app'), '--tenant-id', 'contoso.com'];

  it.each([250, 2500])('of %i characters is drawn about once', async (length) => {
    const screen = await open('config', 'create', ...ids);
    await screen.waitFor('Profile name');
    const before = screen.screen().length;
    const text = `${'x'.repeat(length)}y`;
    screen.type(text);
    await screen.waitFor('xy');
    // each key moves the cursor, and the terminal hands a long paste over in parts
    expect(screen.screen().length - before).toBeLessThan(20 * length);
    screen.type(CTRL_C);
    expect(await screen.ended()).toEqual({ code: 130, out: '' });
  });

  it('is taken whole when Enter comes with it, and corrected when it is refused', async () => {
    const screen = await open('config', 'create', '--client-id', appId('app'), '--name', 'x');
    await screen.waitFor('Tenant ID');
    screen.type(`contoso com${ENTER}`);
    await screen.waitFor('> ');
    screen.type(`${'\u007f'.repeat(4)}.com${ENTER}`);
    await screen.waitFor('How does the application sign in?');
    expect(screen.screen()).toContain('contoso.com');
    screen.type(CTRL_C);
    expect(await screen.ended()).toEqual({ code: 130, out: '' });
  });

  it('that ends in Ctrl+C is an interrupt', async () => {
    const screen = await open('config', 'create', ...ids);
    await screen.waitFor('Profile name');
    screen.type(`abc${CTRL_C}`);
    expect(await screen.ended()).toEqual({ code: 130, out: '' });
    expect(screen.screen()).not.toMatch(/unexpected|Error/);
  });
});

describe('a question that is not answered', () => {
  it.each([
    ['Ctrl+C is an interrupt', CTRL_C, 130],
    ['Ctrl+D is the end of the input', CTRL_D, 2],
  ])('%s', async (_, key, code) => {
    const screen = await open('config', 'create');
    await screen.waitFor('Profile name');
    screen.type(key);
    expect(await screen.ended()).toEqual({ code, out: '' });
    expect(existsSync(profiles())).toBe(false);
    expect(screen.screen()).not.toContain('unexpected');
  });

  it('Ctrl+C at the secret shows the cursor again and nothing of the secret', async () => {
    const ids = ['--name', 'x', '--client-id', appId('app'), '--tenant-id', 'contoso.com'];
    const screen = await open('config', 'create', ...ids, '--client-secret-stdin');
    await screen.waitFor('client secret');
    screen.type(SECRET);
    screen.type(CTRL_C);
    expect(await screen.ended()).toEqual({ code: 130, out: '' });
    expect(screen.screen()).not.toContain(SECRET);
    const shown = screen.screen();
    expect(shown.lastIndexOf('[?25h')).toBeGreaterThanOrEqual(shown.lastIndexOf('[?25l'));
  });
});

describe('Ctrl+Z and fg', () => {
  const CTRL_Z = '\u001a';
  const ARGS = ['config', 'create', '--client-id', appId('app'), '--tenant-id', 'contoso.com'];
  const KEY = randomBytes(32).toString('base64');
  const env = {
    TOKENCLI_HOME: '',
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: KEY,
    PS1: 'shell> ',
  };

  it.each(['executable', 'npm package'] as const)(
    '%s: every question goes on as often as it was stopped, and nothing goes to the shell',
    async (which) => {
      const shell = openProgram(['bash', '--norc', '--noprofile', '-i'], {
        ...env,
        TOKENCLI_HOME: folder,
      });
      terminal = shell;
      const stopAndContinue = async (question: string) => {
        shell.type(CTRL_Z);
        await shell.waitFor('Stopped');
        await shell.waitFor('shell> ');
        shell.type(`fg${ENTER}`);
        await shell.waitFor(question);
      };
      await shell.waitFor('shell> ');
      shell.type(`${[...(await program(which)), ...ARGS].map(shellWord).join(' ')}${ENTER}`);
      await shell.waitFor('Profile name');
      shell.type('my');
      await stopAndContinue('Profile name my');
      shell.type('self');
      await shell.waitFor('Profile name myself');
      await stopAndContinue('Profile name myself');
      shell.type(ENTER);
      await shell.waitFor('How does the application sign in?');
      await stopAndContinue('How does the application sign in?');
      shell.type(ENTER);
      await shell.waitFor('? Client secret');
      shell.type(SECRET.slice(0, 9));
      await stopAndContinue('? Client secret');
      shell.type(SECRET.slice(9) + ENTER);
      await shell.waitFor('Flow');
      shell.type(ENTER);
      await shell.waitFor('Scope');
      await stopAndContinue('Scope');
      shell.type(ENTER);
      await shell.waitFor("Profile 'myself' saved");
      await shell.waitFor('shell> ');
      shell.type(`exit${ENTER}`);
      expect((await shell.ended()).code).toBe(0);
      expect(shell.screen()).not.toContain('command not found');
      expect(shell.screen()).not.toContain(SECRET.slice(9));
      const cursorAtStops = shell.screen().split('Stopped').slice(0, -1);
      for (const before of cursorAtStops) {
        expect(before.lastIndexOf('[?25h')).toBeGreaterThan(before.lastIndexOf('[?25l'));
      }
    },
  );

  it('after it Ctrl+D still ends the input, and Ctrl+C still interrupts', async () => {
    for (const [key, code] of [
      [CTRL_D, 2],
      [CTRL_C, 130],
    ] as const) {
      const shell = openProgram(['bash', '--norc', '--noprofile', '-i'], {
        ...env,
        TOKENCLI_HOME: folder,
      });
      terminal = shell;
      await shell.waitFor('shell> ');
      shell.type(
        `${[...(await program()), ...ARGS].map(shellWord).join(' ')}; echo code $? >&2${ENTER}`,
      );
      await shell.waitFor('Profile name');
      shell.type(CTRL_Z);
      await shell.waitFor('shell> ');
      shell.type(`fg; echo "code $?" >&2${ENTER}`);
      await shell.waitFor('Profile name');
      shell.type(key);
      await shell.waitFor(`code ${code}`);
      await shell.close();
    }
  });
});
