import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import {
  type KeyringSession,
  type KeyringState,
  startKeyringSession,
} from '../support/keyring-session.ts';
import { type Stage, setStage } from '../support/stage.ts';

const IDS = ['--client-id', appId('client'), '--tenant-id', 'contoso.example'];
const FILE_STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
};

let stage: Stage;
let session: KeyringSession;
beforeEach(() => {
  stage = setStage();
});
afterEach(async () => {
  await session.stop();
  stage.remove();
});

function run(args: readonly string[], env: Record<string, string> = {}) {
  return stage.run(args, { env: { ...session.env, ...env }, input: 'a secret for the tests' });
}
const create = (name: string, env?: Record<string, string>) =>
  run(['config', 'create', '--name', name, ...IDS, '--client-secret-stdin'], env);

function notes(): string[] {
  const folder = join(stage.home, '.tokencli', 'pending');
  return existsSync(folder) ? readdirSync(folder) : [];
}

it.each<KeyringState>(['absent', 'no-bus', 'no-collection', 'confined', 'locked', 'hung'])(
  'after a first try with a keyring that is %s nothing reminds of it',
  async (state) => {
    session = await startKeyringSession(state);
    expect((await create('one')).code).toBe(7);
    expect(notes()).toEqual([]);
    expect((await create('one', FILE_STORE)).code).toBe(0);
    const edit = ['config', 'edit', '-p', 'one', '--login-hint', 'me', '--debug'];
    const { code, err } = await run(edit, FILE_STORE);
    expect(code).toBe(0);
    // --debug shows every question to a keyring that has failed
    expect(err).not.toContain('keyring: ');
    const { out } = await run(['doctor', '--json'], FILE_STORE);
    expect(JSON.parse(out)).toMatchObject({ store: { ok: true }, home: { ok: true } });
  },
);

it('what a change has left in a keyring that now hangs troubles nobody who uses the sealed file', async () => {
  session = await startKeyringSession('hung');
  expect((await create('one', FILE_STORE)).code).toBe(0);
  const ref = { kind: 'clientSecret', id: 'a'.repeat(32), store: 'keyring' };
  const note = join(stage.home, '.tokencli', 'pending', `${'0'.repeat(32)}.jsonl`);
  writeFileSync(note, `${JSON.stringify(ref)}\n`, { mode: 0o600 });
  const edit = ['config', 'edit', '-p', 'one', '--login-hint', 'me', '--debug'];
  const { code, err } = await run(edit, FILE_STORE);
  expect(code).toBe(0);
  // --debug shows every question to a keyring that has failed
  expect(err).not.toContain('keyring: ');
  const { out } = await run(['doctor', '--json'], FILE_STORE);
  expect(JSON.parse(out)).toMatchObject({ home: { ok: true } });
  // it is kept for the day on which the keyring answers again
  expect(existsSync(note)).toBe(true);
  process.kill(Number(session.daemonPid), 'SIGCONT');
  expect((await run(['doctor', '--fix'], FILE_STORE)).err).toBe('');
  expect(existsSync(note)).toBe(false);
});

describe('while another collection of the keyring is locked', () => {
  it('a profile and its secret are made, changed and deleted', async () => {
    session = await startKeyringSession('locked-beside');
    const commands = [
      ['config', 'create', '--name', 'one', ...IDS, '--client-secret-stdin'],
      ['config', 'edit', '-p', 'one', '--client-secret-stdin'],
      ['cert', 'create', '-p', 'one', '--cer', join(stage.home, 'one.cer')],
      ['config', 'delete', '-p', 'one', '--force'],
    ];
    for (const args of commands) {
      const { code, err } = await run(args);
      expect({ args, code, warned: err.includes('warning') }).toEqual({
        args,
        code: 0,
        warned: false,
      });
    }
    expect(notes()).toEqual([]);
  });
});
