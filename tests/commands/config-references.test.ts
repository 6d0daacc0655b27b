import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { variablesOfReference } from '../../src/profiles/reference.ts';
import type { Profile } from '../../src/profiles/schema.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const CREATE = ['config', 'create', '--name', 'p', '--client-id', randomUUID()];
const TENANT = ['--tenant-id', randomUUID()];
const EDIT = ['config', 'edit', '-p', 'p'];
const ENTRA = `abc8Q~${'x'.repeat(34)}`;
const JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2ln`;
const CONNECTION = randomUUID();

let world: TestApp;

beforeEach(() => {
  world = createTestApp();
});
afterEach(() => world.remove());

const profile = () => world.profiles().profiles[0];
const create = (...more: string[]) => world.cli([...CREATE, ...TENANT, ...more]);

describe('by flags', () => {
  it.each([
    ['--client-secret-from', 'env:MINE', 'clientSecretFrom', { env: 'MINE' }],
    ['--client-secret-from', 'file:~/s', 'clientSecretFrom', { file: '~/s' }],
    [
      '--client-secret-from',
      'command:["pass","show","a b"]',
      'clientSecretFrom',
      { command: ['pass', 'show', 'a b'] },
    ],
    ['--certificate-from', 'file:/run/c.pem', 'certificateFrom', { file: '/run/c.pem' }],
    ['--assertion-from', 'github', 'assertionFrom', { github: true }],
    [
      '--assertion-from',
      `azurePipelines:${CONNECTION}`,
      'assertionFrom',
      { azurePipelines: CONNECTION },
    ],
  ])('%s %s', async (flag, text, field, reference) => {
    expect((await create(flag, text)).code).toBe(0);
    expect(profile()).toMatchObject({ [field]: reference });
    const { out } = await world.cli(['config', 'show', '-p', 'p']);
    expect(out).toMatch(/flow +ClientCredentials \(by default\)/);
    expect((await world.cli([...EDIT, '--unset', flag.slice(2)])).code).toBe(0);
    expect(profile()).not.toHaveProperty(field);
  });

  it('a path is one of this folder for ever', async () => {
    await create('--client-secret-from', 'file:secret');
    expect(profile()).toMatchObject({ clientSecretFrom: { file: `${world.folder}/secret` } });
  });

  it.each([
    ['a secret', ['--client-secret-from', ENTRA]],
    ['a secret for a name', ['--client-secret-from', `env:${ENTRA}`]],
    ['a secret for a path', ['--client-secret-from', `file:${ENTRA}`]],
    ['a secret among arguments', ['--client-secret-from', `command:["curl","${ENTRA}"]`]],
    ['a token', ['--assertion-from', JWT]],
    ['a token for a path', ['--assertion-from', `file:${JWT}`]],
    ['no JSON', ['--client-secret-from', `command:curl ${ENTRA}`]],
    ['a text for a list', ['--client-secret-from', `command:"${ENTRA}"`]],
    ['a program of this folder', ['--client-secret-from', 'command:["./get"]']],
    ['no program', ['--client-secret-from', 'command:[]']],
    ['a service for a secret', ['--client-secret-from', 'github']],
    ['no GUID', ['--assertion-from', 'azurePipelines:connection']],
    ['two', ['--client-secret-from', 'env:A', '--certificate-from', 'env:B']],
    ['two sources', ['--client-secret-from', 'env:A', '--client-secret-env', 'B']],
  ])('refused, and not shown: %s', async (_, flags) => {
    const { code, out, err } = await world.cli([...CREATE, ...TENANT, ...flags], {
      env: { B: 'x-secret' },
    });
    expect([code, out, world.text()]).toEqual([2, '', undefined]);
    expect(err).not.toContain(ENTRA.slice(10));
    expect(err).not.toContain(JWT.slice(0, 20));
  });

  it('refused as what they are: two of a profile, not of a file', async () => {
    const two = ['--client-secret-from', 'env:A', '--assertion-from', 'github'];
    const { err } = await world.cli([...CREATE, ...TENANT, ...two]);
    expect(err).toMatch(/^tokencli: the profile: must not have two of clientSecretFrom, /);
  });
});

it('by questions, with the line that does the same', async () => {
  const id = randomUUID();
  const answers = ['p', id, randomUUID(), 'reference', 'assertionFrom', 'env:JOB'];
  const scope = 'https://graph.microsoft.com/.default';
  const made = await world.cli(['config', 'create'], {
    answers: [...answers, 'ClientCredentials', scope],
  });
  expect(made.code).toBe(0);
  expect(profile()).toMatchObject({ clientId: id, assertionFrom: { env: 'JOB' } });
  expect(made.err).toContain('--assertion-from env:JOB');
  const edited = await world.cli(EDIT, { answers: ['client-secret-from', 'file:/run/s'] });
  expect(edited.code).toBe(0);
  expect(profile()).toMatchObject({ clientSecretFrom: { file: '/run/s' } });
  expect(profile()).not.toHaveProperty('assertionFrom');
  expect(edited.err).toContain('--client-secret-from file:/run/s');
});

describe('one credential takes the place of the other', () => {
  it('a reference that of a stored one, which is removed', async () => {
    await world.cli([...CREATE, ...TENANT, '--client-secret-env', 'S'], {
      env: { S: 'stored-one' },
    });
    expect(world.stores.keyring.entries.size).toBeGreaterThan(0);
    expect((await world.cli([...EDIT, '--client-secret-from', 'env:MINE'])).code).toBe(0);
    expect(profile()).toMatchObject({ credentials: [], clientSecretFrom: { env: 'MINE' } });
    expect(world.stores.keyring.entries.size).toBe(0);
    await world.cli([...EDIT, '--client-secret-env', 'S'], { env: { S: 'stored-two' } });
    expect(profile()).not.toHaveProperty('clientSecretFrom');
    expect(profile()).toMatchObject({ credentials: [{ kind: 'clientSecret' }] });
  });

  it('the password of a PFX stays beside its reference', async () => {
    const password = ['--certificate-password-env', 'W'];
    const flags = ['--certificate-from', 'env:PFX', ...password];
    await world.cli([...CREATE, ...TENANT, ...flags], { env: { W: 'word' } });
    expect(profile()).toMatchObject({ credentials: [{ kind: 'certificatePassword' }] });
    await world.cli([...EDIT, ...password], { env: { W: 'another' } });
    expect(profile()).toMatchObject({ certificateFrom: { env: 'PFX' } });
    await world.cli([...EDIT, '--assertion-from', 'github']);
    expect(profile()).toMatchObject({ credentials: [], assertionFrom: { github: true } });
    expect((await world.cli(['cert', 'create', '-p', 'p'])).code).toBe(2);
  });
});

it('what is told of a reference without reading it', async () => {
  const path = world.file('secret', 'x');
  const ids = { clientId: randomUUID(), tenantId: randomUUID() };
  const rows: [string, object, string][] = [
    ['set', { env: 'MINE' }, 'client secret: variable MINE'],
    ['unset', { env: 'NONE' }, 'client secret: variable NONE (is not set)'],
    ['job', { github: true }, 'federated token: GitHub Actions (ACTIONS_ID_TOKEN_REQUEST_URL, '],
    ['open', { file: path }, `client secret: file ${path} (others can read it)`],
    ['gone', { file: '/nowhere' }, 'client secret: file /nowhere (no such file or folder)'],
    ['folder', { file: world.folder }, `client secret: file ${world.folder} (it is a folder)`],
    ['there', { command: ['sh', '-c', 'a b'] }, "client secret: command /bin/sh -c 'a b'"],
    [
      'absent',
      { command: ['no-such'] },
      'client secret: command no-such (there is no such program)',
    ],
  ];
  const profiles = rows.map(([name, from, text]) => {
    const field = text.startsWith('client') ? 'clientSecretFrom' : 'assertionFrom';
    return { name, ...ids, [field]: from };
  });
  world.writeProfiles({ schemaVersion: 1, profiles });
  const env = { MINE: 'the-secret-itself', PATH: '/bin' };
  for (const [name, , text] of rows) {
    for (const more of [[], ['--effective']]) {
      const { out } = await world.cli(['config', 'show', '-p', name, ...more], { env });
      expect(out).toContain(text);
    }
    const { code } = await world.cli(['config', 'check', '-p', name], { env });
    expect([name, code]).toEqual([name, /not set|no such|URL|a folder/.test(text) ? 7 : 0]);
  }
});

it('the variables of a reference are named, for programs that must not have them', () => {
  const of = (fields: Partial<Profile>) =>
    variablesOfReference({ name: 'p', clientId: randomUUID(), ...fields });
  expect(of({ clientSecretFrom: { env: 'MINE' } })).toEqual(['MINE']);
  expect(of({ assertionFrom: { github: true } })).toEqual(['ACTIONS_ID_TOKEN_REQUEST_TOKEN']);
  expect(of({ certificateFrom: { file: '/run/c' } })).toEqual([]);
  expect(of({})).toEqual([]);
});
