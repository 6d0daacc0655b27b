import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { findBelow, findIn } from '../support/canaries.ts';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const KEY = Buffer.alloc(32, 9).toString('base64');
const tls = createTestCa();
let workshop: CertificateWorkshop;
let stage: Stage;

beforeAll(() => {
  workshop = createCertificateWorkshop();
});
afterAll(() => workshop.remove());
beforeEach(() => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY });
  stage.file('ca.pem', tls.caPem);
});
afterEach(() => stage.remove());

const profile = () =>
  JSON.parse(readFileSync(join(stage.home, '.tokencli', 'profiles.json'), 'utf8')).profiles[0];
const made = (name: string) => join(stage.folder, name);
const base64 = (hash: string, der: Buffer) => createHash(hash).update(der).digest('base64');
const hex = (hash: string, der: Buffer) => createHash(hash).update(der).digest('hex').toUpperCase();

async function createProfile(...args: string[]) {
  const ids = ['--client-id', appId('app'), '--tenant-id', TENANT];
  const { code } = await stage.run(['config', 'create', '--name', 'ci', ...ids, ...args], {
    input: 'a client secret',
  });
  expect(code).toBe(0);
}

/** An identity provider that knows what `cert create` has written, and nothing else. */
async function withProvider<T>(certificate: string, work: () => Promise<T>): Promise<T> {
  const idp = await startStandIn({
    tls,
    tenant: TENANT,
    clients: [{ id: appId('app'), certificate }],
  });
  try {
    const where = ['--authority', idp.origin, '--ca-file', stage.caFile];
    expect((await stage.run(['config', 'edit', '-p', 'ci', ...where])).code).toBe(0);
    return await work();
  } finally {
    await idp.close();
  }
}

