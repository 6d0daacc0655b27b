import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { App } from '../../../src/core/ports.ts';
import { toPemBundle } from '../../../src/entra/choose-certificate.ts';
import { redact } from '../../../src/output/redact.ts';
import type { CredentialRef, Profile } from '../../../src/profiles/schema.ts';
import { openVault } from '../../../src/secrets/vault.ts';
import { loadCredential } from '../../../src/usecases/credentials/credential.ts';
import { findCredential } from '../../../src/usecases/credentials/credential-source.ts';
import { loadCertificateFile } from '../../../src/usecases/credentials/parse-certificate.ts';
import { BYTE_FORMS } from '../../support/byte-forms.ts';
import { createCertificateWorkshop } from '../../support/certificates.ts';
import { createTestApp } from '../../support/test-app.ts';

const shop = createCertificateWorkshop();
const world = createTestApp();
const NEVER = { id: 'f'.repeat(32), store: 'keyring' } as const;
const lines: string[] = [];
const hidden: string[] = [];

beforeAll(() => {
  shop.selfSigned('cert');
  shop.selfSigned('soon', { days: 9 });
  const pfx = (name: string) => world.file(`${name}.pfx`, shop.bytes(`${name}.pfx`));
  for (const name of ['cert', 'soon']) {
    shop.pfx(name, name, [name], ['-passout', `pass:${PASSWORD}`]);
    pfx(name);
    world.file(`${name}.crt`, shop.text(`${name}.crt`));
    world.file(`${name}.pem`, shop.text(`${name}.key`) + shop.text(`${name}.crt`));
  }
});
beforeEach(() => {
  lines.length = 0;
  hidden.length = 0;
});
afterAll(() => {
  shop.remove();
  world.remove();
});

const PASSWORD = 'correct horse';
const JWT = 'aGVhZA.Ym9keQ.c2ln';

function appWith(env: Record<string, string> = {}): App {
  const app = world.app({ env });
  const log = {
    ...app.log,
    warn: (line: string) => void lines.push(line),
    registerSecret: (secret: string) => void hidden.push(secret),
  };
  return { ...app, log };
}

function profile(fields: Partial<Profile> = {}): Profile {
  return { name: 'prof', clientId: 'app', ...fields };
}

async function stored(kind: CredentialRef['kind'], value: string): Promise<CredentialRef> {
  const id = await openVault(world.stores.keyring).save(kind, value);
  return { id, kind, store: 'keyring' };
}

async function get(app: App, wanted: Profile) {
  const deadline = startDeadline(20, app.interrupted);
  return loadCredential(app, wanted, findCredential(app, wanted), deadline);
}

const secretOf = async (env: Record<string, string>, wanted: Profile) => {
  const credential = await get(appWith(env), wanted);
  if (credential.kind === 'assertion') return credential.get();
  return credential.kind === 'secret' ? credential.secret : credential.subject;
};

async function failure(work: () => unknown) {
  try {
    await work();
  } catch (error) {
    if (error instanceof CliError) return [error.code, error.message, error.details.hint];
    throw error;
  }
  return 'no failure';
}

