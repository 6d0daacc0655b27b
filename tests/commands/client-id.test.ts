import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CLIENT_ID_RULES } from '../../src/core/client-id.ts';
import { appId } from '../support/app-id.ts';
import { findBelow, findIn, makeCanary } from '../support/canaries.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const TENANT = ['--tenant-id', 'contoso.example'];
const MINE = { name: 'mine', clientId: appId('mine'), tenantId: 'contoso.example' };
const GENERIC = {
  ...{ name: 'generic', clientId: 'short', protocol: 'oidc' },
  authority: 'https://idp.example',
};

/** A secret without any shape, and one that no shell word could be. */
const CANARIES = [makeCanary().replace(/[^A-Za-z0-9]/g, ''), makeCanary('{ ')];

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
  test.writeProfiles({ profiles: [MINE, GENERIC] });
});
afterEach(() => test.remove());

interface Door {
  readonly door: string;
  readonly args: readonly string[];
  readonly env?: (secret: string) => Record<string, string>;
  /** Stands in the file that `FILE` is among the arguments. */
  readonly file?: (secret: string) => object;
  /** Stands in profiles.json beside the good ones. */
  readonly profile?: (secret: string) => object;
  readonly code: number;
  /** The message says where the value came from. */
  readonly names: string;
}

const create = (secret: string) => ['config', 'create', '--name', 'new', '--client-id', secret];
const SECRET = 'SECRET';
const get = ['get-token', '-p', 'mine', '--silent'];
const ours = (secret: string) => ({ TOKENCLI_CLIENT_ID: secret });
const azure = (secret: string) => ({ AZURE_CLIENT_ID: secret });
const bad = (clientId: string) => ({ ...MINE, name: 'bad', clientId });
const exported = (clientId: string) => ({
  ...{ format: 'tokencli-export', version: 1 },
  profiles: [MINE, bad(clientId)],
});
const import_ = ['config', 'import', '--yes'];
const theirs = [...import_, '--from', 'entra-auth-cli', '-f', 'FILE'];

const DOORS: readonly Door[] = [
  { door: 'create', args: [...create(SECRET), ...TENANT], code: 2, names: '--client-id' },
  {
    door: 'edit',
    args: ['config', 'edit', '-p', 'mine', '--client-id', SECRET],
    ...{ code: 2, names: '--client-id' },
  },
  { door: 'a call', args: [...get, '--client-id', SECRET], code: 2, names: '--client-id' },
  { door: 'our variable', args: get, env: ours, code: 2, names: 'TOKENCLI_CLIENT_ID' },
  { door: 'a variable of Azure', args: get, env: azure, code: 2, names: 'AZURE_CLIENT_ID' },
  {
    door: 'a variable, of refresh',
    ...{ args: ['refresh', '-p', 'mine'], env: ours, code: 2, names: 'TOKENCLI_CLIENT_ID' },
  },
  {
    door: 'a variable, of consent',
    args: ['consent', '-p', 'mine', '--no-browser'],
    ...{ env: azure, code: 2, names: 'AZURE_CLIENT_ID' },
  },
  {
    door: 'a variable, of a look at the settings',
    args: ['config', 'show', '-p', 'mine', '--effective'],
    ...{ env: ours, code: 0, names: 'TOKENCLI_CLIENT_ID' },
  },
  {
    door: 'the file, of a call',
    args: ['get-token', '-p', 'bad'],
    profile: bad,
    code: 9,
    names: '',
  },
  { door: 'the file, of list', args: ['config', 'list'], profile: bad, code: 0, names: '' },
  {
    door: 'the file, of show',
    args: ['config', 'show', '-p', 'bad'],
    profile: bad,
    code: 9,
    names: '',
  },
  {
    door: 'the file, of check',
    args: ['config', 'check', '--all'],
    profile: bad,
    code: 9,
    names: '',
  },
  {
    door: 'the file, of edit',
    args: ['config', 'edit', '-p', 'bad', '--flow', 'DeviceCode'],
    ...{ profile: bad, code: 9, names: '' },
  },
  {
    door: 'the file, of export',
    args: ['config', 'export', '--all', '--plain', '-o', 'OUT'],
    ...{ profile: bad, code: 0, names: '' },
  },
  {
    door: 'an export',
    ...{ args: [...import_, '-f', 'FILE'], file: exported, code: 9, names: 'profiles[1].clientId' },
  },
  {
    door: 'the file of entra-auth-cli',
    args: theirs,
    file: (clientId) => [{ name: 'new', clientId }],
    ...{ code: 9, names: 'profiles[0].clientId' },
  },
  {
    door: 'the environment as a profile',
    args: [...import_, '--from', 'env'],
    ...{ env: azure, code: 2, names: 'AZURE_CLIENT_ID' },
  },
];

