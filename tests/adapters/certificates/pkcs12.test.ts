import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { children, encodeDer, octets, parseDer } from '../../../src/adapters/certificates/asn1.ts';
import * as reader from '../../../src/adapters/certificates/pkcs12.ts';
import { CliError } from '../../../src/core/errors.ts';
import {
  createCertificateWorkshop,
  EC_P256,
  mutate,
  seededRandom,
} from '../../support/certificates.ts';

const LEGACY = ['-legacy', '-provider', 'default', '-provider', 'legacy'];
const RC2 = [...LEGACY, '-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-3DES'];
const TRIPLE_DES = ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES'];
const AES = ['-certpbe', 'AES-256-CBC', '-keypbe', 'AES-256-CBC'];
const PASSWORD = 'correct horse';
const NON_ASCII = 'pässwörd-Ω-密码-😀';
const shop = createCertificateWorkshop();
const pass = (password: string) => ['-passout', `pass:${password}`];

beforeAll(() => {
  shop.chain();
  shop.selfSigned('ec', { key: EC_P256 });
});
afterAll(() => shop.remove());

type Case = [name: string, key: string | undefined, certs: string[], flags: string[], pw?: string];

const CHAIN = ['leaf', 'int', 'root'];
const CASES: Case[] = [
  ['AES-256 PBES2, SHA-256 MAC', 'leaf', ['leaf'], []],
  [
    'AES-128, SHA-512 MAC, 100000 rounds',
    'leaf',
    ['leaf'],
    ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'SHA512', '-iter', '100000'],
  ],
  ['legacy RC2-40 and 3DES', 'leaf', ['leaf'], [...RC2, '-macalg', 'SHA1']],
  ['3DES, SHA-1 MAC', 'leaf', ['leaf'], [...TRIPLE_DES, '-macalg', 'SHA1']],
  ['3DES, SHA-256 MAC', 'leaf', ['leaf'], [...TRIPLE_DES, '-macalg', 'SHA256']],
  ['AES key, plain certificates', 'leaf', ['leaf'], ['-certpbe', 'NONE']],
  ['nothing encrypted', 'leaf', ['leaf'], ['-certpbe', 'NONE', '-keypbe', 'NONE']],
  ['no MAC', 'leaf', ['leaf'], ['-nomac']],
  ['chain of three, modern', 'leaf', CHAIN, AES],
  ['chain of three, legacy', 'leaf', CHAIN, RC2],
  ['chain of three, root first', 'leaf', ['root', 'leaf', 'int'], AES],
  ['EC key, modern', 'ec', ['ec'], AES],
  ['EC key, legacy', 'ec', ['ec'], RC2],
  ['empty password, modern', 'leaf', ['leaf'], AES, ''],
  ['empty password, legacy', 'leaf', ['leaf'], RC2, ''],
  ['non-ASCII password, legacy', 'leaf', ['leaf'], RC2, NON_ASCII],
  ['non-ASCII password, modern', 'leaf', ['leaf'], AES, NON_ASCII],
  ['no key', undefined, ['leaf', 'int'], AES],
];

describe('PKCS#12 files as openssl writes them', () => {
  it.each(CASES)('%s', (_name, key, certificates, flags, password = PASSWORD) => {
    shop.pfx('case', key, certificates, [...flags, ...pass(password)]);
    const content = reader.read(shop.bytes('case.pfx'), password);
    expect(content.keys).toEqual(key ? [normalKey(shop.text(`${key}.key`))] : []);
    const found = content.certificates.map((pem) => new X509Certificate(pem).fingerprint256);
    const wanted = certificates.map((name) => shop.thumbprint(name, 'sha256'));
    expect(found.map((print) => print.replaceAll(':', '')).sort()).toEqual(wanted.sort());
  });
});

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const OID = {
  data: hex('06092a864886f70d010701'),
  crlBag: hex('060b2a864886f70d010c0a0104'),
  secretBag: hex('060b2a864886f70d010c0a0105'),
  safeContentsBag: hex('060b2a864886f70d010c0a0106'),
  unknownBag: hex('06032a0304'),
  x509Crl: hex('060a2a864886f70d01091701'),
  pbmac1: hex('06092a864886f70d01050e'),
  pbkdf2: hex('06092a864886f70d01050c'),
  hmacSha256: hex('06082a864886f70d0209'),
};
const VERSION = hex('020103');
const contentInfo = (content: Buffer) => der(0x30, OID.data, der(0xa0, der(0x04, content)));

/** The AuthenticatedSafe of a PFX. */
function safeOf(pfx: Buffer): Buffer {
  const [, safe] = children(parseDer(pfx));
  return octets(children(children(safe)[1])[0]);
}

