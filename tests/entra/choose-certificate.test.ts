import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as pkcs12 from '../../src/adapters/certificates/pkcs12.ts';
import { CliError } from '../../src/core/errors.ts';
import {
  checkValidity,
  chooseCertificate,
  toPemBundle,
} from '../../src/entra/choose-certificate.ts';
import { parsePem } from '../../src/entra/pem.ts';
import {
  createCertificateWorkshop,
  EC_P256,
  mutate,
  RSA_1024,
  RSA_PSS,
  seededRandom,
} from '../support/certificates.ts';

const PASSWORD = 'correct horse';
const shop = createCertificateWorkshop();
const key = () => shop.text('leaf.key');
const cert = (name = 'leaf') => shop.text(`${name}.crt`);
const openKey = async (key: Uint8Array, password: string) => pkcs12.openKey(key, password);
const read = async (text: string, password = '', now = Date.now() / 1000) =>
  chooseCertificate(await parsePem(text, password, openKey), now);

beforeAll(() => {
  shop.chain();
  shop.selfSigned('other');
});
afterAll(() => shop.remove());

/** The leaf's key as openssl writes it under these arguments. */
function converted(...args: string[]): string {
  shop.openssl(...args, '-in', 'leaf.key', '-out', 'converted.key');
  return shop.text('converted.key');
}

const labelled = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

