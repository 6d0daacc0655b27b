import { randomBytes } from 'node:crypto';
import { afterAll, expect, it } from '@jest/globals';
import { setStage } from '../support/stage.ts';

const stage = setStage({
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: randomBytes(32).toString('base64'),
});
afterAll(() => stage.remove());

it('20 processes that create, edit and delete at once lose nothing', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
  const ids = ['--client-id', 'app', '--tenant-id', 'contoso.com', '--client-secret-stdin'];
  const create = (name: string) =>
    stage.run(['config', 'create', '--name', name, ...ids], { input: `secret of ${name}` });
  const made = await Promise.all([...names, ...names.map((name) => `x${name}`)].map(create));
  expect(made.map(({ code, err }) => (code === 0 ? '' : err)).join('')).toBe('');

  const changed = await Promise.all([
    ...names.map((name) => stage.run(['config', 'edit', '-p', name, '--login-hint', 'me'])),
    ...names.map((name) => stage.run(['config', 'delete', '-p', `x${name}`, '--force'])),
  ]);
  expect(changed.map(({ code, err }) => (code === 0 ? '' : err)).join('')).toBe('');

  const { out } = await stage.run(['config', 'list', '--json']);
  const { profiles, broken } = JSON.parse(out);
  expect(broken).toEqual([]);
  expect(profiles.map(({ name }: { name: string }) => name).sort()).toEqual(names);
  const shown = await stage.run(['config', 'show', '-p', 'p7', '--json']);
  expect(JSON.parse(shown.out)).toMatchObject({
    loginHint: 'me',
    credential: { kind: 'client secret', place: 'sealed file store' },
  });
}, 120_000);
