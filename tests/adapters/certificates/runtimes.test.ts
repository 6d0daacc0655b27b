import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as vectorModule from 'cctv-age';
import { callInBun } from '../../support/bun.ts';
import * as jobs from '../../support/certificate-jobs.ts';
import {
  createCertificateWorkshop,
  EC_P256,
  RSA_1024,
  RSA_PSS,
} from '../../support/certificates.ts';

// The runtimes have two libraries for cryptography, OpenSSL and BoringSSL, which do not know the same
// things. Whatever openssl has written must be the same in both.

const JOBS = 'tests/support/certificate-jobs.ts';
const PASSWORD = 'correct horse';
const NON_ASCII = 'pässwörd-Ω-密码-😀';
const OLD = ['-provider', 'legacy', '-provider', 'default'];
const shop = createCertificateWorkshop();
afterAll(() => shop.remove());

type Flags = readonly string[];
/** Files with the key of `leaf`, and what openssl was told. */
const PFX: Readonly<Record<string, Flags>> = {
  'AES-256, SHA-256 MAC': [],
  'AES-128, SHA-512 MAC': [
    '-certpbe',
    'AES-128-CBC',
    '-keypbe',
    'AES-128-CBC',
    '-macalg',
    'SHA512',
  ],
  'AES-192, SHA-384 MAC': [
    '-certpbe',
    'AES-192-CBC',
    '-keypbe',
    'AES-192-CBC',
    '-macalg',
    'SHA384',
  ],
  '3DES in PBES2, SHA-224 MAC': ['-keypbe', 'DES-EDE3-CBC', '-macalg', 'SHA224'],
  'RC2-40 and 3DES, SHA-1 MAC': ['-legacy', ...OLD],
  'RC2-128': ['-legacy', ...OLD, '-certpbe', 'PBE-SHA1-RC2-128', '-keypbe', 'PBE-SHA1-RC2-128'],
  '3DES with two keys': ['-certpbe', 'PBE-SHA1-2DES', '-keypbe', 'PBE-SHA1-2DES'],
  'MD5 MAC': ['-macalg', 'MD5'],
  'nothing encrypted': ['-certpbe', 'NONE', '-keypbe', 'NONE'],
  'no MAC': ['-nomac'],
  '100,000 rounds': ['-iter', '100000'],
};
const PKCS8: Readonly<Record<string, Flags>> = {
  'AES-128': ['-v2', 'aes-128-cbc'],
  'AES-256': ['-v2', 'aes-256-cbc'],
  '3DES': ['-v2', 'des3'],
  scrypt: ['-scrypt'],
  ...Object.fromEntries(
    ['SHA1', 'SHA224', 'SHA384', 'SHA512', 'SHA512-256'].map((hash) => [
      `HMAC of ${hash}`,
      ['-v2', 'aes-256-cbc', '-v2prf', `hmacWith${hash}`],
    ]),
  ),
  'older 3DES': ['-v1', 'PBE-SHA1-3DES'],
  'older RC2-40': ['-v1', 'PBE-SHA1-RC2-40', ...OLD],
};
const UNSUPPORTED: Readonly<Record<string, Flags>> = {
  'MD5 and DES': ['-v1', 'PBE-MD5-DES', ...OLD],
  'RC4-128': ['-v1', 'PBE-SHA1-RC4-128', ...OLD],
  Camellia: ['-v2', 'camellia-256-cbc'],
};
const OLD_PEM = ['aes128', 'aes192', 'aes256', 'des3'];

interface Case {
  readonly name: string;
  readonly path: string;
  readonly password: string;
  /** Names of the certificates in the chain, or the message. */
  readonly wanted: readonly string[] | string;
}

