import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import {
  type CertificateWorkshop,
  createCertificateWorkshop,
  RSA_1024,
} from '../support/certificates.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const DASHED = '-starts with a dash';
const KEY = Buffer.alloc(32, 9).toString('base64');
const tls = createTestCa();
let idp: StandIn;
let workshop: CertificateWorkshop;
let stage: Stage;

beforeAll(async () => {
  workshop = createCertificateWorkshop();
  for (const name of ['good', 'other']) workshop.selfSigned(name);
  workshop.selfSigned('short', { key: RSA_1024 });
  workshop.write('whole.pem', workshop.text('good.crt') + workshop.text('good.key'));
  workshop.write('mixed.pem', workshop.text('good.crt') + workshop.text('other.key'));
  workshop.write('short.pem', workshop.text('short.crt') + workshop.text('short.key'));
  workshop.pfx('locked', 'good', ['good'], ['-passout', 'pass:secret']);
  idp = await startStandIn({
    tls,
    tenant: TENANT,
    clients: [
      { id: appId('app'), secret: DASHED },
      { id: appId('certified'), certificate: workshop.text('good.crt') },
    ],
  });
});
afterAll(async () => {
  await idp?.close();
  workshop?.remove();
});

beforeEach(() => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY });
  stage.file('ca.pem', tls.caPem);
});
afterEach(() => stage.remove());

const profiles = () =>
  JSON.parse(readFileSync(join(stage.home, '.tokencli', 'profiles.json'), 'utf8'));
const create = (name: string, client = 'app') => [
  ...['config', 'create', '--name', name, '--client-id', appId(client), '--tenant-id', TENANT],
  ...['--authority', idp.origin, '--ca-file', stage.caFile],
];

describe('a profile from flags to token', () => {
  it('with a secret that begins with a dash', async () => {
    const input = `${DASHED}\n`;
    const made = await stage.run([...create('one'), '--client-secret-stdin'], { input });
    expect([made.code, made.out]).toEqual([0, '']);
    const { code, out } = await stage.run(['get-token', '--silent']);
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    expect(JSON.stringify(profiles())).not.toContain(DASHED);
    expect(profiles().profiles).toEqual([
      {
        name: 'one',
        clientId: appId('app'),
        tenantId: TENANT,
        authority: idp.origin,
        caFile: stage.caFile,
        credentials: [{ id: expect.any(String), kind: 'clientSecret', store: 'file' }],
      },
    ]);
  });

  it.each([
    ['a file', ['--client-secret-file', 'secret.txt'], {}],
    ['the environment', ['--client-secret-env', 'MY_SECRET'], { MY_SECRET: DASHED }],
  ])('with a secret from %s', async (_where, args, env) => {
    stage.file('secret.txt', `\ufeff${DASHED}\r\n`);
    expect((await stage.run([...create('two'), ...args], { env })).code).toBe(0);
    const { code, out } = await stage.run(['get-token', '--silent']);
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  });

  it('with a PFX read at each use, and with one kept in the store', async () => {
    const file = workshop.path('locked.pfx');
    const pfx = ['--certificate', file, '--certificate-password-stdin'];
    const made = await stage.run([...create('read', 'certified'), ...pfx], { input: 'secret' });
    expect([made.code, made.out]).toEqual([0, '']);
    const more = [...pfx, '--import-certificate'];
    const kept = await stage.run([...create('kept', 'certified'), ...more], { input: 'secret' });
    expect([kept.code, kept.out]).toEqual([0, '']);
    for (const name of ['read', 'kept']) {
      const { code, out } = await stage.run(['get-token', '-p', name]);
      expect([name, code, out]).toEqual([name, 0, `${idp.issued.at(-1)}\n`]);
    }
    const kept2 = profiles().profiles.find(({ name }: { name: string }) => name === 'kept');
    expect(kept2.certificatePath).toBeUndefined();
  });

  it('and its end', async () => {
    await stage.run([...create('gone'), '--client-secret-stdin'], { input: DASHED });
    await stage.run(['get-token', '--silent']);
    const { code, out } = await stage.run(['config', 'delete', '-p', 'gone', '--force']);
    expect([code, out]).toEqual([0, '']);
    expect(profiles().profiles).toEqual([]);
    expect((await stage.run(['get-token'])).code).toBe(3);
  });
});

describe('a rotation', () => {
  it('serves no token of the old secret afterwards', async () => {
    await stage.run([...create('turn'), '--client-secret-stdin'], { input: DASHED });
    await stage.run(['get-token', '--silent']);
    const edit = ['config', 'edit', '-p', 'turn', '--client-secret-stdin'];
    const edited = await stage.run(edit, { input: 'another one' });
    expect([edited.code, edited.out]).toEqual([0, '']);
    const { code, out } = await stage.run(['get-token', '--silent']);
    expect([code, out]).toEqual([4, '']);
  });
});