describe('which credential is used', () => {
  const SECRET = { TOKENCLI_CLIENT_SECRET: 'ours' };
  const CERTIFICATE = { TOKENCLI_CLIENT_CERTIFICATE_PATH: 'cert.pem' };
  const AZURE_SECRET = { AZURE_CLIENT_SECRET: 'azure' };
  const AZURE_CERTIFICATE = {
    AZURE_CLIENT_CERTIFICATE_PATH: 'cert.pfx',
    AZURE_CLIENT_CERTIFICATE_PASSWORD: PASSWORD,
  };
  const FEDERATED = { TOKENCLI_FEDERATED_TOKEN_FILE: 'token' };
  const AZURE_TOKEN = { AZURE_FEDERATED_TOKEN_FILE: '~/token\n' };
  beforeAll(() => void world.file('token', `${JWT}\n`));
  it.each<[string, Record<string, string>, string]>([
    ['our secret before the names of Azure', { ...SECRET, ...AZURE_CERTIFICATE }, 'ours'],
    ['our certificate before the names of Azure', { ...CERTIFICATE, ...AZURE_SECRET }, 'CN=cert'],
    [
      'the secret of Azure before its certificate',
      { ...AZURE_SECRET, ...AZURE_CERTIFICATE },
      'azure',
    ],
    ['the certificate of Azure', AZURE_CERTIFICATE, 'CN=cert'],
    ['a secret before a federated token', { ...SECRET, ...FEDERATED }, 'ours'],
    ['our federated token before the names of Azure', { ...FEDERATED, ...AZURE_SECRET }, JWT],
    [
      'a certificate of Azure before its token',
      { ...AZURE_CERTIFICATE, ...AZURE_TOKEN },
      'CN=cert',
    ],
    ['the federated token of Azure', AZURE_TOKEN, JWT],
    ['the profile when the variables are empty', { TOKENCLI_CLIENT_SECRET: '' }, 'kept'],
  ])('%s', async (_name, env, expected) => {
    const wanted = profile({ credentials: [await stored('clientSecret', 'kept')] });
    expect(await secretOf(env, wanted)).toBe(expected);
  });

  it('the newest of the profile', async () => {
    const credentials = [await stored('clientSecret', 'old'), await stored('clientSecret', 'new')];
    expect(await secretOf({}, profile({ credentials }))).toBe('new');
  });

  it('an imported certificate before its file, a secret only when it is wanted', async () => {
    const imported = toPemBundle(await loadCertificateFile(appWith(), 'soon.pfx', PASSWORD));
    const credentials = [
      await stored('certificate', imported),
      await stored('clientSecret', 'kept'),
    ];
    const both = { credentials, certificatePath: 'cert.pem' };
    expect(await secretOf({}, profile({ ...both, useCertificate: true }))).toBe('CN=soon');
    expect(await secretOf({}, profile({ ...both, useCertificate: false }))).toBe('kept');
    expect(await secretOf({}, profile(both))).toBe('kept');
  });

  it('the certificate file of the profile, its password from the store', async () => {
    const credentials = [await stored('certificatePassword', PASSWORD)];
    const wanted = profile({ certificatePath: 'cert.pfx', useCertificate: true, credentials });
    expect(await get(appWith(), wanted)).toMatchObject({
      kind: 'certificate',
      sha256: shop.thumbprint('cert', 'sha256'),
    });
    expect(hidden[0]).toBe(PASSWORD);
    expect(hidden[1]).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it('a password in the environment before the stored one', async () => {
    const credentials = [await stored('certificatePassword', 'old')];
    const wanted = profile({ certificatePath: '~/cert.pfx', useCertificate: true, credentials });
    const env = { TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: PASSWORD };
    expect(await secretOf(env, wanted)).toBe('CN=cert');
  });

  it('hides every secret it reads', async () => {
    await get(appWith(SECRET), profile());
    await get(appWith(), profile({ credentials: [await stored('clientSecret', 'kept')] }));
    expect(hidden).toEqual(['ours', 'kept']);
  });
});

describe('fingerprints', () => {
  const print = (env: Record<string, string>, fields: Partial<Profile> = {}) =>
    findCredential(appWith(env), profile(fields)).fingerprint;

  it('name the source without opening a store', () => {
    world.stores.keyring.state = 'failing';
    const ref = { ...NEVER, kind: 'clientSecret' } as const;
    expect(print({}, { credentials: [ref] })).toBe(`store:${NEVER.id}`);
    world.stores.keyring.state = 'works';
    const hash = createHash('sha256').update('s1').digest('hex');
    expect(print({ TOKENCLI_CLIENT_SECRET: 's1' })).toBe(`env:${hash}`);
  });

  it('change with the bytes of a certificate file and with the source of its password', () => {
    const path = { certificatePath: 'changing.pem', useCertificate: true };
    world.file('changing.pem', shop.text('cert.key'));
    const first = print({}, path);
    const hash = createHash('sha256').update(shop.text('cert.key')).digest('hex');
    expect(first).toBe(`file:${hash}:none`);
    const password = { ...NEVER, kind: 'certificatePassword' } as const;
    expect(print({}, { ...path, credentials: [password] })).toBe(`file:${hash}:store:${NEVER.id}`);
    world.file('changing.pem', shop.text('soon.key'));
    expect(print({}, path)).not.toBe(first);
  });
});

describe('what fails', () => {
  it.each([
    [{}, 'profile prof has no client secret and no certificate'],
    [{ useCertificate: true }, 'profile prof uses a certificate, but has none'],
    [
      { useCertificate: false, certificatePath: 'cert.pem' },
      'profile prof has no client secret and no certificate',
    ],
  ])('no credential: %j', async (fields, message) => {
    const expected = ['interaction_required', message, 'tokencli config edit -p prof'];
    expect(await failure(() => findCredential(appWith(), profile(fields)))).toEqual(expected);
  });

  it('a secret of Azure for another issuer: the cure names the variable that counts', async () => {
    const wanted = profile({ authority: 'https://other.example' });
    const find = (env: Record<string, string>) => () => findCredential(appWith(env), wanted);
    const [code, , hint] = await failure(find({ AZURE_CLIENT_SECRET: 'for Microsoft alone' }));
    expect(code).toBe('interaction_required');
    expect(redact(hint ?? '', [])).toContain('TOKENCLI_CLIENT_SECRET, for AZURE_');
    expect((await failure(find({})))[2]).toBe('tokencli config edit -p prof');
  });

  it('a secret and a certificate in our variables', async () => {
    const env = { TOKENCLI_CLIENT_SECRET: 'a', TOKENCLI_CLIENT_CERTIFICATE_PATH: 'cert.pem' };
    expect(await failure(() => findCredential(appWith(env), profile()))).toEqual([
      'usage',
      'TOKENCLI_CLIENT_SECRET and TOKENCLI_CLIENT_CERTIFICATE_PATH are both set',
      'unset TOKENCLI_CLIENT_SECRET',
    ]);
  });

  it('a secret that is gone, and a store that does not answer', async () => {
    const wanted = profile({ credentials: [{ ...NEVER, kind: 'clientSecret' }] });
    expect(await failure(() => get(appWith(), wanted))).toEqual([
      'invalid_data',
      'the client secret of profile prof is gone from the memory',
      'tokencli config edit -p prof',
    ]);
    world.stores.keyring.state = 'locked';
    expect((await failure(() => get(appWith(), wanted)))[0]).toBe('store_unavailable');
    world.stores.keyring.state = 'works';
  });

  it('an expired certificate; one that ends soon warns', async () => {
    const wanted = profile({ certificatePath: 'soon.pem' });
    expect(await get(appWith(), wanted)).toMatchObject({ subject: 'CN=soon' });
    expect(lines).toEqual([expect.stringMatching(/^the certificate expires in [89] days, on .+/)]);
    const late = { ...appWith(), clock: { now: () => Date.now() / 1000 + 10 * 86_400 } };
    const [code, message] = await failure(() => get(late, wanted));
    expect([code, message]).toEqual([
      'invalid_data',
      expect.stringMatching(/^the certificate expired on \d{4}-\d\d-\d\d$/),
    ]);
  });
});

describe('a value of a variable', () => {
  const secret = (value: string) => secretOf({ TOKENCLI_CLIENT_SECRET: value }, profile());

  it('loses one line end and a byte order mark, as one of a file does', async () => {
    expect(await secret('of Kubernetes\n')).toBe('of Kubernetes');
    expect(await secret('\ufeffof a .env\r\n')).toBe('of a .env');
    expect(await secret(' of a .env that a shell has read \r')).toBe(
      ' of a .env that a shell has read ',
    );
    const env = {
      AZURE_CLIENT_CERTIFICATE_PATH: 'cert.pfx\n',
      AZURE_CLIENT_CERTIFICATE_PASSWORD: `${PASSWORD}\r\n`,
    };
    expect(await secretOf(env, profile())).toBe('CN=cert');
  });

  it.each<[string, string, string]>([
    ['quotes', '"kQ8-secret"', 'is in quotes'],
    ['other quotes', "'kQ8-secret'\n", 'is in quotes'],
    ['quotes of a chat', '“kQ8-secret”', 'is in quotes'],
    ['German quotes', '„kQ8-secret“', 'is in quotes'],
    ['two line ends', 'kQ8-secret\n\n', 'has more than one line'],
    ['two lines', 'kQ8-secret\rkQ8-another\r', 'has more than one line'],
    ['two columns', 'app-id\tkQ8-secret', 'holds a character that cannot be seen'],
    [
      'the colours of a terminal',
      '\u001b[32mkQ8-secret\u001b[0m',
      'holds a character that cannot be seen',
    ],
    ['a JSON document', '{"appId":"a","password":"kQ8-secret"}', 'is a whole JSON document'],
    ['a list', '["kQ8-secret"]', 'is a whole JSON document'],
    ['a PEM key', '-----BEGIN PRIVATE KEY-----\nkQ8-secret', 'is a key or a certificate'],
    [
      'a key in base64',
      `MIIEpAIBAAKCAQEA7${'E'.repeat(80)}kQ8-secret`,
      'is a key or a certificate',
    ],
    ['bytes of another encoding', 'kQ8-\ufffdsecret', 'holds a character that cannot be seen'],
    ['the zero-width space of a chat', 'kQ8-secret\u200b', 'holds a character that cannot be seen'],
    ['the blank of a web page', 'kQ8-secret\u00a0', 'holds a character that cannot be seen'],
    ['a tab', 'kQ8-secret\t', 'holds a character that cannot be seen'],
    ['white space', ' \n ', 'is only white space'],
    ['a line end', '\n', 'is only white space'],
  ])('that cannot be a secret names its variable: %s', async (_, value, words) => {
    const [code, message, hint] = await failure(() => secret(value));
    expect([code, message]).toEqual([
      'usage',
      expect.stringContaining(`TOKENCLI_CLIENT_SECRET ${words}`),
    ]);
    expect(`${message} ${hint}`).not.toContain('kQ8');
  });

  it('that holds a certificate instead of its path is not shown', async () => {
    const pem = shop.text('cert.key') + shop.text('cert.crt');
    const pfx = shop.bytes('cert.pfx').toString('base64');
    for (const content of [pem, pem.replaceAll('\n', ' '), pfx, `${pfx.slice(0, 76)}\n`]) {
      for (const family of ['TOKENCLI', 'AZURE']) {
        const name = `${family}_CLIENT_CERTIFICATE_PATH`;
        const [code, message, hint] = await failure(() => secretOf({ [name]: content }, profile()));
        expect([code, message]).toEqual([
          'invalid_data',
          `${name} is no path, but the content of a file`,
        ]);
        expect(hint).not.toContain(content.slice(30, 50));
      }
    }
  });

  it('that is of no use is named in the cure, and the profile is not', async () => {
    const cures: unknown[] = [];
    const path = (name: string) => ({ AZURE_CLIENT_CERTIFICATE_PATH: name });
    const password = { AZURE_CLIENT_CERTIFICATE_PASSWORD: 'wrong' };
    for (const env of [
      path('gone.pem'),
      path('cert.pfx'),
      { ...path('cert.pfx'), ...password },
      path('cert.crt'),
    ]) {
      const [, , hint] = await failure(() => secretOf(env, profile({ certificatePath: 'x.pem' })));
      cures.push(hint);
    }
    expect(cures).toEqual([
      'correct or unset AZURE_CLIENT_CERTIFICATE_PATH',
      'set AZURE_CLIENT_CERTIFICATE_PASSWORD',
      'correct AZURE_CLIENT_CERTIFICATE_PASSWORD',
      expect.stringContaining('named by AZURE_CLIENT_CERTIFICATE_PATH'),
    ]);
    expect(cures.join()).not.toContain('config edit');
    const [, , own] = await failure(() => secretOf({}, profile({ certificatePath: 'x.pem' })));
    expect(own).toBe('tokencli config edit -p prof --certificate FILE');
  });
});

describe('certificate files', () => {
  const load = (path: string, password = '') => loadCertificateFile(appWith(), path, password);
  const full = (name: string) => join(world.folder, name);

  it.each<[string, () => string | Buffer]>([
    ...Object.entries(BYTE_FORMS).map(([name, bytesOf]): [string, () => Buffer] => [
      `PEM in ${name}`,
      () => bytesOf(`${shop.text('cert.key')}${shop.text('cert.crt')}`.replaceAll('\n', '\r\n')),
    ]),
    ['PFX in base64', () => shop.bytes('cert.pfx').toString('base64')],
    [
      'PEM in base64, in lines',
      () => {
        const pem = Buffer.from(shop.text('cert.key') + shop.text('cert.crt'));
        return pem.toString('base64').replace(/.{76}/g, '$&\n');
      },
    ],
  ])('%s', async (_name, content) => {
    world.file('other', content());
    expect((await load('other', PASSWORD)).subject).toBe('CN=cert');
  });

  it.each<[string, string | Buffer, string]>([
    ['nothing', '', 'cannot read the certificate PATH: it is empty'],
    [
      'too much',
      Buffer.alloc(65_537),
      'cannot read the certificate PATH: it is larger than 65536 bytes',
    ],
    ['no certificate', 'hello', 'PATH: no certificate and no private key in the PEM text'],
    ['other DER', Buffer.from([0x30, 3, 2, 1, 3]), 'PATH: not a PKCS#12 file, or a damaged one'],
  ])('refused: %s', async (_name, content, message) => {
    const path = world.file('bad', content);
    const [code, text] = await failure(() => load('bad'));
    expect([code, text]).toEqual(['invalid_data', message.replace('PATH', path)]);
  });

  it('refused: missing, a folder, a FIFO, a certificate alone, a wrong password', async () => {
    mkdirSync(full('folder'));
    execFileSync('mkfifo', [full('fifo')]);
    shop.openssl('x509', '-in', 'cert.crt', '-outform', 'DER', '-out', 'cert.der');
    writeFileSync(full('cert.der'), shop.bytes('cert.der'));
    const messages: unknown[] = [];
    for (const name of ['missing', 'folder', 'fifo', 'cert.der', 'cert.pfx']) {
      const [code, message] = await failure(() => load(name, 'wrong'));
      messages.push([code, message?.replace(full(name), 'PATH')]);
    }
    expect(messages).toEqual([
      ['invalid_data', 'cannot read the certificate PATH: no such file or folder'],
      ['invalid_data', 'cannot read the certificate PATH: it is a folder'],
      ['invalid_data', 'cannot read the certificate PATH: it is not a regular file'],
      ['invalid_data', 'PATH: a certificate without its private key'],
      ['invalid_data', 'PATH: the password of the PKCS#12 file is wrong'],
    ]);
  });
});
