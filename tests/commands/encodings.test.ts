import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadTrust } from '../../src/adapters/http/trust.ts';
import { nodeRuntime } from '../../src/runtime/node.ts';
import { findStoreKey } from '../../src/secrets/store-key.ts';
import { BYTE_FORMS } from '../support/byte-forms.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { createTestCa } from '../support/tls.ts';
import { compact } from '../support/tokens.ts';

const PROFILES = {
  schemaVersion: 1,
  profiles: [{ name: 'mine', clientId: 'c7a1d1c5-0000-4000-8000-000000000000' }],
};
const TOKEN = compact({ alg: 'RS256' }, { exp: 4_000_000_000, name: 'Zoë' });

let test: TestApp;
beforeAll(() => {
  test = createTestApp();
});
afterAll(() => test.remove());

/** PowerShell also ends lines in its own way. */
const lines = (text: string) => `${text.replaceAll('\n', '\r\n')}\r\n`;

describe.each(Object.entries(BYTE_FORMS))('files and pipes in %s', (_, bytesOf) => {
  it('a token', async () => {
    const bytes = bytesOf(lines(TOKEN));
    const file = test.file('token', bytes);
    const calls = [
      await test.cli(['inspect', '-f', file, '--claim', 'name']),
      await test.cli(['inspect', '--claim', 'name'], { stdin: bytes }),
      await test.cli(['inspect', '--claim', 'name'], {
        stdin: bytesOf(lines(JSON.stringify({ accessToken: TOKEN }, null, 2))),
      }),
    ];
    expect(calls.map(({ out }) => out)).toEqual(['Zoë\n', 'Zoë\n', 'Zoë\n']);
    expect((await test.cli(['discover', '-f', file])).code).toBe(0);
  });

  it('profiles.json, for commands and for completion', async () => {
    const text = lines(JSON.stringify(PROFILES, null, 2));
    test.writeProfiles(PROFILES);
    writeFileSync(test.profilesPath, bytesOf(text), { mode: 0o600 });
    const { out } = await test.cli(['config', 'list', '--json']);
    expect(JSON.parse(out)).toMatchObject({ profiles: [{ name: 'mine' }] });
    expect((await test.cli(['__complete', '=', 'get-token', '-p'])).out).toBe('mine\n');
  });

  it('a file to import, plain or armored', async () => {
    test.writeProfiles(PROFILES);
    const again = async (...args: string[]) => {
      const name = join(test.folder, `export-${args.length}`);
      const made = await test.cli(['config', 'export', '--all', '--force', '-o', name, ...args], {
        env: { WORD: 'a long passphrase' },
      });
      expect(made.err).toContain('✓');
      const file = test.file('again', bytesOf(lines(readFileSync(name, 'utf8').trimEnd())));
      const words = ['config', 'import', '-f', file, '--on-conflict', 'skip', '--yes'];
      return test.cli(
        [...words, ...args.filter((word) => word !== '--armor' && word !== '--plain')],
        {
          env: { WORD: 'a long passphrase' },
        },
      );
    };
    expect(await again('--plain')).toMatchObject({ code: 0 });
    expect(await again('--armor', '--passphrase-env', 'WORD')).toMatchObject({ code: 0 });
  });

  it('a certificate to show, or to trust', async () => {
    const { caPem } = createTestCa(['localhost']);
    const file = test.file('ca.pem', bytesOf(lines(caPem.trimEnd())));
    const { code, out } = await test.cli(['cert', 'show', '-f', file, '--json']);
    expect([code, JSON.parse(out).certificates]).toMatchObject([0, [{ place: file }]]);
    expect(
      loadTrust({ env: {}, log: createRecordedLog().log, runtime: nodeRuntime }, file),
    ).toBeDefined();
  });

  it('the key of the file store', async () => {
    const key = Buffer.alloc(32, 7);
    const file = test.file('key', bytesOf(lines(key.toString('base64'))));
    expect(await findStoreKey(test.app({ env: { TOKENCLI_STORE_KEY_FILE: file } }), '')).toEqual(
      key,
    );
  });
});