describe('a secret in the place of a client id', () => {
  it.each(DOORS)('$door: is refused, and neither kept nor shown', async (door) => {
    const { file, profile, names, code } = door;
    for (const secret of CANARIES) {
      test.writeProfiles({ profiles: [MINE, GENERIC, ...(profile ? [profile(secret)] : [])] });
      const before = test.text();
      const path = file ? test.file('theirs.json', JSON.stringify(file(secret))) : '';
      for (const [index, how] of [[], ['--json'], ['--debug']].entries()) {
        const OUT = join(test.folder, `${CANARIES.indexOf(secret)}-${index}`);
        const words = { SECRET: secret, FILE: path, OUT };
        const args = door.args.map((word) => words[word as keyof typeof words] ?? word);
        const { env = () => ({}) } = door;
        const result = await test.cli([...args, ...how], { env: env(secret) });
        const said = result.out + result.err;
        expect(findIn('output', said, [secret])).toEqual([]);
        // not every command has it
        if (said.includes('unknown: --json')) continue;
        expect([result.code, said]).toEqual([code, expect.stringContaining('must be a GUID')]);
        expect(said).toContain(profile ? 'profiles[2].clientId: must be' : names);
        expect(test.text()).toBe(before);
      }
      const given = [profile && test.profilesPath, path];
      const finds = findBelow(test.folder, [secret]);
      expect(finds.filter((find) => !given.some((each) => each && find.startsWith(each)))).toEqual(
        [],
      );
    }
  });

  it('is an answer that is refused at once, with what to answer instead', async () => {
    const [secret = ''] = CANARIES;
    const id = appId('right');
    const answers = ['new', secret, id, 'contoso.example', 'none', 'DeviceCode', 'User.Read'];
    const made = await test.cli(['config', 'create'], { answers });
    const edit = ['config', 'edit', '-p', 'mine'];
    const edited = await test.cli(edit, { answers: ['Application (client) ID', secret, id] });
    expect([made.code, edited.code]).toEqual([0, 0]);
    expect(made.prompter.refused).toEqual([CLIENT_ID_RULES.entra]);
    expect(edited.prompter.refused).toEqual([expect.stringContaining(CLIENT_ID_RULES.entra)]);
    expect(findIn('output', made.err + edited.err, [secret])).toEqual([]);
    expect(findBelow(join(test.profilesPath, '..'), [secret])).toEqual([]);
    expect(test.profiles().profiles).toMatchObject([{ clientId: id }, GENERIC, { clientId: id }]);
  });
});

describe('what a client id is goes with the protocol', () => {
  const oidc = ['--protocol', 'oidc', '--authority', 'https://idp.example'];
  const ENTRA_SECRET = `abc1Q~${'x'.repeat(34)}`;
  it.each<[string, string[], number]>([
    ['a GUID in capitals', ['-p', 'mine', '--client-id', appId('other').toUpperCase()], 0],
    ['another text with the protocol', ['-p', 'mine', ...oidc, '--client-id', 'short'], 0],
    [
      'a GUID with the protocol',
      ['-p', 'generic', '--protocol', 'entra', '--client-id', appId('a')],
      0,
    ],
    ['a URL', ['-p', 'generic', '--client-id', 'https://client.example/метаданные?a=b'], 0],
    ['the protocol alone', ['-p', 'generic', '--protocol', 'entra'], 2],
    ['no protocol any more', ['-p', 'generic', '--unset', 'protocol'], 2],
    ['braces', ['-p', 'mine', '--client-id', `{${appId('other')}}`], 2],
    ['a line end', ['-p', 'mine', '--client-id', `${appId('other')}\n`], 2],
    ['a blank', ['-p', 'generic', '--client-id', 'a b'], 2],
    ['what is not seen', ['-p', 'generic', '--client-id', 'a\u200bb'], 2],
    ['a control character', ['-p', 'generic', '--client-id', 'a\u001b[2J'], 2],
    ['the secret of an app of Entra', ['-p', 'generic', '--client-id', ENTRA_SECRET], 2],
  ])('config edit with %s', async (_, words, code) => {
    const before = test.text();
    const result = await test.cli(['config', 'edit', ...words]);
    expect([result.code, result.err]).toEqual([code, expect.stringMatching(/clientId|changed/)]);
    expect(test.text() === before).toBe(code !== 0);
  });

  it('config create takes any text without blanks for another issuer', async () => {
    const authority = ['--authority', 'https://a.example'];
    const missing = await test.cli([...create('short'), ...TENANT, ...authority]);
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('--protocol oidc')]);
    expect((await test.cli([...create('ключ'), ...oidc])).code).toBe(0);
  });

  it('hides no other profile, and is one of all problems', async () => {
    const broken = { ...MINE, name: 'bad', clientId: 'short', sendX5c: 1 };
    test.writeProfiles({ profiles: [broken, { ...GENERIC, clientId: 'a b' }, MINE] });
    const { out } = await test.cli(['config', 'list', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      profiles: [{ name: 'mine' }],
      broken: [
        {
          problems: [
            'profiles[0].sendX5c: must be true or false',
            `profiles[0].clientId: ${CLIENT_ID_RULES.entra}`,
          ],
        },
        { problems: [`profiles[1].clientId: ${CLIENT_ID_RULES.oidc}`] },
      ],
    });
  });
});