describe('PKCS#12 files of other programs', () => {
  const plain = ['-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE'];
  const leaf = () => ({
    keys: [normalKey(shop.text('leaf.key'))],
    certificates: [shop.text('leaf.crt')],
  });
  const bag = (id: Buffer, value: Buffer) => der(0x30, id, der(0xa0, value));
  /** The parts of a file without encryption, and further bags beside or around theirs. */
  const withParts = (make: (bags: Buffer[]) => Buffer[]) => {
    shop.pfx('case', 'leaf', ['leaf'], [...plain, ...pass('')]);
    const parts = children(parseDer(safeOf(shop.bytes('case.pfx'))));
    const bags = parts.map((part) => octets(children(children(part)[1])[0]));
    const inner = make(
      bags.map((contents) => Buffer.concat(children(parseDer(contents)).map(encodeDer))),
    );
    const safe = der(0x30, ...inner.map((contents) => contentInfo(der(0x30, contents))));
    return der(0x30, VERSION, contentInfo(safe));
  };
  const crl = bag(OID.crlBag, der(0x30, OID.x509Crl, der(0xa0, der(0x04, hex('3000')))));

  it.each<[string, (bags: Buffer[]) => Buffer[]]>([
    ['a CRL', (bags) => [crl, ...bags]],
    ['a secret', (bags) => [...bags, bag(OID.secretBag, der(0x30, hex('06022a03 a0040402abcd')))]],
    ['a bag of a kind that nobody knows', (bags) => [bag(OID.unknownBag, hex('0500')), ...bags]],
    [
      'everything in a bag of bags',
      ([a, ...b]) => [bag(OID.safeContentsBag, der(0x30, crl, a!)), ...b],
    ],
  ])('with %s', (_name, make) => {
    expect(reader.read(withParts(make), '')).toEqual(leaf());
  });

  it('with a certificate that would be encoded in another way', () => {
    const request = ['-x509', '-key', 'leaf.key', '-subj', '/CN=pss', '-out', 'pss.crt'];
    shop.openssl('req', ...request, '-sigopt', 'rsa_padding_mode:pss');
    for (const flags of [AES, RC2]) {
      shop.pfx('case', 'leaf', ['pss'], [...flags, ...pass(PASSWORD)]);
      const { certificates } = reader.read(shop.bytes('case.pfx'), PASSWORD);
      expect(certificates).toEqual([shop.text('pss.crt')]);
    }
  });

  it('in BER, with lengths that only the end tells', () => {
    shop.pfx('case', 'leaf', ['leaf'], [...AES, ...pass(PASSWORD)]);
    const bytes = shop.bytes('case.pfx');
    const [version, , mac] = children(parseDer(bytes));
    const safe = safeOf(bytes);
    const end = hex('0000');
    const halves = [safe.subarray(0, 1000), safe.subarray(1000)].map((half) => der(0x04, half));
    const content = [hex('3080'), OID.data, hex('a080 2480'), ...halves, end, end, end];
    const file = [hex('3080'), encodeDer(version!), ...content, encodeDer(mac!), end];
    expect(reader.read(Buffer.concat(file), PASSWORD)).toEqual(leaf());
  });

  it.each(['\n', '\r\n', '\0\0\0'])('with %j behind it, as openssl takes it', (more) => {
    shop.pfx('case', 'leaf', ['leaf'], ['-passout', `pass:${PASSWORD}`]);
    const file = Buffer.concat([shop.bytes('case.pfx'), Buffer.from(more)]);
    expect(reader.read(file, PASSWORD)).toEqual(leaf());
  });

  it('with PBMAC1 (RFC 9879), computed by openssl', () => {
    shop.pfx('case', 'leaf', ['leaf'], [...AES, '-nomac', ...pass(PASSWORD)]);
    const safe = safeOf(shop.bytes('case.pfx'));
    shop.write('safe', safe);
    const kdf = ['-kdfopt', 'digest:SHA256', '-kdfopt', `pass:${PASSWORD}`];
    const cost = ['-kdfopt', 'hexsalt:0102030405060708', '-kdfopt', 'iter:2048'];
    const key = shop.openssl('kdf', '-keylen', '32', ...kdf, ...cost, 'PBKDF2');
    const hexKey = `hexkey:${key.trim().replaceAll(':', '')}`;
    const digest = shop.openssl(
      'mac',
      '-digest',
      'SHA256',
      '-macopt',
      hexKey,
      '-in',
      'safe',
      'HMAC',
    );
    const prf = der(0x30, OID.hmacSha256, hex('0500'));
    const parameters = der(0x30, hex('0408 0102030405060708 02020800 020120'), prf);
    const scheme = der(0x30, der(0x30, OID.pbkdf2, parameters), prf);
    const withMac = (mac: Buffer) => {
      const info = der(0x30, der(0x30, OID.pbmac1, scheme), der(0x04, mac));
      const macData = der(0x30, info, hex('04084e4f542055534544 020101'));
      return der(0x30, VERSION, contentInfo(safe), macData);
    };
    const right = hex(digest.trim());
    expect(reader.read(withMac(right), PASSWORD)).toEqual(leaf());
    right[31] = (right[31] ?? 0) ^ 1;
    const wrong = new CliError('invalid_data', 'the password of the PKCS#12 file is wrong');
    expect(() => reader.read(withMac(right), PASSWORD)).toThrow(wrong);
  });
});

