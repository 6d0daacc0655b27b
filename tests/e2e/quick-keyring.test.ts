import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtCli } from '../support/built-cli.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import { runCli } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';

const PLAIN = ['get-token', '-p', 'app', '--silent'];

let stage: Stage;
let idp: FakeIdp;
let session: KeyringSession;
let token: string;

beforeAll(async () => {
  stage = setStage();
  idp = await startFakeIdp({ tls: stage.tls });
  session = await startKeyringSession('unlocked');
  const { env } = session;
  const made = await stage.run(
    [
      ...['config', 'create', '--name', 'app', '--client-id', 'client'],
      ...['--tenant-id', 'contoso.com', '--authority', idp.origin, '--ca-file', stage.caFile],
      ...['--scope', 'https://graph.microsoft.com/.default', '--client-secret-stdin'],
    ],
    { env, input: 'a secret for the tests' },
  );
  expect([made.code, made.err]).toEqual([0, expect.not.stringContaining('tokencli:')]);
  token = (await stage.run(PLAIN, { env })).out;
});

afterAll(async () => {
  await session?.stop();
  await idp?.close();
  stage?.remove();
});

describe('a cached token whose key is in the keyring', () => {
  it('is answered by the quick lane alone', async () => {
    const alone = join(stage.folder, 'tokencli.cjs');
    cpSync(await builtCli(), alone);
    // the native package is found from where the command is
    cpSync('node_modules/@napi-rs', join(stage.folder, 'node_modules', '@napi-rs'), {
      recursive: true,
      dereference: true,
    });
    const result = await runCli(PLAIN, {
      home: stage.home,
      env: session.env,
      before: ['sh', '-c', `shift 2; exec "$0" ${alone} "$@"`, process.execPath],
    });
    rmSync(join(stage.folder, 'node_modules'), { recursive: true });
    expect([result.code, result.out, result.err]).toEqual([0, token, '']);
  });

  it.each(['locked', 'no-bus', 'hung'] as const)(
    'is a store that is not available, exit 7, when it is %s',
    async (state) => {
      const other = await startKeyringSession(state);
      try {
        const start = performance.now();
        const result = await stage.run(PLAIN, { env: other.env });
        expect([result.code, result.out]).toEqual([7, '']);
        expect(performance.now() - start).toBeLessThan(10_000);
        expect(result.err).toMatch(/^tokencli: /);
      } finally {
        await other.stop();
      }
    },
  );

  it('costs one token request in all, and not a byte in a file or the keyring', async () => {
    const folders = [stage.home, session.env['XDG_DATA_HOME'] ?? ''];
    const before = folders.map(snapshot);
    expect(before.map((files) => files.length > 1)).toEqual([true, true]);
    for (let round = 0; round < 200; round += 1) {
      expect((await stage.run(PLAIN, { env: session.env })).out).toBe(token);
    }
    expect(idp.tokenRequests()).toHaveLength(1);
    expect(folders.map(snapshot)).toEqual(before);
  });
});

/** Every file with its size, times and content. */
function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
    const path = join(folder, name);
    const { size, mtimeMs, ctimeMs } = statSync(path);
    const content = statSync(path).isFile() ? readFileSync(path, 'base64') : '';
    return [name, size, mtimeMs, ctimeMs, content].join(' ');
  });
}
