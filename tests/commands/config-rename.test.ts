import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

describe('config rename', () => {
  let test: TestApp;
  const SECRET = { kind: 'clientSecret', id: 'ab'.repeat(16), store: 'keyring' };
  beforeEach(() => {
    test = createTestApp();
    test.writeProfiles({
      schemaVersion: 1,
      default: 'Graph',
      profiles: [
        { name: 'graph', clientId: appId('app'), team: 'blue', credentials: [SECRET] },
        { name: 'other', clientId: appId('app') },
        { name: 'broken' },
      ],
    });
  });
  afterEach(() => test.remove());
  const rename = (...names: string[]) => test.cli(['config', 'rename', ...names]);

  it('keeps everything else, and the default follows', async () => {
    const { code, out, err } = await rename('GRAPH', 'mail');
    expect([code, out, err]).toEqual([0, '', "✓ Profile 'graph' is now 'mail'\n"]);
    const { profiles, default: chosen } = test.profiles();
    expect(chosen).toBe('mail');
    expect(profiles[0]).toEqual({
      name: 'mail',
      clientId: appId('app'),
      team: 'blue',
      credentials: [SECRET],
    });
  });

  it('leaves a default that is another', async () => {
    await rename('other', 'third');
    expect(test.profiles()['default']).toBe('Graph');
  });

  it('changes the case alone', async () => {
    expect((await rename('graph', 'GRAPH')).code).toBe(0);
    expect(test.profiles()).toMatchObject({
      default: 'GRAPH',
      profiles: [{ name: 'GRAPH' }, {}, {}],
    });
  });

  it.each<[string, string[], number, string]>([
    ['a name that is taken', ['graph', 'OTHER'], 2, "there is already a profile 'other'"],
    ['the name of a broken profile', ['graph', 'broken'], 2, "there is already a profile 'broken'"],
    ['a name that is none', ['graph', '../up'], 2, 'the new name must be letters'],
    ['a name that begins with a dot', ['graph', '.up'], 2, 'beginning with a letter or digit'],
    ['the same name', ['graph', 'graph'], 2, "already named 'graph'"],
    ['an unknown profile', ['grph', 'x'], 3, "did you mean 'graph'?"],
    ['a broken profile', ['broken', 'x'], 9, 'clientId: is missing'],
    ['one name only', ['graph'], 2, '<new> is missing'],
    ['three names', ['graph', 'a', 'b'], 2, 'unknown: b'],
  ])('refuses %s', async (_, names, code, message) => {
    const before = test.text();
    const result = await rename(...names);
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err.toLowerCase()).toContain(message.toLowerCase());
    expect(test.text()).toBe(before);
  });
});

describe('config rename with cached tokens', () => {
  const STORE = {
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  let stage: Stage;
  let idp: FakeIdp;
  beforeAll(async () => {
    stage = setStage(STORE);
    idp = await startFakeIdp({ tls: stage.tls });
    const ids = ['--client-id', appId('client'), '--tenant-id', appId('a tenant')];
    for (const name of ['first', 'third']) {
      const made = await stage.run(
        [
          ...['config', 'create', '--name', name, ...ids, '--client-secret-stdin'],
          ...['--authority', idp.origin, '--ca-file', stage.caFile],
        ],
        { input: 'a secret for the tests' },
      );
      expect(made.code).toBe(0);
    }
  });
  afterAll(async () => {
    await idp?.close();
    stage?.remove();
  });
  const get = (name: string) => stage.run(['get-token', '-p', name, '--silent']);
  const cache = (name: string) => join(stage.home, '.tokencli', 'cache', `${name}.tokens`);

  it('serves the same token under the new name, without a request', async () => {
    const before = await get('first');
    expect(before.code).toBe(0);
    writeFileSync(cache('second'), 'left behind by a deleted profile');
    expect((await stage.run(['config', 'rename', 'first', 'second'])).code).toBe(0);
    const requests = idp.tokenRequests().length;
    const after = await get('second');
    expect([after.code, after.out]).toEqual([0, before.out]);
    expect(idp.tokenRequests().length).toBe(requests);
    expect(existsSync(cache('first'))).toBe(false);
    expect((await get('first')).code).toBe(3);
  });

  it('leaves both caches alone when the name is taken', async () => {
    await get('third');
    const files = () => ['second', 'third'].map((name) => readFileSync(cache(name), 'hex'));
    const before = files();
    expect((await stage.run(['config', 'rename', 'second', 'third'])).code).toBe(2);
    expect(files()).toEqual(before);
  });

  it('renames nothing while the store is locked', async () => {
    const { code, out } = await stage.run(['config', 'rename', 'third', 'fourth'], {
      env: { TOKENCLI_STORE_KEY: undefined },
    });
    expect([code, out]).toEqual([7, '']);
    expect((await get('third')).code).toBe(0);
  });

  it('drops a cache that is damaged', async () => {
    writeFileSync(cache('third'), 'damaged');
    expect((await stage.run(['config', 'rename', 'third', 'fourth'])).code).toBe(0);
    expect(readdirSync(join(stage.home, '.tokencli', 'cache')).sort()).toEqual([
      'key.json',
      'second.tokens',
    ]);
    expect((await get('fourth')).code).toBe(0);
  });
});

describe('config default', () => {
  let test: TestApp;
  beforeEach(() => {
    test = createTestApp();
    test.writeProfiles({
      profiles: [
        { name: 'Graph', clientId: appId('a') },
        { name: 'b', clientId: appId('a') },
      ],
    });
  });
  afterEach(() => test.remove());
  const choose = (...words: string[]) => test.cli(['config', 'default', ...words]);

  it('sets, prints and forgets it', async () => {
    expect(await choose('graph')).toMatchObject({ code: 0, out: '' });
    expect(test.profiles()['default']).toBe('Graph');
    expect(await choose()).toMatchObject({ code: 0, out: 'Graph\n', err: '' });
    expect((await test.cli(['config', 'show'])).out).toContain('Graph');
    expect(await choose('--unset')).toMatchObject({ code: 0, out: '' });
    expect(test.profiles()).not.toHaveProperty('default');
  });

  it.each<[string, string[], number, string]>([
    ['an unknown profile', ['grap'], 3, "did you mean 'Graph'?"],
    ['both', ['b', '--unset'], 2, 'not both'],
    ['nothing to print', [], 3, 'there is no default profile'],
  ])('refuses %s', async (_, words, code, message) => {
    const before = test.text();
    const result = await choose(...words);
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(message);
    expect(test.text()).toBe(before);
  });
});
