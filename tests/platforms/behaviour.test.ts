import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { ADA, READ } from '../support/sign-in-world.ts';
import { SECRET } from './commands.ts';
import { APPS, NAME, setPlatformStage } from './stage.ts';
import type { Result, RunOptions } from './world.ts';

const ENTER = '\r';
const CTRL_C = '\u0003';
const GET = ['get-token', '--silent', '-p'];
const HOLD = `const fs = require('fs'), end = Date.now() + 8000;
  const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  while (Date.now() < end) {
    const fd = fs.openSync(process.argv.at(-1));
    pause(30);
    fs.closeSync(fd);
    pause(2);
  }`;
const stage = setPlatformStage();
let chromium: Chromium;

beforeAll(async () => {
  chromium = await startChromium();
  await must(create('app', APPS.secret, '--client-secret-stdin'), { input: SECRET });
});
afterAll(() => chromium?.close());

const create = (name: string, app: string, ...more: string[]) => [
  ...['config', 'create', '--name', name, '--client-id', app, '--tenant-id', stage.idp.tenant],
  ...['--authority', stage.idp.origin, '--ca-file', stage.there.at('ca.pem'), ...more],
];

/** Runs a command that must succeed. @returns stdout */
async function must(args: readonly string[], options?: RunOptions): Promise<string> {
  return good(await stage.there.run(args, options));
}

function good({ code, out, err }: Result): string {
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
  return out;
}

const requests = () => stage.idp.tokenRequests().length;
const issued = () => stage.idp.issued.map((token) => `${token}\n`);
const latest = () => issued().at(-1);

describe(NAME, () => {
  it('makes one request for twenty calls at once', async () => {
    const before = requests();
    const outs = await Promise.all(Array.from({ length: 20 }, () => must([...GET, 'app'])));
    expect([new Set(outs), requests() - before]).toEqual([new Set([latest()]), 1]);
  });

  it('is in order after it was killed at any moment', async () => {
    const secret = ['--client-secret-file', stage.there.at('secret-16.txt')];
    const list = await must(['config', 'list']);
    for (const command of [
      [...GET, 'app', '--force-refresh'],
      ['config', 'edit', '-p', 'app', ...secret],
    ]) {
      const start = performance.now();
      await must(command);
      const usual = performance.now() - start;
      for (let part = 3; part < 11; part += 1) {
        await stage.there.run(command, { killAfter: (usual * part) / 10 });
        const token = await must([...GET, 'app']);
        expect(issued()).toContain(token);
      }
    }
    expect(await must(['config', 'list'])).toBe(list);
  });

  it('changes a file that another process opens again and again', async () => {
    const { start, at, machine } = stage.there;
    const holder = start([...machine.engine, '-e', HOLD, at('.tokencli/profiles.json')], {
      env: { BUN_BE_BUN: '1' },
    });
    for (let edit = 0; edit < 6; edit += 1) {
      await must(['config', 'edit', '-p', 'app', '--login-hint', `${edit}@example.test`]);
    }
    good(await holder);
    expect(await must(['config', 'show', '-p', 'app', '--json'])).toContain('5@example.test');
  });

  it('asks at a terminal, and does not show the secret', async () => {
    const known = create('asked', APPS.secret);
    const asked = known.indexOf('--client-id');
    const screen = stage.there.terminal(known.toSpliced(asked, 2));
    try {
      for (const [shown, keys] of [
        ['? Application (client) ID', `${APPS.secret}${ENTER}`],
        ['Client secret', ENTER],
        ['[input is masked]', `${SECRET}${ENTER}`],
        ['ClientCredentials', ENTER],
        ['? Scope', ENTER],
      ] as const) {
        await screen.waitFor(shown);
        screen.type(keys);
      }
      expect(await screen.ended()).toEqual({ code: 0, out: '' });
      expect(screen.screen()).not.toContain(SECRET);
    } finally {
      await screen.close();
    }
    expect(await must([...GET, 'asked'])).toBe(latest());
  });

  it('ends a question by Ctrl+C', async () => {
    const screen = stage.there.terminal(['config', 'delete', '-p', 'app']);
    try {
      await screen.waitFor('?');
      screen.type(CTRL_C);
      expect(await screen.ended()).toEqual({ code: 130, out: '' });
    } finally {
      await screen.close();
    }
    await must([...GET, 'app']);
  });

  it('signs a person in by the browser, and renews without', async () => {
    await must(create('me', APPS.people, '--flow', 'InteractiveBrowser', '--scope', READ));
    const person = await chromium.person();
    const screen = stage.there.terminal(['get-token', '-p', 'me', '--no-browser']);
    try {
      await screen.waitFor('code_challenge');
      await screen.waitFor('\n');
      const [link = 'none'] = /https:\/\/localhost:\d+\/[\x21-\x7e]+/.exec(screen.screen()) ?? [];
      await person.signIn(link, ADA);
      expect(await screen.ended()).toEqual({ code: 0, out: latest() });
    } finally {
      await screen.close();
      await person.leave();
    }
    expect(await must([...GET, 'me'])).toBe(latest());
    const before = requests();
    expect(await must(['refresh', '-p', 'me', '--silent'])).toBe(latest());
    expect(requests()).toBe(before + 1);
  });

  it('keeps secrets in the keyring of the system, or says that there is none', async () => {
    const env = { TOKENCLI_STORE: 'keyring', TOKENCLI_HOME: stage.there.at('.in-keyring') };
    const args = create('kept', APPS.secret, '--client-secret-stdin');
    const made = await stage.there.run(args, { input: SECRET, env });
    if (!stage.there.machine.hasKeyring) {
      expect(made).toMatchObject({ code: 7, out: '' });
      expect(made.err).toContain('TOKENCLI_STORE=file');
      return;
    }
    good(made);
    const token = await must([...GET, 'kept'], { env });
    const before = requests();
    expect(await must([...GET, 'kept'], { env })).toBe(token);
    await must(['config', 'delete', '-p', 'kept', '--force'], { env });
    expect(requests()).toBe(before);
    expect(JSON.parse(await must(['doctor', '--json', '-p', 'app'])).store.ok).toBe(true);
  });
});