describe('what is printed', () => {
  beforeEach(async () => {
    await stage.run([...create('shown'), '--client-secret-stdin'], { input: DASHED });
  });

  it('path', async () => {
    const { code, out, err } = await stage.run(['config', 'path']);
    expect([code, out, err]).toEqual([0, `${stage.home}/.tokencli/profiles.json\n`, '']);
  });

  it('list and show, as JSON and for people, without the secret', async () => {
    for (const args of [['list'], ['show']]) {
      const plain = await stage.run(['config', ...args]);
      expect([plain.code, plain.err]).toEqual([0, '']);
      expect(plain.out).toContain('shown');
      const json = await stage.run(['config', ...args, '--json']);
      expect([json.code, json.out.endsWith('\n')]).toEqual([0, true]);
      expect(JSON.stringify(JSON.parse(json.out))).toContain('"shown"');
      expect(plain.out + json.out).not.toContain(DASHED);
    }
  });
});

describe('what is refused, with an empty stdout', () => {
  const secret = ['--client-secret-stdin'];
  const guid = 'b7f0c1d2-0000-4000-8000-123456789abc';
  const cases: readonly [string, () => string[], string, number, string][] = [
    ['an empty secret', () => [...create('a'), ...secret], '\n', 2, 'empty'],
    [
      'two sources of a secret',
      () => [...create('a'), ...secret, '--client-secret-file', 'x'],
      'x',
      2,
      '--client-secret',
    ],
    [
      'a secret file that is not there',
      () => [...create('a'), '--client-secret-file', 'nowhere'],
      '',
      9,
      '--client-secret-file names',
    ],
    [
      'a variable that is not set',
      () => [...create('a'), '--client-secret-env', 'NOT_SET'],
      '',
      2,
      '--client-secret-env names',
    ],
    [
      'a secret as a value',
      () => [...create('a'), '--client-secret', 'x'],
      '',
      2,
      '--client-secret',
    ],
    ['a bad name', () => [...create('a b'), ...secret], 'x', 2, 'name'],
    [
      'no client id',
      () => ['config', 'create', '--name', 'a', '--tenant-id', TENANT],
      '',
      2,
      '--client-id',
    ],
    [
      'a bad tenant',
      () => [...create('a').map((word) => (word === TENANT ? 'no tenant' : word)), ...secret],
      'x',
      2,
      'tenant',
    ],
    [
      'an http authority',
      () => [...create('a').map((word) => word.replace('https:', 'http:')), ...secret],
      'x',
      2,
      'https',
    ],
    ['an unknown cloud', () => [...create('a'), '--cloud', 'mars'], '', 2, 'cloud'],
    ['an unknown flow', () => [...create('a'), '--flow', 'Password'], '', 2, 'flow'],
    [
      'a name that is taken',
      () => [...create('TAKEN'), ...secret],
      'x',
      2,
      "already a profile 'TAKEN'",
    ],
    [
      'a certificate that is not there',
      () => [...create('a'), '--certificate', 'nowhere.pfx'],
      '',
      9,
      'nowhere.pfx',
    ],
    [
      'a key that does not match',
      () => [...create('a'), '--certificate', workshop.path('mixed.pem')],
      '',
      9,
      'belong',
    ],
    [
      'a key of 1024 bits',
      () => [...create('a'), '--certificate', workshop.path('short.pem')],
      '',
      9,
      '2048',
    ],
    [
      'a wrong PFX password',
      () => [
        ...create('a'),
        '--certificate',
        workshop.path('locked.pfx'),
        '--certificate-password-stdin',
      ],
      'wrong',
      9,
      'password',
    ],
    [
      'show of an unknown profile',
      () => ['config', 'show', '-p', 'takn'],
      '',
      3,
      "did you mean 'taken'",
    ],
    [
      'delete of an unknown profile',
      () => ['config', 'delete', '-p', 'nobody', '--force'],
      '',
      3,
      'nobody',
    ],
    ['delete without a yes', () => ['config', 'delete', '-p', 'taken'], '', 2, '--force'],
    ['config alone', () => ['config'], '', 2, 'say what to do'],
    ['an unknown command of config', () => ['config', 'remove'], '', 2, 'did you mean rename?'],
  ];
  it.each(cases)('%s', async (_title, args, input, code, reason) => {
    await stage.run([...create('taken'), ...secret], { input: DASHED });
    const before = profiles();
    const result = await stage.run(args(), { input });
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(reason);
    expect(profiles()).toEqual(before);
  });

  it('not refused, but warned of: a secret that looks like the id of a secret', async () => {
    const { code, out, err } = await stage.run([...create('warned'), ...secret], { input: guid });
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('warning: ');
    expect(err).not.toContain(guid);
  });

  it('a store that cannot be opened leaves no profile behind', async () => {
    await stage.run([...create('whole'), ...secret], { input: DASHED });
    const env = { TOKENCLI_STORE_KEY: Buffer.alloc(32, 8).toString('base64') };
    const { code, out } = await stage.run([...create('half'), ...secret], { input: 'x', env });
    expect([code, out]).toEqual([7, '']);
    expect((await stage.run(['config', 'list', '--json'])).out).not.toContain('half');
  });
});
