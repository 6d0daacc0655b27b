import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import { checkValidity, chooseCertificate, toPemBundle } from '../../src/entra/certificate.ts';
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
const read = (text: string, password?: string) => chooseCertificate(parsePem(text, password));

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
  ['text between the blocks', () => `Bag Attributes\n  x: 1\n${key()}subject=/CN=leaf\n${cert()}`],
  ['a password that is not needed', () => key() + cert(), PASSWORD],
];

describe('PEM bundles', () => {
  it.each(READABLE)('%s', (_name, text, password = '') => {
    const credential = read(text(), password);
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
  ])('puts the chain %j in order and leaves the root out', (names) => {
    const { chain } = read(names.map((name) => cert(name)).join('') + key());
    const subjects = chain.map((pem) => new X509Certificate(pem).subject);
    expect(subjects).toEqual(['CN=leaf', 'CN=int']);
  });

  it('keeps a self-signed certificate, which is its own root', () => {
    const { chain } = read(cert('other') + shop.text('other.key'));
    expect(chain.map((pem) => new X509Certificate(pem).subject)).toEqual(['CN=other']);
  });

  it('takes the certificate that lives longest of those with the same key', () => {
    const args = [
      '-key',
      'leaf.key',
      '-subj',
      '/CN=renewed',
      '-days',
      '700',
      '-out',
      'renewed.crt',
    ];
    shop.openssl('req', '-x509', ...args);
    expect(read(cert() + cert('renewed') + key()).subject).toBe('CN=renewed');
  });

  it('comes back from its bundle as it was', () => {
    const credential = read(cert('root') + cert() + key() + cert('int'));
    expect(read(toPemBundle(credential))).toEqual(credential);
  });
});

describe('what Entra ID could not accept', () => {
  const failure = (text: string, password?: string) => {
    try {
      read(text, password);
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
      'a damaged certificate',
      () => key() + cert().replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA'),
      'a certificate in the PEM text is damaged',
    ],
  ])('%s', (_name, text, message, password = '') => {
    expect(failure(text(), password)).toEqual(['invalid_data', message]);
  });

  it('an EC key', () => {
    shop.selfSigned('ec', { key: EC_P256 });
    const message = 'this is an EC key, but Entra client assertions need RSA';
    expect(failure(bundle('ec'))).toEqual(['invalid_data', message]);
  });

  it('an RSA-PSS key', () => {
    shop.selfSigned('pss', { key: RSA_PSS });
    const message = 'the key is restricted to RSA-PSS, which cannot sign client assertions';
    expect(failure(bundle('pss'))).toEqual(['invalid_data', message]);
  });

  it('an RSA key of 1024 bits', () => {
    shop.selfSigned('short', { key: RSA_1024 });
    const message = 'the RSA key has 1024 bits, fewer than the 2048 that are required';
    expect(failure(bundle('short'))).toEqual(['invalid_data', message]);
  });
});

describe('validity', () => {
  const END = 1_800_000_000; // 2027-01-15T08:00:00Z
  const DAY = 86_400;
  const check = (now: number) =>
    checkValidity({ ...read(key() + cert()), notBefore: END - 100 * DAY, notAfter: END }, now);

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

it('answers damaged PEM with nothing but a typed error', () => {
  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const encrypted = converted('pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-iter', '10', ...ENCRYPT);
  const texts = [key() + cert() + cert('int'), cert() + encrypted];
  const blocks = texts.map((text) => Buffer.from(text));
  const strange: unknown[] = [];
  for (let run = 0; run < 1000; run++) {
    try {
      read(mutate(blocks[run % blocks.length]!, random).toString('latin1'), PASSWORD);
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
