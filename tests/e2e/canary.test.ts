import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { findBelow, findIn, makeCanary, watchProcesses } from '../support/canaries.ts';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { type FakeIdp, type Seen, startFakeIdp } from '../support/fake-idp.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import type { RunOptions, RunResult } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const VERBOSITIES = [[], ['--verbose'], ['--debug']];
const ENVIRONMENT = '/proc/self/environ';
/** The one line of stderr that holds a token: `--mask` is asked for it. */
const MASK = /^::add-mask::eyJ\S+\n/m;

const stored = makeCanary('-');
const rotated = makeCanary();
const fromEnv = makeCanary();
const password = makeCanary();
const passphrase = makeCanary();
const storeKey = Buffer.from(makeCanary().slice(0, 32)).toString('base64');
const secrets = [stored, rotated, fromEnv, password, passphrase, storeKey];

let stage: Stage;
let idp: FakeIdp;
let workshop: CertificateWorkshop;
let keyring: KeyringSession;
let refuse = false;
const tokens: string[] = [];
const runs: string[] = [];
const finds: string[] = [];
let processes = 0;

beforeAll(async () => {
  stage = setStage();
  workshop = createCertificateWorkshop();
  workshop.selfSigned('good');
  workshop.pfx('good', 'good', ['good'], ['-passout', `pass:${password}`]);
  idp = await startFakeIdp({ tls: stage.tls, handler: answer });
  keyring = await startKeyringSession('unlocked');
});
afterAll(async () => {
  await keyring?.stop();
  await idp?.close();
  workshop?.remove();
  stage?.remove();
});

/** A server that throws back at the client what it got, in whatever spelling. */
function answer(seen: Seen, response: ServerResponse): boolean {
  if (!refuse || seen.method !== 'POST') return false;
  const secret = seen.body['client_secret'] ?? '';
  const proof = seen.body['client_assertion'] ?? '';
  const spelled = Buffer.from(secret).toString('base64');
  const body = {
    error: 'invalid_client',
    error_description: `AADSTS7000215: ${seen.raw} <${secret}> ${spelled} ${encodeURIComponent(secret)} ${proof}`,
    error_codes: [7000215],
    [secret]: secret,
  };
  response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return true;
}

/** Runs a command at every verbosity and keeps what it gave away. */
async function everywhere(args: readonly string[], options: RunOptions, repeat = VERBOSITIES) {
  const results: RunResult[] = [];
  for (const more of repeat) {
    let watched: ReturnType<typeof watchProcesses> | undefined;
    const result = await stage.run([...args, ...more], {
      ...options,
      watch: ({ pid }) => {
        watched = pid === undefined ? undefined : watchProcesses(pid, secrets);
      },
    });
    const line = [...args.slice(0, 4), ...more].join(' ');
    const seen = watched?.stop();
    processes += seen?.processes ?? 0;
    runs.push(line);
    // what the caller himself put into the environment of the process is where it belongs
    const elsewhere = seen?.found.filter((find) => !options.env || !find.startsWith(ENVIRONMENT));
    finds.push(...(elsewhere ?? []).map((find) => `${line}: ${find}`));
    finds.push(...findIn(`${line}: stdout`, result.out, secrets));
    const err = args.includes('--mask') ? result.err.replace(MASK, '') : result.err;
    finds.push(...findIn(`${line}: stderr`, err, [...secrets, ...tokens]));
    const token = /^(eyJ\S+)\n$/.exec(result.out)?.[1];
    if (token) tokens.push(token);
    results.push(result);
  }
  return results;
}

const codes = (results: readonly RunResult[]) => [...new Set(results.map(({ code }) => code))];

const fields = (name: string) => [
  ...['--name', name, '--client-id', appId('app'), '--tenant-id', TENANT],
  ...['--authority', idp.origin, '--ca-file', stage.caFile],
  ...['--scope', 'https://graph.microsoft.com/.default', '--force'],
];