describe('what cannot be read', () => {
  const failure = (bytes: Uint8Array, password: string) => {
    try {
      reader.read(bytes, password);
    } catch (error) {
      if (error instanceof CliError) return [error.code, error.message];
      throw error;
    }
    return 'read';
  };

  it.each([
    ['modern', AES],
    ['legacy', RC2],
    ['no MAC', ['-nomac']],
  ])('wrong password: %s', (_name, flags) => {
    shop.pfx('case', 'leaf', ['leaf'], [...flags, ...pass(PASSWORD)]);
    const bytes = shop.bytes('case.pfx');
    const wrong = ['invalid_data', 'the password of the PKCS#12 file is wrong'];
    expect(failure(bytes, 'wrong')).toEqual(wrong);
    expect(failure(bytes, NON_ASCII)).toEqual(wrong);
    expect(failure(bytes, '')).toEqual(['invalid_data', 'the PKCS#12 file needs its password']);
  });

  it.each([
    ['text', Buffer.from('-----BEGIN CERTIFICATE-----')],
    ['nothing', Buffer.alloc(0)],
    ['an empty sequence', Buffer.from([0x30, 0])],
    ['deep nesting', Buffer.from('3080'.repeat(30_000), 'hex')],
  ])('not a PKCS#12 file: %s', (_name, bytes) => {
    const expected = ['invalid_data', 'not a PKCS#12 file, or a damaged one'];
    expect(failure(bytes, PASSWORD)).toEqual(expected);
  });

  it.each([
    ['with a MAC', AES],
    ['without one', ['-nomac']],
  ])('a file that was cut short, %s', (_name, flags) => {
    shop.pfx('case', 'leaf', ['leaf'], [...flags, '-iter', '1', ...pass(PASSWORD)]);
    const bytes = shop.bytes('case.pfx');
    const lengths = Array.from({ length: 60 }, (_, index) => bytes.length - 1 - index * 37);
    const answers = lengths.map((length) => String(failure(bytes.subarray(0, length), PASSWORD)));
    expect([...new Set(answers)]).toEqual(['invalid_data,not a PKCS#12 file, or a damaged one']);
  });

  it('a bare certificate', () => {
    const der = new X509Certificate(shop.text('leaf.crt')).raw;
    expect(failure(der, '')).toEqual(['invalid_data', 'not a PKCS#12 file, or a damaged one']);
  });

  it('an algorithm that is not supported', () => {
    shop.pfx(
      'case',
      'leaf',
      ['leaf'],
      [...LEGACY, '-certpbe', 'PBE-SHA1-RC4-128', ...pass(PASSWORD)],
    );
    const expected = ['invalid_data', 'the PKCS#12 file uses an algorithm that is not supported'];
    expect(failure(shop.bytes('case.pfx'), PASSWORD)).toEqual(expected);
  });

  it('more rounds than anybody needs are refused before they are run', () => {
    const many = ['-iter', '1000001', '-nomac', '-certpbe', 'NONE'];
    shop.pfx('case', 'leaf', ['leaf'], [...many, ...pass(PASSWORD)]);
    const expected = ['invalid_data', 'the PKCS#12 file asks for too many key derivation rounds'];
    expect(failure(shop.bytes('case.pfx'), PASSWORD)).toEqual(expected);
  });

  it('a file of more than 64 KiB', () => {
    const expected = ['invalid_data', 'the PKCS#12 file is larger than 65536 bytes'];
    expect(failure(Buffer.alloc(65_537), '')).toEqual(expected);
  });
});

it('answers damaged files with nothing but a typed error', () => {
  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const files = [AES, RC2, ['-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE']].map((flags) => {
    shop.pfx('case', 'leaf', CHAIN, [...flags, '-iter', '10', ...pass(PASSWORD)]);
    return shop.bytes('case.pfx');
  });
  const strange: unknown[] = [];
  for (let run = 0; run < 600; run++) {
    const bytes = mutate(files[run % files.length]!, random);
    try {
      reader.read(bytes, PASSWORD);
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
