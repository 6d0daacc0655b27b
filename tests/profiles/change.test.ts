import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changeProfiles } from '../../src/profiles/change.ts';
import { profileDigest, readProfiles } from '../../src/profiles/store.ts';
import { appId } from '../support/app-id.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
});
afterEach(() => test.remove());

const add = (name: string) =>
  changeProfiles(test.app(), (draft) => draft.add({ name, clientId: appId('app') }));

it('makes the folder 0700 and the file 0600, with schema and version', async () => {
  await add('one');
  expect(statSync(join(test.profilesPath, '..')).mode & 0o777).toBe(0o700);
  expect(statSync(test.profilesPath).mode & 0o777).toBe(0o600);
  expect(test.text()).toBe(`{
  "$schema": "urn:tokencli:profiles:1",
  "schemaVersion": 1,
  "profiles": [
    {
      "name": "one",
      "clientId": "${appId('app')}"
    }
  ]
}
`);
});

it('keeps every unknown field and every broken profile', async () => {
  const before = {
    $schema: './mine.json',
    note: { deep: [1, null, { x: 'ü' }] },
    default: 'A',
    profiles: [
      { zebra: true, name: 'A', clientId: appId('a'), tags: ['x'] },
      { name: 'bad', clientId: 5, keep: 'me' },
      'no profile at all',
    ],
    after: 'end',
  };
  test.writeProfiles(before);
  await add('new');
  const after = {
    ...before,
    profiles: [...before.profiles, { name: 'new', clientId: appId('app') }],
  };
  expect(test.text()).toBe(`${JSON.stringify(after, undefined, 2)}\n`);
});

it('removing the default profile removes the default too', async () => {
  test.writeProfiles({ default: 'ONE', profiles: [{ name: 'one', clientId: appId('a') }] });
  await changeProfiles(test.app(), (draft) => draft.remove('One'));
  expect(test.profiles()).toEqual({ profiles: [] });
});

it('writes nothing when nothing changes', async () => {
  const text = `{"profiles":[{"name":"one","clientId":"${appId('a')}"}]}`;
  test.writeProfiles(text);
  await changeProfiles(test.app(), (draft) => draft.setDefault(undefined));
  expect(test.text()).toBe(text);
});

it.each(['get', 'remove'] as const)('%s says that a profile is gone', async (verb) => {
  const change = changeProfiles(test.app(), (draft) => draft[verb]('two'));
  await expect(change).rejects.toMatchObject({
    code: 'profile_not_found',
    message: "there is no profile 'two' any more",
  });
});

it.each([
  ['taken in another case', { name: 'ONE', clientId: appId('b') }, 'usage'],
  ['not valid', { name: 'two', clientId: '' }, 'invalid_data'],
])('a profile whose name is %s is refused, nothing is written', async (_, profile, code) => {
  const text = `{"profiles":[{"name":"one","clientId":"${appId('a')}"}]}`;
  test.writeProfiles(text);
  const change = changeProfiles(test.app(), (draft) => draft.add(profile));
  await expect(change).rejects.toMatchObject({ code });
  expect(test.text()).toBe(text);
});

it('a failing change writes nothing and frees the lock', async () => {
  const change = changeProfiles(test.app(), (draft) => {
    draft.add({ name: 'a', clientId: appId('a') });
    throw new Error('stop');
  });
  await expect(change).rejects.toThrow('stop');
  expect(test.text()).toBeUndefined();
  await add('b');
  expect(test.profiles().profiles).toHaveLength(1);
});

it('20 changes at once lose nothing', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  await Promise.all(names.map(add));
  const found = test.profiles().profiles.map(({ name }) => String(name));
  expect(found.sort()).toEqual([...names].sort());
});

const NUMBERS =
  '[12345678901234567890, 0.10000000000000000555, 1.0, -0, 1e400, 1E+2, 123456789012345, -7, 0.5]';