describe('cert create', () => {
  it('makes what openssl accepts, the entry says, and a token is given for', async () => {
    await createProfile();
    const { code, out, err } = await stage.run(['cert', 'create', '-p', 'ci']);
    expect(code).toBe(0);
    const der = readFileSync(made('ci.cer'));
    const entry = JSON.parse(out);
    expect(Object.entries(entry)).toEqual([
      ['customKeyIdentifier', base64('sha1', der)],
      ['keyId', expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)],
      ['type', 'AsymmetricX509Cert'],
      ['usage', 'Verify'],
      ['value', der.toString('base64')],
    ]);
    for (const hash of ['sha1', 'sha256']) {
      expect(err).toContain(hex(hash, der));
      expect(err).toContain(base64(hash, der));
    }
    expect(err).not.toContain('serves');

    const pem = workshop.write(
      'made.pem',
      workshop.openssl('x509', '-inform', 'der', '-in', made('ci.cer')),
    );
    const verify = ['verify', '-x509_strict', '-check_ss_sig', '-purpose', 'sslclient'];
    expect(workshop.openssl(...verify, '-CAfile', pem, pem)).toContain('OK');
    const text = workshop.openssl('x509', '-in', pem, '-noout', '-text');
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('sha256WithRSAEncryption');
    expect(text).toContain('Public-Key: (2048 bit)');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toContain('Subject: CN = ci');
    const days = (Date.parse(profile().credentials[0].expiresOn) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(365);

    await withProvider(readFileSync(pem, 'utf8'), async () => {
      for (const thumbprint of ['sha256', 'sha1']) {
        await stage.run(['config', 'edit', '-p', 'ci', '--thumbprint', thumbprint]);
        const token = await stage.run(['get-token', '-p', 'ci', '--silent', '--no-cache']);
        expect([token.code, token.out]).toEqual([0, expect.stringMatching(/^ey[\w.-]+\n$/)]);
        expect(token.err).toBe('');
      }
    });
  });

  it('leaves the key nowhere but in the store, unless it is asked for', async () => {
    await createProfile();
    const args = ['cert', 'create', '-p', 'ci', '--pem', 'both.pem', '--cer', 'public.cer'];
    const { code, out, err } = await stage.run(args);
    expect(code).toBe(0);
    const pem = readFileSync(made('both.pem'), 'utf8');
    expect(err).toContain('both.pem holds the private key, and nothing protects it');
    const key = /-----BEGIN PRIVATE KEY-----([\s\S]+?)-----END/.exec(pem)?.[1] ?? '';
    const line = key.trim().split('\n')[5] ?? '';
    expect(line).toHaveLength(64);
    expect(findIn('output', out + err, [line])).toEqual([]);
    expect(findBelow(stage.home, [line])).toEqual([]);
    workshop.write('both.pem', pem);
    const [first, second] = [
      workshop.openssl('pkey', '-in', 'both.pem', '-pubout'),
      workshop.openssl('x509', '-in', 'both.pem', '-noout', '-pubkey'),
    ];
    expect(first).toBe(second);
  });

  it.each([
    ['3072', 3072],
    ['4096', 4096],
  ])('with a key of %s bits, a subject and an end', async (bits, size) => {
    await createProfile();
    const args = ['--key-size', bits, '--days', '30', '--subject', 'CN=Schlüssel, O=Contoso, C=DE'];
    expect((await stage.run(['cert', 'create', '-p', 'ci', ...args])).code).toBe(0);
    const shown = await stage.run(['cert', 'show', '-p', 'ci', '--json']);
    const [certificate] = JSON.parse(shown.out).certificates;
    expect(certificate).toMatchObject({
      subject: 'CN=Schlüssel, O=Contoso, C=DE',
      issuer: 'CN=Schlüssel, O=Contoso, C=DE',
      keySize: size,
    });
    expect([29, 30]).toContain(certificate.daysLeft);
  });

  it.each([
    ['the secret', ['--client-secret-stdin']],
    ['the certificate file', ['--certificate']],
  ])(
    '%s of before serves until the new one is registered',
    async (_what, args) => {
      workshop.selfSigned('before');
      const pem = workshop.text('before.key') + workshop.text('before.crt');
      const file = args[0] === '--certificate' ? [stage.file('before.pem', pem)] : [];
      await createProfile(...args, ...file);
      const { code, err } = await stage.run(['cert', 'create', '-p', 'ci']);
      expect([code, err]).toEqual([0, expect.stringContaining('old credential is used')]);

      const known =
        args[0] === '--certificate'
          ? { certificate: workshop.text('before.crt') }
          : { secret: 'a client secret' };
      const idp = await startStandIn({
        tls,
        tenant: TENANT,
        clients: [{ id: appId('app'), ...known }],
      });
      try {
        const where = ['--authority', idp.origin, '--ca-file', stage.caFile];
        await stage.run(['config', 'edit', '-p', 'ci', ...where]);
        const token = await stage.run(['get-token', '-p', 'ci']);
        expect([token.code, token.out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
        expect(token.err).toMatch(/warning: the newest certificate \(until .*trying the older one/);
        const before = profile();
        const end = await stage.run(['config', 'edit', '-p', 'ci', '--drop-old', '--verify']);
        expect([end.code, end.out]).toEqual([4, '']);
        expect(end.err).toContain('the credential was refused and nothing was changed');
        expect(profile()).toEqual(before);
      } finally {
        await idp.close();
      }

      const der = readFileSync(made('ci.cer'));
      const registered = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
      await withProvider(registered, async () => {
        const end = await stage.run(['config', 'edit', '-p', 'ci', '--drop-old', '--verify']);
        expect([end.code, end.err]).toEqual([0, expect.stringContaining('The credential works')]);
        expect(profile().credentials.map(({ kind }: { kind: string }) => kind)).toEqual([
          'certificate',
        ]);
        expect(profile()).not.toHaveProperty('certificatePath');
        const token = await stage.run(['get-token', '-p', 'ci', '--silent']);
        expect([token.code, token.err]).toEqual([0, '']);
      });
    },
    60_000,
  );
});

describe('cert show', () => {
  beforeAll(() => {
    workshop.selfSigned('shown');
    workshop.pfx('shown', 'shown', ['shown'], ['-passout', 'pass:open sesame']);
    workshop.openssl('x509', '-in', 'shown.crt', '-outform', 'DER', '-out', 'shown.cer');
    workshop.write('shown.pem', workshop.text('shown.key') + workshop.text('shown.crt'));
  });

  it.each(['shown.pem', 'shown.crt', 'shown.cer', 'shown.pfx'])('%s', async (name) => {
    const file = workshop.path(name);
    const password = name.endsWith('.pfx') ? ['--certificate-password-stdin'] : [];
    const { code, out, err } = await stage.run(['cert', 'show', '-f', file, ...password], {
      input: 'open sesame\n',
    });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^subject +CN=shown$/m);
    expect(out).toContain(workshop.thumbprint('shown', 'sha1'));
    expect(out).toContain(workshop.thumbprint('shown', 'sha256'));
    expect(out).toContain(`place          ${file}\n`);
    expect(out).toMatch(/\((364|365) days left\)/);
  });

  it('both of a rollover, the one in use first; writes the first as .cer', async () => {
    await createProfile('--certificate', workshop.path('shown.pem'), '--import-certificate');
    await stage.run(['cert', 'create', '-p', 'ci']);
    const shown = await stage.run(['cert', 'show', '-p', 'ci', '--cer', 'copy.cer']);
    expect(shown.code).toBe(0);
    expect(shown.out.match(/^subject .*/gm)).toEqual([
      'subject        CN=ci',
      'subject        CN=shown',
    ]);
    expect(readFileSync(made('copy.cer'))).toEqual(readFileSync(made('ci.cer')));
  });
});
