import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import { setStage } from '../support/stage.ts';
import { createTestCa, type TestCa } from '../support/tls.ts';

const CALLS = 200;
const PLAIN = ['get-token', '-p', 'app', '--silent'];

let tls: TestCa;
let idp: FakeIdp;
let session: KeyringSession;

beforeAll(async () => {
  tls = createTestCa();
  idp = await startFakeIdp({ tls });
  session = await startKeyringSession('unlocked');
});
afterAll(async () => {
  await session?.stop();
  await idp?.close();
});

it.each(['file', 'keyring'] as const)(
  `${CALLS} calls, one after the other, cost one request and not a byte: store %s`,
  async (store) => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const env =
      store === 'file' ? { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: key } : session.env;
    const stage = setStage(env, tls);
    idp.seen.length = 0;
    try {
      const made = await stage.run(
        [
          ...['config', 'create', '--name', 'app', '--client-id', 'client'],
          ...['--tenant-id', 'contoso.com', '--authority', idp.origin, '--ca-file', stage.caFile],
          ...['--scope', 'https://graph.microsoft.com/.default', '--client-secret-stdin'],
        ],
        { input: 'a secret for the tests' },
      );
      expect([made.code, made.err]).toEqual([0, expect.not.stringContaining('tokencli:')]);
      const first = await stage.run(PLAIN);
      expect([first.code, first.out, first.err]).toEqual([
        0,
        expect.stringMatching(/^ey\S+\n$/),
        '',
      ]);
      const kept = () =>
        store === 'file'
          ? []
          : [...listEntries(), ...describeFiles(session.env['XDG_DATA_HOME'] ?? '')];
      const look = () => ({ home: describeFiles(stage.home), keyring: kept() });
      const before = look();
      expect(before.home.length).toBeGreaterThan(3);
      expect(listEntries()).toHaveLength(store === 'file' ? 0 : 2);
      for (let call = 1; call < CALLS; call += 1) expect(await stage.run(PLAIN)).toEqual(first);
      expect(look()).toEqual(before);
      expect(idp.tokenRequests()).toHaveLength(1);
    } finally {
      stage.remove();
    }
  },
);

/** Every file and folder with its size, its times and its content. */
function describeFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return ['.', ...names].map((name) => {
    const found = lstatSync(join(folder, name), { bigint: true });
    const { ino, size, mode, mtimeNs, ctimeNs } = found;
    const content = found.isFile() ? readFileSync(join(folder, name), 'base64') : '';
    return [name, ino, size, mode, mtimeNs, ctimeNs, content].join(' ');
  });
}

/** Every entry of ours, with when it was made and when it was last changed. */
function listEntries(): string[] {
  const { stdout } = spawnSync('secret-tool', ['search', '--all', 'service', 'tokencli'], {
    env: { ...process.env, ...session.env },
    encoding: 'utf8',
  });
  return stdout
    .split(/^(?=\[)/m)
    .filter(Boolean)
    .sort();
}
