import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { program, ROOT } from '../support/built-cli.ts';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { createOpener, type Opener } from '../support/opener.ts';

let chromium: Chromium;
let folder: string;
let opener: Opener;

beforeAll(async () => {
  await program('executable');
  chromium = await startChromium();
  folder = mkdtempSync(join(tmpdir(), 'tokencli-demo-test-'));
  opener = createOpener(folder);
});
afterAll(async () => {
  await chromium.close();
  rmSync(folder, { recursive: true });
});

it('shows tokens of an application and, to a person, a sign-in', async () => {
  const demo = spawn('script', ['-qec', 'node scripts/demo.mjs sign-in', '/dev/null'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TERM: 'xterm-256color',
      BROWSER: opener.program,
    },
  });
  let shown = '';
  demo.stdout.on('data', (part) => {
    shown += part;
  });
  const ended = new Promise((resolve) => demo.on('close', resolve));
  const ada = await chromium.person();
  const link = await opener.next();
  const [, username = '', password = ''] =
    /Sign in as +(\S+)\s.*the password +(\S+)\s/s.exec(shown) ?? [];
  await ada.signIn(link, { username, password });
  await ada.consent('accept');
  expect([await ended, shown]).toEqual([0, expect.stringContaining('temporary home removed')]);
  expect(shown).toContain('Token requests that the identity provider has seen: 1');
  expect(shown).toContain(username);
  expect(shown).toContain('\napi://orders\r\n');
});
