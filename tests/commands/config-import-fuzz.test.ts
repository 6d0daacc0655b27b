import { randomInt } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { createRandom, type Random } from '../support/random.ts';
import { cheapAge, createTestApp, type TestApp } from '../support/test-app.ts';

const COUNT = Number(process.env['TOKENCLI_FUZZ_COUNT'] ?? 400);
const SEED = Number(process.env['TOKENCLI_FUZZ_SEED'] ?? randomInt(2 ** 31));
const PASSPHRASE = 'correct horse battery staple';
const ID = 'ab'.repeat(16);
const THERE = {
  profiles: [
    {
      name: 'there',
      clientId: appId('app'),
      credentials: [{ kind: 'clientSecret', id: ID, store: 'keyring' }],
    },
  ],
};

const VALID = {
  format: 'tokencli-export',
  version: 1,
  default: 'ci',
  profiles: [
    {
      name: 'ci',
      clientId: appId('app'),
      tenantId: 'contoso.com',
      scopes: ['https://graph.microsoft.com/.default'],
      flow: 'ClientCredentials',
      credentials: [{ kind: 'clientSecret', value: 'a secret' }],
    },
    { name: 'user', clientId: appId('app'), authority: 'https://login.example', loginHint: 'me' },
  ],
};
const THEIRS = [
  { name: 'a b', client_id: appId('x'), tenant_id: 'contoso.com', auth_method: 'client_secret' },
  {
    name: 'c',
    clientId: appId('y'),
    scopes: ['s'],
    defaultFlow: 'DeviceCode',
    authority: 'https://a.b/c',
  },
];

const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then'],
  ...['name', 'clientId', 'profiles', 'credentials', 'value', 'id', 'store', 'browserCommand'],
  ...['__defineGetter__', 'polluted', 'length', '0', '', '\u202e', '\ud800', 'x'.repeat(5000)],
];
const VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1e308, '', ' ', 'x', '__proto__', 'constructor', 'there', 'THERE', '../x'],
  ...['\u0000', '\u001b]0;x\u0007', '\u202e', '\ud800', 'x'.repeat(70_000), 'https://a.b', 'a@b'],
  ...[[], {}, [[]], [null], { toString: 1 }, { length: 1e9 }, Array(60).fill('s')],
  ...[
    Array(1001).fill({ name: 'p', clientId: appId('c') }),
    { constructor: { prototype: { polluted: 1 } } },
  ],
  JSON.parse('{"__proto__":{"polluted":1}}'),
];

const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;

/** A copy with some of its members replaced, added, removed or wrapped. */
function mutate(value: unknown, random: Random): unknown {
  if (random(50) === 0) return pick(VALUES, random);
  if (random(40) === 0) return [value, value];
  if (Array.isArray(value)) return value.map((each) => mutate(each, random));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(() => random(60) > 0)
    .map(([name, each]) => [random(70) === 0 ? pick(NAMES, random) : name, mutate(each, random)]);
  if (random(14) === 0) members.push([pick(NAMES, random), pick(VALUES, random)]);
  return Object.fromEntries(members); // defines, so that __proto__ becomes a member as well
}

/** Damage that no JSON writer makes. */
function damage(text: string, random: Random): string {
  const at = random(text.length + 1);
  const pieces = [
    '{',
    '}',
    '[',
    '"',
    ',',
    ':',
    '\\u005f_proto__',
    '\u0000',
    '1e999',
    'NaN',
    '\ufeff',
  ];
  const ways = [
    () => text.slice(0, at),
    () => text.slice(0, at) + pick(pieces, random) + text.slice(at),
    () => text.replace('"name":', '"name":"twice","name":'),
    () => text.replace('{', '{"__proto__":{"polluted":true},'),
    () => `${'['.repeat(100_000)}${text}`,
    () => text.slice(0, at) + text.slice(at + random(9)),
  ];
  return pick(ways, random)();
}

async function hostileFile(random: Random) {
  const theirs = random(5) === 0;
  const content = JSON.stringify(mutate(theirs ? THEIRS : VALID, random)) ?? '';
  const text = random(4) === 0 ? damage(content, random) : content;
  if (random(3) > 0) return { file: Buffer.from(text), theirs };
  const armor = random(4) === 0;
  const file = Buffer.from(await cheapAge.encrypt(Buffer.from(text), PASSPHRASE, armor));
  if (random(4) === 0) file[random(file.length)] = random(256);
  return { file, theirs };
}

const prototypes = () =>
  [Object.prototype, Array.prototype, String.prototype, Function.prototype].map((prototype) =>
    Reflect.ownKeys(prototype).map((name) => [
      name,
      Object.getOwnPropertyDescriptor(prototype, name)?.value,
    ]),
  );

const entriesOf = (test: TestApp) => [...test.stores.keyring.entries].sort();

/** After an import that said yes: what was there is there, and every reference leads to a secret. */
async function checkTaken(test: TestApp): Promise<void> {
  const { profiles } = test.profiles();
  expect(profiles[0]).toEqual(THERE.profiles[0]);
  const refs = profiles.flatMap((profile) => profile['credentials'] ?? []) as { id: string }[];
  const accounts = entriesOf(test).map(([account]) => account.replace(/^\w+:|#\d+$/g, ''));
  expect([...new Set(accounts)].sort()).toEqual(refs.map(({ id }) => id).sort());
  const { out } = await test.cli(['config', 'list', '--json']);
  expect(JSON.parse(out)).toMatchObject({ broken: [] });
}

it(
  `${COUNT} hostile files: taken whole, or refused without a trace`,
  async () => {
    const test = createTestApp();
    const random = createRandom(SEED);
    const before = prototypes();
    const seen: Record<number, number> = {};
    const reset = () => {
      test.writeProfiles(THERE);
      test.stores.keyring.entries.clear();
      test.stores.keyring.entries.set(`clientSecret:${ID}`, 'kept');
    };
    reset();
    const untouched = [test.text(), entriesOf(test)];
    for (let index = 0; index < COUNT; index += 1) {
      const { file, theirs } = await hostileFile(random);
      test.file('in', file);
      const from = theirs ? ['--from', 'entra-auth-cli'] : [];
      const policy = pick(['fail', 'skip', 'rename'], random);
      const words = ['-f', 'in', '--passphrase-env', 'PASS', '--on-conflict', policy, ...from];
      const { code, out, err } = await test.cli(['config', 'import', ...words], {
        env: { PASS: PASSPHRASE },
      });
      seen[code] = (seen[code] ?? 0) + 1;
      try {
        expect([0, 2, 9]).toContain(code);
        expect(out).toBe('');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them
        expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
        if (code === 0) await checkTaken(test);
        else expect([test.text(), entriesOf(test)]).toEqual(untouched);
        expect(prototypes()).toEqual(before);
      } catch (error) {
        const shown = file.toString('latin1').slice(0, 2000);
        throw new Error(`seed ${SEED}, file ${index}: ${err}\n${shown}`, { cause: error });
      }
      if (code === 0) reset();
    }
    test.remove();
    console.log(`seed ${SEED}, ${COUNT} files, exit codes ${JSON.stringify(seen)}`);
    expect(seen[0]).toBeGreaterThan(COUNT / 20);
    expect(seen[9]).toBeGreaterThan(COUNT / 4);
  },
  60_000 + COUNT * 30,
);