it('numbers in unknown fields stay as they stand, to the digit', async () => {
  const unknown = `"id": 100002348117421473, "list": ${NUMBERS}, "text": "1.0 \\" 1e400, 2.0"`;
  test.writeProfiles(
    `{"schemaVersion": 1.0, "head": {${unknown}}, "profiles": [
      {"name": "a", "clientId": "${appId('x')}", ${unknown}},
      {"name": "b", "clientId": 100002348117421473, ${unknown}}]}`,
  );
  await changeProfiles(test.app(), (draft) => {
    draft.replace('a', { ...draft.get('a'), loginHint: 'me' });
  });
  const flat =
    test
      .text()
      ?.replaceAll(/\s+/g, ' ')
      .replaceAll(/([[{]) | (?=[\]}])/g, '$1') ?? '';
  expect(flat.split(unknown)).toHaveLength(4);
  expect(flat).toContain('"clientId": 100002348117421473');
  expect(flat).toContain('"loginHint": "me"');
});

it('a number in an unknown field changes no digest of a profile', async () => {
  test.writeProfiles(
    `{"profiles":[{"name":"a","clientId":"${appId('x')}","n":12345678901234567890}]}`,
  );
  const before = await readProfiles(test.app().paths);
  const [profile] = before.profiles;
  const digest = await changeProfiles(test.app(), (draft) => profileDigest(draft.get('a')));
  expect(digest).toBe(profile && profileDigest(profile));
});

describe('a file that cannot be trusted is never written to', () => {
  const whole = JSON.stringify({
    schemaVersion: 1,
    profiles: [{ name: 'a', clientId: appId('b') }],
  });

  it('cut off anywhere', async () => {
    for (let end = 0; end < whole.length; end++) {
      const part = whole.slice(0, end);
      test.writeProfiles(part);
      await expect(add('new')).rejects.toMatchObject({ code: 'invalid_data' });
      expect(test.text()).toBe(part);
    }
  });

  it.each([
    ['newer', '{"schemaVersion":2,"profiles":[]}'],
    [
      'two of one name',
      `{"profiles":[${['a', 'A'].map((name) => JSON.stringify({ name, clientId: appId(name) }))}]}`,
    ],
    ['of another shape', '{"profiles":{}}'],
    [
      'a key twice in a profile',
      `{"profiles":[{"name":"a","clientId":"${appId('x')}","clientId":"${appId('y')}"}]}`,
    ],
    ['a key twice, once in other letters', '{"profiles":[],"\\u0070rofiles":[]}'],
    ['a key twice in an unknown field', '{"profiles":[],"x":[{"y":{"z":1,"z":1}}]}'],
    ['a bare list', '[]'],
  ])('%s', async (_, text) => {
    test.writeProfiles(text);
    await expect(add('new')).rejects.toMatchObject({ code: 'invalid_data' });
    expect(test.text()).toBe(text);
  });
});

it('a file that is a link stays one', async () => {
  await add('one');
  const real = join(test.folder, 'dotfiles.json');
  writeFileSync(real, '{"profiles":[]}');
  const link = test.profilesPath;
  unlinkSync(link);
  symlinkSync(real, link);
  await add('two');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, 'utf8')).toContain('"two"');
});

it('removes temporary files that a killed process left an hour ago, and no others', async () => {
  await add('one');
  const home = join(test.profilesPath, '..');
  const old = join(home, '.profiles.json.0123456789ab.tmp');
  const fresh = join(home, '.profiles.json.ba9876543210.tmp');
  const other = join(home, '.notes.tmp');
  const cached = join(home, 'cache', '.one.tokens.0123456789ab.tmp');
  mkdirSync(join(home, 'cache'));
  const all = [old, cached, fresh, other];
  for (const path of all) writeFileSync(path, 'x');
  const before = Date.now() / 1000 - 3700;
  for (const path of [old, cached, other]) utimesSync(path, before, before);
  await add('two');
  expect(all.map((path) => existsSync(path))).toEqual([false, false, true, true]);
});

it('a folder that cannot be made is an io error', async () => {
  const blocked = test.file('a-file', '');
  const app = test.app({ env: { TOKENCLI_HOME: join(blocked, 'home') } });
  const change = changeProfiles(app, (draft) => draft.add({ name: 'a', clientId: appId('a') }));
  await expect(change).rejects.toMatchObject({ code: 'io' });
});

it('an open folder is closed to others', async () => {
  await add('one');
  const home = join(test.profilesPath, '..');
  chmodSync(home, 0o755);
  await add('two');
  expect(statSync(home).mode & 0o777).toBe(0o700);
  const left = ['locks', 'profiles.json', 'profiles.valid'];
  expect(readdirSync(home).sort()).toEqual(left);
});