function makeCases(): Case[] {
  const cases: Case[] = [];
  const wrong = (kind: string) => `it: the password of the ${kind} is wrong`;
  const add = (name: string, file: string, password: string, wanted: Case['wanted']) =>
    cases.push({ name, path: shop.path(file), password, wanted });
  const pfx = (name: string, flags: Flags, password = PASSWORD, names = ['leaf']) => {
    const file = `pfx-${cases.length}`;
    shop.pfx(file, 'leaf', names, [...flags, '-passout', `pass:${password}`]);
    add(`PFX, ${name}`, `${file}.pfx`, password, names.length > 1 ? ['leaf', 'int'] : names);
    if (password === '' || name === 'nothing encrypted') return;
    add(`PFX, ${name}, wrong password`, `${file}.pfx`, 'wrong', wrong('PKCS#12 file'));
  };
  const pem = (name: string, args: Flags, password: string, unsupported = false) => {
    const file = `key-${cases.length}.pem`;
    shop.openssl(...args, '-in', 'leaf.key', '-out', file, '-passout', `pass:${password}`);
    shop.write(file, shop.text('leaf.crt') + shop.text(file));
    const refused = 'it: the private key uses an algorithm that is not supported';
    add(name, file, password, unsupported ? refused : ['leaf']);
    if (!unsupported) add(`${name}, wrong password`, file, 'wrong', wrong('private key'));
  };

  for (const [name, flags] of Object.entries(PFX)) pfx(name, flags);
  for (const [name, flags] of [
    ['modern', []],
    ['legacy', ['-legacy', ...OLD]],
  ] as const) {
    pfx(`empty password, ${name}`, flags, '');
    pfx(`password in Unicode, ${name}`, flags, NON_ASCII);
    pfx(`chain and another certificate, ${name}`, flags, PASSWORD, ['root', 'ec', 'leaf', 'int']);
  }
  for (const [name, flags] of Object.entries(PKCS8)) {
    pem(`PKCS#8, ${name}`, ['pkcs8', '-topk8', ...flags], PASSWORD);
  }
  pem('PKCS#8, password in Unicode', ['pkcs8', '-topk8'], NON_ASCII);
  for (const [name, flags] of Object.entries(UNSUPPORTED)) {
    pem(`PKCS#8, ${name}`, ['pkcs8', '-topk8', ...flags], PASSWORD, true);
  }
  for (const cipher of OLD_PEM)
    pem(`${cipher}, Proc-Type`, ['rsa', '-traditional', `-${cipher}`], PASSWORD);
  pem('Camellia, Proc-Type', ['rsa', '-traditional', '-camellia128'], PASSWORD, true);
  addPlain(add);
  return cases;
}

/** PEM without a password, and what cannot be used. */
function addPlain(
  add: (name: string, file: string, password: string, wanted: Case['wanted']) => void,
) {
  const plain = (name: string, text: string, wanted: Case['wanted']) => {
    const file = `plain-${name.replace(/\W/g, '-')}.pem`;
    shop.write(file, text);
    add(`PEM, ${name}`, file, '', wanted);
  };
  const both = (name: string) => shop.text(`${name}.crt`) + shop.text(`${name}.key`);
  plain('PKCS#8', both('leaf'), ['leaf']);
  plain('key first', shop.text('leaf.key') + shop.text('leaf.crt'), ['leaf']);
  plain('PKCS#1', shop.text('leaf.crt') + shop.openssl('rsa', '-traditional', '-in', 'leaf.key'), [
    'leaf',
  ]);
  plain('chain', shop.text('root.crt') + shop.text('int.crt') + both('leaf'), ['leaf', 'int']);
  plain('as a chat shows it', both('leaf').replaceAll('\n', '\u200b\n'), ['leaf']);
  plain('on one line', both('leaf').replaceAll('\n', ' '), ['leaf']);
  plain('signed with RSA-PSS', both('pss-signed'), ['pss-signed']);
  const rsa = 'but Entra client assertions need RSA';
  plain('EC', both('ec'), `it: this is an EC key, ${rsa}`);
  plain('EC of a curve that Bun lacks', both('k1'), `it: this is an EC key, ${rsa}`);
  const sec1 = shop.openssl('ec', '-in', 'k1.key');
  plain('the same in SEC 1', shop.text('k1.crt') + sec1, `it: this is an EC key, ${rsa}`);
  plain('an RSA key beside it', both('k1') + both('leaf'), ['leaf']);
  plain('Ed448', both('ed448'), `it: this is a key of type ed448, ${rsa}`);
  plain('Ed25519', both('ed'), `it: this is a key of type ed25519, ${rsa}`);
  const restricted = 'it: the key is restricted to RSA-PSS, which cannot sign client assertions';
  plain('RSA-PSS', both('pss'), restricted);
  shop.pfx('pss', 'pss', ['pss'], ['-passout', `pass:${PASSWORD}`]);
  add('PFX, RSA-PSS', 'pss.pfx', PASSWORD, restricted);
  const short = 'it: the RSA key has 1024 bits, fewer than the 2048 that are required';
  plain('RSA of 1024 bits', both('short'), short);
}