const ENCRYPT = ['-passout', `pass:${PASSWORD}`];
const READABLE: [name: string, text: () => string, password?: string][] = [
  ['key first', () => key() + cert()],
  ['certificate first', () => cert() + key()],
  ['CRLF', () => (cert() + key()).replaceAll('\n', '\r\n')],
  ['BOM', () => `\uFEFF${key()}${cert()}`],
  ['PKCS#1', () => converted('rsa', '-traditional') + cert()],
  ['PKCS#8', () => converted('pkcs8', '-topk8', '-nocrypt') + cert()],
  [
    'encrypted PKCS#8',
    () => cert() + converted('pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...ENCRYPT),
    PASSWORD,
  ],
  [
    'encrypted PKCS#8, scrypt',
    () => cert() + converted('pkcs8', '-topk8', '-scrypt', ...ENCRYPT),
    PASSWORD,
  ],
  [
    'encrypted PKCS#1',
    () => cert() + converted('rsa', '-traditional', '-aes128', ...ENCRYPT),
    PASSWORD,
  ],
  [
    'encrypted PKCS#1, CRLF',
    () =>
      (cert() + converted('rsa', '-traditional', '-aes128', ...ENCRYPT)).replaceAll('\n', '\r\n'),
    PASSWORD,
  ],
  ['literal \\n', () => (cert() + key()).replaceAll('\n', '\\n')],
  ['literal \\r\\n, twice escaped', () => (cert() + key()).replaceAll('\n', '\\\\r\\\\n')],
  ['on one line', () => (cert() + key()).replaceAll('\n', ' ')],
  ['without any line end', () => (cert() + key()).replaceAll('\n', '')],
  ['indented', () => (cert() + key()).replace(/^/gm, '    ')],
  ['lines of another length', () => (cert() + key()).replace(/^([^-]{30})/gm, '$1\n\n\t')],
  ...['on one line', 'indented', 'literal \\n'].map((how): [string, () => string, string] => [
    `encrypted PKCS#1, ${how}`,
    () => {
      const text = cert() + converted('rsa', '-traditional', '-aes256', ...ENCRYPT);
      if (how === 'indented') return text.replace(/^/gm, '  ');
      return text.replaceAll('\n', how === 'on one line' ? ' ' : '\\n');
    },
    PASSWORD,
  ]),
  ['X509 CERTIFICATE', () => cert().replaceAll('CERT', 'X509 CERT') + key()],
  [
    'a public key beside',
    () => shop.openssl('pkey', '-in', 'leaf.key', '-pubout') + key() + cert(),
  ],
  ['text between the blocks', () => `Bag Attributes\n  x: 1\n${key()}subject=/CN=leaf\n${cert()}`],
  ['a password that is not needed', () => key() + cert(), PASSWORD],
];

describe('PEM bundles', () => {
  it.each(READABLE)('%s', async (_name, text, password = '') => {
    const credential = await read(text(), password);
    expect(credential.sha1).toBe(shop.thumbprint('leaf', 'sha1'));
    expect(credential.sha256).toBe(shop.thumbprint('leaf', 'sha256'));
    expect(credential.privateKey).toBe(normalKey(key()));
    expect(credential.subject).toBe('CN=leaf');
    expect(credential.chain).toEqual([new X509Certificate(cert()).toString()]);
    expect(credential.notAfter - credential.notBefore).toBe(365 * 86_400);
  });

  it.each([
    [['leaf', 'int', 'root']],
    [['root', 'int', 'leaf']],
    [['other', 'int', 'root', 'leaf']],
  ])('puts the chain %j in order and leaves the root out', async (names) => {
    const { chain } = await read(names.map((name) => cert(name)).join('') + key());
    const subjects = chain.map((pem) => new X509Certificate(pem).subject);
    expect(subjects).toEqual(['CN=leaf', 'CN=int']);
  });

  it('keeps a self-signed certificate, which is its own root', async () => {
    const { chain } = await read(cert('other') + shop.text('other.key'));
    expect(chain.map((pem) => new X509Certificate(pem).subject)).toEqual(['CN=other']);
  });

  describe('of several certificates', () => {
    const DAY = 86_400_000;
    const today = Date.parse('2030-06-15T00:00:00Z');
    const names = ['dead', 'short', 'long', 'future'];
    beforeAll(() => {
      const dated = (name: string, from: number, to: number) =>
        shop.dated(name, 'leaf', new Date(today + from * DAY), new Date(today + to * DAY));
      dated('dead', -400, -1);
      dated('short', -300, 10);
      dated('long', -200, 100);
      dated('future', 5, 500);
      shop.dated('dead-other', 'other', new Date(today - 400 * DAY), new Date(today - DAY));
      shop.dated('young-other', 'other', new Date(today - DAY), new Date(today + 50 * DAY));
    });
    const chosen = async (text: string, days = 0) =>
      (await read(text, '', today / 1000 + days * 86_400)).subject;
    const certs = (list: readonly string[]) => list.map((name) => cert(name)).join('');

    it.each([
      [0, 'CN=long'],
      [-250, 'CN=short'],
      [-350, 'CN=dead'],
      [101, 'CN=future'],
      [600, 'CN=future'], // all are dead: the last one to die explains it best
    ])('of one key, %d days from a day: %s', async (days, subject) => {
      for (const list of [names, names.toReversed()]) {
        expect(await chosen(certs(list) + key(), days)).toBe(subject);
      }
    });

    it('of two keys, the first one dead', async () => {
      const living = key() + cert('short');
      const dead = shop.text('other.key') + cert('dead-other');
      expect(await chosen(dead + living)).toBe('CN=short');
      expect(await chosen(living + dead)).toBe('CN=short');
    });

    it('of two keys, both living: the one that lives longer', async () => {
      const text = key() + cert('short') + shop.text('other.key') + cert('young-other');
      expect(await chosen(text)).toBe('CN=young-other');
    });

    it('of a key that cannot be used and one that can', async () => {
      shop.selfSigned('ec-beside', { key: EC_P256, days: 9000 });
      const text = shop.text('ec-beside.key') + cert('ec-beside') + key() + cert('short');
      expect(await chosen(text)).toBe('CN=short');
    });
  });

  it('comes back from its bundle as it was', async () => {
    const credential = await read(cert('root') + cert() + key() + cert('int'));
    expect(await read(toPemBundle(credential))).toEqual(credential);
  });
});

describe('what Entra ID could not accept', () => {
  const failure = async (text: string, password?: string) => {
    try {
      await read(text, password);
    } catch (error) {
      if (error instanceof CliError) return [error.code, error.message];
      throw error;
    }
    return 'read';
  };
  const bundle = (name: string) => shop.text(`${name}.key`) + cert(name);

  it.each<[string, () => string, string, string?]>([
    ['no key', cert, 'there is no private key beside the certificate'],
    ['no certificate', key, 'there is no certificate beside the private key'],
    ['nothing', () => 'hello', 'no certificate and no private key in the PEM text'],
    [
      'a key of another certificate',
      () => key() + cert('other'),
      'the private key does not belong to the certificate',
    ],
    [
      'an encrypted key without its password',
      () => cert() + converted('pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...ENCRYPT),
      'the private key is encrypted and needs its password',
    ],
    [
      'a wrong password, PKCS#8',
      () => cert() + converted('pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...ENCRYPT),
      'the password of the private key is wrong',
      'wrong',
    ],
    [
      'more rounds than anybody needs',
      () => cert() + converted('pkcs8', '-topk8', '-iter', '1000001', ...ENCRYPT),
      'the private key asks for too many key derivation rounds',
      PASSWORD,
    ],
    [
      'a damaged key',
      () => cert() + key().replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA'),
      'the private key is damaged',
    ],
    [
      'an old key with a cipher that not every runtime has',
      () => cert() + converted('rsa', '-traditional', '-camellia128', ...ENCRYPT),
      'the private key uses an algorithm that is not supported',
      PASSWORD,
    ],
    [
      'a key of OpenSSH',
      () => cert() + labelled('OPENSSH PRIVATE KEY'),
      'the private key has the format of OpenSSH, which is for ssh alone',
    ],
    [
      'a "trusted" certificate',
      () => key() + shop.openssl('x509', '-in', 'leaf.crt', '-trustout', '-setalias', 'x'),
      'the certificate has the "trusted" format of OpenSSL',
    ],
    [
      'a request',
      () => key() + shop.text('leaf.csr'),
      'this is a request for a certificate, not the certificate',
    ],
    [
      'PKCS#7',
      () => key() + shop.openssl('crl2pkcs7', '-nocrl', '-certfile', 'leaf.crt'),
      'the certificates are packed as PKCS#7',
    ],
    [
      'a damaged certificate',
      () => key() + cert().replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA'),
      'a certificate in the PEM text is damaged',
    ],
  ])('%s', async (_name, text, message, password = '') => {
    expect(await failure(text(), password)).toEqual(['invalid_data', message]);
  });

  it('an EC key', async () => {
    shop.selfSigned('ec', { key: EC_P256 });
    const message = 'this is an EC key, but Entra client assertions need RSA';
    expect(await failure(bundle('ec'))).toEqual(['invalid_data', message]);
  });

  it('an RSA-PSS key', async () => {
    shop.selfSigned('pss', { key: RSA_PSS });
    const message = 'the key is restricted to RSA-PSS, which cannot sign client assertions';
    expect(await failure(bundle('pss'))).toEqual(['invalid_data', message]);
  });

  it('an RSA key of 1024 bits', async () => {
    shop.selfSigned('short', { key: RSA_1024 });
    const message = 'the RSA key has 1024 bits, fewer than the 2048 that are required';
    expect(await failure(bundle('short'))).toEqual(['invalid_data', message]);
  });
});

describe('validity', () => {
  const END = 1_800_000_000; // 2027-01-15T08:00:00Z
  const DAY = 86_400;
  let credential: Awaited<ReturnType<typeof read>>;
  beforeAll(async () => {
    credential = await read(key() + cert());
  });
  const check = (now: number) =>
    checkValidity({ ...credential, notBefore: END - 100 * DAY, notAfter: END }, now);

  it.each([
    [END - 31 * DAY, undefined],
    [END - 30 * DAY - 1, undefined],
    [END - 30 * DAY, 'the certificate expires in 30 days, on 2027-01-15'],
    [END - DAY, 'the certificate expires in 1 day, on 2027-01-15'],
    [END - 1, 'the certificate expires today, on 2027-01-15'],
    [END - 100 * DAY - 300, undefined],
  ])('at %d: %s', (now, warning) => {
    expect(check(now)).toBe(warning);
  });

  it.each([
    [END, 'the certificate expired on 2027-01-15'],
    [END - 100 * DAY - 301, 'the certificate is not valid before 2026-10-07'],
  ])('at %d it is refused', (now, message) => {
    expect(() => check(now)).toThrow(new CliError('invalid_data', message));
  });
});

it('answers damaged PEM with nothing but a typed error', async () => {
  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const encrypted = converted('pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-iter', '10', ...ENCRYPT);
  const texts = [key() + cert() + cert('int'), cert() + encrypted];
  const blocks = texts.map((text) => Buffer.from(text));
  const strange: unknown[] = [];
  for (let run = 0; run < 1000; run++) {
    try {
      await read(mutate(blocks[run % blocks.length]!, random).toString('latin1'), PASSWORD);
    } catch (error) {
      if (!(error instanceof CliError && error.code === 'invalid_data')) {
        strange.push({ seed, run, error });
      }
    }
  }
  expect(strange).toEqual([]);
});

function normalKey(pem: string): string {
  return createPrivateKey(pem).export({ format: 'pem', type: 'pkcs8' }).toString();
}
