import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { startChromium } from '../support/chromium.ts';
import { createOpener } from '../support/opener.ts';
import { openProgram } from '../support/terminal.ts';

it('lets a person sign in to the demonstration', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokencli-demo-test-'));
  const opener = createOpener(folder);
  const chromium = await startChromium();
  const demo = openProgram([process.execPath, 'scripts/demo.mjs', 'sign-in'], {
    BROWSER: opener.program,
  });
  try {
    const person = await chromium.person();
    await person.signIn(await opener.next(), {
      username: 'ada@contoso.example',
      password: 'analytical-engine',
    });
    await person.consent('accept');
    await person.see('You are signed in');
    const { code, out } = await demo.ended();
    expect(code).toBe(0);
    for (const text of [
      '# Token requests that the identity provider has seen: 1\n',
      'user ada@contoso.example',
      'scopes: Mail.Read',
      '\napi://orders\n',
      'signed in   ada@contoso.example since ',
    ]) {
      expect(out).toContain(text);
    }
  } finally {
    demo.close();
    await chromium.close();
    rmSync(folder, { recursive: true });
  }
});
