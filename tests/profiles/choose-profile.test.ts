import { describe, expect, it } from '@jest/globals';
import { closestName } from '../../src/core/closest-name.ts';
import { chooseProfile, selectProfile } from '../../src/profiles/choose-profile.ts';
import type { ProfilesFile } from '../../src/profiles/store.ts';
import { failure } from '../support/failure.ts';
import { createFakePrompter } from '../support/fake-prompter.ts';
import { createNetworkApp } from '../support/network-app.ts';

function file(names: readonly string[], more: Partial<ProfilesFile> = {}): ProfilesFile {
  const profiles = names.map((name) => ({ name, clientId: `client-${name}` }));
  return {
    path: '/home/me/.tokencli/profiles.json',
    exists: true,
    profiles,
    broken: [],
    raw: { profiles },
    ...more,
  };
}

describe('selectProfile', () => {
  const two = file(['graph', 'azure'], { defaultName: 'azure' });
  it.each<[string, ProfilesFile, string | undefined, Record<string, string>, string]>([
    ['the flag first', two, 'graph', { TOKENCLI_PROFILE: 'azure' }, 'graph'],
    ['then the environment', two, undefined, { TOKENCLI_PROFILE: 'graph' }, 'graph'],
    ['then the default', two, undefined, {}, 'azure'],
    ['an empty variable says nothing', two, undefined, { TOKENCLI_PROFILE: '' }, 'azure'],
    ['then the only one', file(['one']), undefined, {}, 'one'],
    ['in any case', two, 'GRAPH', {}, 'graph'],
  ])('%s', (_, from, flag, env, name) => {
    expect(selectProfile(from, { flag, env }).name).toBe(name);
  });

  it.each<[string, ProfilesFile, string | undefined, [string, string, string]]>([
    [
      'none there',
      file([]),
      undefined,
      ['profile_not_found', 'there is no profile yet', 'tokencli config create'],
    ],
    [
      'none there, one named',
      file([]),
      'x',
      ['profile_not_found', "there is no profile 'x'", 'tokencli config create'],
    ],
    [
      'several, none named',
      file(['graph', 'azure']),
      undefined,
      [
        'usage',
        'which profile? there are graph, azure',
        'name one with -p NAME, or set TOKENCLI_PROFILE',
      ],
    ],
    [
      'a typing mistake',
      file(['graph', 'azure']),
      'grahp',
      [
        'profile_not_found',
        "there is no profile 'grahp'; did you mean 'graph'?",
        'tokencli config list',
      ],
    ],
    [
      'nothing like it',
      file(['graph']),
      'production',
      ['profile_not_found', "there is no profile 'production'", 'tokencli config list'],
    ],
    [
      'a default that is gone',
      file(['graph'], { defaultName: 'gone' }),
      undefined,
      [
        'profile_not_found',
        "there is no profile 'gone', which is the default",
        'tokencli config default NAME, or tokencli config default --unset',
      ],
    ],
    [
      'a broken one',
      file(['graph'], { broken: [{ index: 1, name: 'Bad', problems: ['a: b', 'c: d'] }] }),
      'bad',
      [
        'invalid_data',
        "profile 'bad' is not valid: a: b; c: d",
        'edit /home/me/.tokencli/profiles.json',
      ],
    ],
    [
      'nothing but a broken one',
      file([], { broken: [{ index: 0, problems: ['profiles[0].name: is missing'] }] }),
      undefined,
      [
        'invalid_data',
        'profile is not valid: profiles[0].name: is missing',
        'edit /home/me/.tokencli/profiles.json',
      ],
    ],
  ])('%s', (_, from, flag, expected) => {
    expect(failure(() => selectProfile(from, { flag, env: {} }))).toEqual(expected);
  });

  it('a good profile beside a broken one is used', () => {
    const from = file(['graph'], { broken: [{ index: 1, name: 'bad', problems: ['x'] }] });
    expect(selectProfile(from, { flag: 'graph', env: {} }).name).toBe('graph');
  });
});

describe('chooseProfile', () => {
  const app = (interactive: boolean, env = {}) => ({
    env,
    log: { ...createNetworkApp().app.log, interactive },
    prompter: async () => createFakePrompter(['azure']),
  });

  it('lets a person pick where several could be meant', async () => {
    const two = file(['graph', 'azure']);
    expect((await chooseProfile(app(true), two, undefined)).name).toBe('azure');
    await expect(chooseProfile(app(false), two, undefined)).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('asks nobody where one is named, or there is only one', async () => {
    const two = file(['graph', 'azure']);
    expect((await chooseProfile(app(true), two, 'graph')).name).toBe('graph');
    expect(
      (await chooseProfile(app(true, { TOKENCLI_PROFILE: 'graph' }), two, undefined)).name,
    ).toBe('graph');
    expect((await chooseProfile(app(true), file(['graph']), undefined)).name).toBe('graph');
    const byDefault = file(['graph', 'azure'], { defaultName: 'graph' });
    expect((await chooseProfile(app(true), byDefault, undefined)).name).toBe('graph');
  });
});

it.each([
  ['grahp', 'graph'],
  ['gra', 'graph'],
  ['GRAPH1', 'graph'],
  ['g', undefined],
  ['xxxxx', undefined],
  ['azzure', 'azure'],
])('the name closest to %s is %s', (typed, meant) => {
  expect(closestName(typed, ['azure', 'graph'])).toBe(meant);
});
