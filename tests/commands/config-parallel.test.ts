import { randomBytes } from 'node:crypto';
import { afterAll, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage({
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: randomBytes(32).toString('base64'),
});
afterAll(() => stage.remove());

const IDS = ['--client-id', appId('app'), '--tenant-id', 'contoso.com'];

type Results = Awaited<ReturnType<typeof stage.run>>[];
const failures = (results: Results) =>
  results.map(({ code, err }) => (code === 0 ? '' : err)).join('');

it('50 processes that create, then 40 that edit, rename and delete: nothing is lost', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
  const others = Array.from({ length: 40 }, (_, index) => `x${index}`);
  const create = (name: string) =>
    stage.run(['config', 'create', '--name', name, ...IDS, '--client-secret-stdin'], {
      input: `secret of ${name}`,
    });
  expect(failures(await Promise.all([...names, ...others].map(create)))).toBe('');
  const made = JSON.parse((await stage.run(['config', 'list', '--json'])).out);
  expect([made.profiles.length, made.broken]).toEqual([50, []]);

  const changed = await Promise.all([
    ...names.map((name) => stage.run(['config', 'edit', '-p', name, '--login-hint', 'me'])),
    ...others.slice(0, 10).map((name) => stage.run(['config', 'rename', name, `new-${name}`])),
    ...others.slice(10, 30).map((name) => stage.run(['config', 'delete', '-p', name, '--force'])),
  ]);
  expect(failures(changed)).toBe('');

  const { profiles, broken } = JSON.parse((await stage.run(['config', 'list', '--json'])).out);
  const expected = [
    ...names,
    ...others.slice(0, 10).map((name) => `new-${name}`),
    ...others.slice(30),
  ];
  expect(broken).toEqual([]);
  expect(profiles.map(({ name }: { name: string }) => name).sort()).toEqual(expected.sort());
  const shown = await stage.run(['config', 'show', '-p', 'p7', '--json']);
  expect(JSON.parse(shown.out)).toMatchObject({
    loginHint: 'me',
    credential: { kind: 'client secret', place: 'sealed file store' },
  });
});

it('concurrent edits of one profile: every field is as the edit left it', async () => {
  await stage.run(['config', 'create', '--name', 'one', ...IDS]);
  const edits: Record<string, [flag: string, value: string]> = {
    clientId: ['--client-id', appId('other')],
    tenantId: ['--tenant-id', 'fabrikam.com'],
    flow: ['--flow', 'DeviceCode'],
    cloud: ['--cloud', 'usgov'],
    redirectUri: ['--redirect-uri', 'http://localhost:8080'],
    loginHint: ['--login-hint', 'me@contoso.com'],
    thumbprint: ['--thumbprint', 'sha1'],
    scopes: ['--scope', 'https://graph.microsoft.com/User.Read'],
  };
  const done = await Promise.all(
    Object.values(edits).map((words) => stage.run(['config', 'edit', '-p', 'one', ...words])),
  );
  expect(failures(done)).toBe('');
  const { out } = await stage.run(['config', 'show', '-p', 'one', '--json']);
  const wanted = Object.entries(edits).map(([field, [, value]]) => [
    field,
    field === 'scopes' ? [value] : value,
  ]);
  expect(JSON.parse(out)).toMatchObject(Object.fromEntries(wanted));
});