describe.each(['file', 'keyring'] as const)('with the %s store', (kind) => {
  const env = () =>
    kind === 'file'
      ? { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: storeKey }
      : { TOKENCLI_STORE: 'keyring', ...keyring.env };
  const name = `${kind}-profile`;

  it('a profile is made, shown and edited', async () => {
    refuse = false;
    const create = ['config', 'create', ...fields(name), '--client-secret-stdin'];
    expect(codes(await everywhere(create, { env: env(), input: `${stored}\n` }))).toEqual([0]);
    for (const args of [['list'], ['list', '--json'], ['path']]) {
      expect(codes(await everywhere(['config', ...args], { env: env() }))).toEqual([0]);
    }
    for (const args of [['show'], ['show', '--json']]) {
      const all = await everywhere(['config', ...args, '-p', name], { env: env() });
      expect(codes(all)).toEqual([0]);
    }
    const edit = ['config', 'edit', '-p', name, '--client-secret-stdin'];
    expect(codes(await everywhere(edit, { env: env(), input: rotated }))).toEqual([0]);
  });

  it('a token is had with the stored secret, and inspected', async () => {
    const get = ['get-token', '-p', name];
    expect(codes(await everywhere([...get, '--force-refresh'], { env: env() }))).toEqual([0]);
    expect(codes(await everywhere([...get, '--json'], { env: env() }))).toEqual([0]);
    expect(codes(await everywhere([...get, '-o', 'token'], { env: env() }))).toEqual([0]);
    const input = tokens.at(-1) ?? '';
    expect(codes(await everywhere(['inspect'], { env: env(), input }))).toEqual([0]);
    expect(idp.tokenRequests().at(-1)?.body['client_secret']).toBe(rotated);
  });

  it('other programs get it, and nobody else', async () => {
    const get = ['get-token', '-p', name];
    const debug = [['--debug']];
    for (const format of ['header', 'k8s']) {
      const all = await everywhere([...get, '--format', format], { env: env() }, debug);
      expect(codes(all)).toEqual([0]);
    }
    const masked = await everywhere([...get, '--mask'], {
      env: { ...env(), GITHUB_ACTIONS: 'true' },
    });
    expect(masked.map(({ err }) => MASK.test(err))).toEqual([true, true, true]);
    const asked = 'protocol=https\nhost=git.example\n';
    const secret = `password=${tokens.at(-1)}\n`;
    const git = ['git-credential', '-p', name, '--host', 'git.example'];
    for (const [operation, input] of [
      ['get', asked],
      ['store', asked + secret],
      ['erase', asked + secret],
      ['erase', `${secret}junk\n`],
    ] as const) {
      const all = await everywhere([...git, operation], { env: env(), input }, debug);
      expect(codes(all)).toEqual([input.endsWith('junk\n') ? 9 : 0]);
    }
  });

  it('and with one from the environment', async () => {
    const more = { ...env(), TOKENCLI_CLIENT_SECRET: fromEnv };
    const get = ['get-token', '-p', name, '--no-cache'];
    expect(codes(await everywhere(get, { env: more }))).toEqual([0]);
    expect(idp.tokenRequests().at(-1)?.body['client_secret']).toBe(fromEnv);
  });

  it('and with a certificate under a password', async () => {
    const pfx = ['--certificate', workshop.path('good.pfx'), '--certificate-password-stdin'];
    const create = ['config', 'create', ...fields(`${name}-pfx`), ...pfx];
    expect(codes(await everywhere(create, { env: env(), input: password }))).toEqual([0]);
    const get = ['get-token', '-p', `${name}-pfx`, '--no-cache'];
    expect(codes(await everywhere(get, { env: env() }))).toEqual([0]);
  });

  it('profiles travel, under a passphrase, and a wrong one tells nothing', async () => {
    const file = `${kind}.age`;
    const pass = ['--passphrase-stdin'];
    const debug = [['--debug']];
    const steps: [words: string[], input: string, code: number][] = [
      [['export', '--all', '--include-secrets', '-o', file, ...pass], passphrase, 0],
      [['import', '-f', file, '--on-conflict', 'overwrite', ...pass], passphrase, 0],
      [['import', '-f', file, '--json', ...pass], stored, 9],
    ];
    for (const [words, input, code] of steps) {
      const all = await everywhere(['config', ...words], { env: env(), input }, debug);
      expect(codes(all)).toEqual([code]);
    }
    const get = ['get-token', '-p', name, '--force-refresh'];
    expect(codes(await everywhere(get, { env: env() }, debug))).toEqual([0]);
    expect(idp.tokenRequests().at(-1)?.body['client_secret']).toBe(rotated);
  });

  it('a server that throws the secret back does not get it printed', async () => {
    refuse = true;
    for (const profile of [name, `${name}-pfx`]) {
      const plugin = ['--resource', 'https://api.example', '--format', 'k8s'];
      for (const more of [['--no-cache'], ['--no-cache', '--json'], plugin]) {
        const get = ['get-token', '-p', profile, ...more];
        const all = await everywhere(get, { env: env() });
        expect(codes(all)).toEqual([4]);
        expect(all.map(({ out }) => out).join('')).toBe('');
      }
    }
    const more = { ...env(), TOKENCLI_CLIENT_SECRET: fromEnv };
    const get = ['get-token', '-p', name, '--no-cache'];
    expect(codes(await everywhere(get, { env: more }))).toEqual([4]);
    refuse = false;
  });

  it('nor do failures of other kinds', async () => {
    const broken = ['config', 'create', ...fields('bad name'), '--client-secret-stdin'];
    expect(codes(await everywhere(broken, { env: env(), input: stored }))).toEqual([2]);
    const flag = ['get-token', '-p', name, '--unknown', '--json'];
    expect(codes(await everywhere(flag, { env: env() }))).toEqual([2]);
    idp.script.push('html', 'no-token', 'truncated', 'html');
    for (const _fault of idp.script.slice()) {
      await everywhere(['get-token', '-p', name, '--no-cache', '--timeout', '3s'], { env: env() }, [
        ['--debug'],
      ]);
    }
    idp.script.length = 0;
  });

  it('nothing was found in files, before and after the profiles are deleted', async () => {
    // the token itself was asked for in one file
    const filesWith = (what: readonly string[]) =>
      findBelow(stage.home, what).concat(findBelow(stage.folder, secrets));
    expect(filesWith([...secrets, ...tokens])).toEqual([]);
    for (const profile of [name, `${name}-pfx`]) {
      const remove = ['config', 'delete', '-p', profile, '--force'];
      const [first] = await everywhere(remove, { env: env() }, [['--debug']]);
      expect(first?.code).toBe(0);
    }
    expect(filesWith([...secrets, ...tokens])).toEqual([]);
  });

  it('nothing was found in output, arguments and environments', () => {
    expect(finds).toEqual([]);
    expect(runs.length).toBeGreaterThan(40);
    expect(processes).toBeGreaterThanOrEqual(runs.length);
  });
});

describe('the scanner itself', () => {
  it('finds what is there', () => {
    const secret = stored;
    const hidden = Buffer.from(`xx{"secret":${JSON.stringify(secret)}}`);
    expect(findIn('here', hidden, [secret]).length).toBeGreaterThan(0);
    expect(findIn('here', hidden.toString('base64url'), [secret]).length).toBeGreaterThan(0);
    expect(findIn('here', hidden.toString('hex'), [secret])).toEqual(['here: hex']);
    expect(findIn('here', encodeURIComponent(secret), [secret])).toEqual(['here: raw']);
    expect(findIn('here', 'nothing', [secret])).toEqual([]);
  });
});
