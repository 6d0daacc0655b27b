import { cpSync, rmSync } from 'node:fs';
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

  it.each([
    ['that nobody answers', 'prompting', { code: 7, signal: null }],
    // its connection stays open until then, and with it a thread, for which an exit would wait
    ['that the bus has started', 'prompt-started', { code: null, signal: 'SIGKILL' }],
  ] as const)('does not wait for a prompt %s', async (_which, state, end) => {
    session = await session.restart(state);
    const start = performance.now();
    const result = await stage.run(PLAIN, { env: session.env });
    const took = performance.now() - start;
    session = await session.restart('unlocked');
    expect(result).toMatchObject({ ...end, out: '' });
    expect(result.err).toMatch(/^tokencli: the OS keyring did not answer within 3s\n/);
    expect(took).toBeGreaterThanOrEqual(2500);
    expect(took).toBeLessThan(10_000);
    expect((await stage.run(PLAIN, { env: session.env })).out).toBe(token);
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
});