let cases: Case[];
let right: unknown[];
let inNode: unknown[];
let inBun: unknown[];
beforeAll(async () => {
  shop.chain();
  shop.selfSigned('ec', { key: EC_P256 });
  shop.selfSigned('k1', { key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'] });
  shop.selfSigned('ed448', { key: ['-algorithm', 'ED448'] });
  shop.selfSigned('ed', { key: ['-algorithm', 'ED25519'] });
  shop.selfSigned('pss', { key: RSA_PSS });
  shop.selfSigned('short', { key: RSA_1024 });
  const signed = ['-key', 'leaf.key', '-subj', '/CN=pss-signed', '-out', 'pss-signed.crt'];
  shop.openssl('req', '-x509', ...signed, '-sigopt', 'rsa_padding_mode:pss');
  shop.write('pss-signed.key', shop.text('leaf.key'));
  cases = makeCases();
  right = cases.map(({ name, wanted }) => [name, asOpensslSays(wanted)]);
  const list = cases.map(({ path, password }) => [path, password] as const);
  inNode = await jobs.readCertificates(list);
  inBun = callInBun(JOBS, 'readCertificates', list);
});

const answers = (results: readonly unknown[]) =>
  cases.map(({ name }, index) => [name, results[index]] as const);

function asOpensslSays(value: Case['wanted']) {
  if (typeof value === 'string') return value;
  const [leaf = ''] = value;
  const certificate = new X509Certificate(shop.text(`${leaf}.crt`));
  return {
    kind: 'certificate',
    privateKey: createPrivateKey(shop.text(`${leaf}.key`)).export({ format: 'pem', type: 'pkcs8' }),
    sha1: shop.thumbprint(leaf, 'sha1'),
    sha256: shop.thumbprint(leaf, 'sha256'),
    chain: value.map((name) => shop.text(`${name}.crt`)),
    notBefore: Date.parse(certificate.validFrom) / 1000,
    notAfter: Date.parse(certificate.validTo) / 1000,
    subject: `CN=${leaf}`,
  };
}

describe('what openssl has written', () => {
  it('covers all kinds', () => expect(cases.length).toBeGreaterThan(70));
  it('is read by Node', () => {
    expect(answers(inNode)).toEqual(right);
  });
  it('is read by Bun', () => {
    expect(answers(inBun)).toEqual(right);
  });
});

describe.each(['Node', 'Bun'])('what %s makes', (runtime) => {
  type Made = Awaited<ReturnType<typeof jobs.makeCertificate>>;
  const make = async (now: number): Promise<Made> =>
    runtime === 'Node' ? jobs.makeCertificate(now) : callInBun(JOBS, 'makeCertificate', now);

  it('a certificate that openssl accepts, and signatures', async () => {
    const { certificate, privateKey, checks, entry } = await make(Math.floor(Date.now() / 1000));
    shop.write('made.crt', certificate);
    shop.write('made.key', privateKey);
    const verify = ['verify', '-x509_strict', '-check_ss_sig', '-purpose', 'sslclient'];
    expect(shop.openssl(...verify, '-CAfile', 'made.crt', 'made.crt')).toContain('OK');
    expect(shop.openssl('pkey', '-in', 'made.key', '-pubout')).toBe(
      shop.openssl('x509', '-in', 'made.crt', '-noout', '-pubkey'),
    );
    const sha1 = Buffer.from(shop.thumbprint('made', 'sha1'), 'hex').toString('base64');
    expect(entry.customKeyIdentifier).toBe(sha1);
    // for each of the two algorithms: right, four keys that cannot be used, a damaged signature
    const once = [true, ...Array(5).fill(false)];
    expect(checks).toEqual([...once, ...once]);
  });
});

describe('age in Bun', () => {
  const run = (list: readonly jobs.AgeJob[]) => callInBun<(string | null)[]>(JOBS, 'runAge', list);

  it('opens what Node has encrypted, and Node what Bun has', async () => {
    const passphrase = NON_ASCII;
    const plain = Buffer.from('content').toString('base64');
    const [fromNode = ''] = await jobs.runAge([{ plain, passphrase }]);
    const [opened, fromBun] = run([
      { file: fromNode, passphrase },
      { plain, passphrase },
    ]);
    expect(opened).toBe(plain);
    expect(await jobs.runAge([{ file: fromBun ?? '', passphrase }])).toEqual([plain]);
  });

  it('gives the same answers to the published vectors', async () => {
    const list = Object.values<Uint8Array>({ ...vectorModule }).flatMap((vector) => {
      const bytes = Buffer.from(vector);
      const end = bytes.indexOf('\n\n');
      const [, passphrase] = /^passphrase: (.*)$/m.exec(bytes.toString('latin1', 0, end)) ?? [];
      const file = bytes.subarray(end + 2).toString('base64');
      return passphrase === undefined ? [] : [{ file, passphrase }];
    });
    expect(list.length).toBe(26);
    const inNode = await jobs.runAge(list);
    expect(run(list)).toEqual(inNode.map((each) => each ?? null));
    expect(inNode.some((each) => each !== undefined)).toBe(true);
  });
});
