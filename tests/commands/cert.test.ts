import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import {
  type CertificateWorkshop,
  createCertificateWorkshop,
  EC_P256,
} from '../support/certificates.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let test: TestApp;
let workshop: CertificateWorkshop;
beforeAll(() => {
  workshop = createCertificateWorkshop();
  workshop.selfSigned('shown');
  workshop.selfSigned('ec', { key: EC_P256 });
  workshop.pfx('shown', 'shown', ['shown'], ['-passout', 'pass:open sesame']);
});
afterAll(() => workshop.remove());
beforeEach(() => {
  test = createTestApp();
  test.writeProfiles({
    profiles: [{ name: 'ci', clientId: appId('app'), tenantId: 'contoso.com' }],
  });
});
afterEach(() => test.remove());

const inFolder = (name: string) => join(test.folder, name);

describe('cert create', () => {
  it.each<[string, string[], number, string]>([
    ['a small key', ['--key-size', '1024'], 2, 'key-size'],
    ['no days', ['--days', '0'], 2, '--days is a whole number from 1 to 3650'],
    ['too many days', ['--days', '3651'], 2, '--days'],
    ['half a day', ['--days', '1.5'], 2, '--days'],
    ['an unknown attribute', ['--subject', 'XX=y'], 2, "no attribute 'XX'"],
    ['a wrong country', ['--subject', 'CN=x, C=Germany'], 2, 'two capital letters'],
    ['a long name', ['--subject', 'x'.repeat(65)], 2, 'the CN of the subject'],
    ['a folder as its target', ['--cer', '.'], 10, 'it is a folder'],
    ['a missing folder', ['--cer', 'no/where.cer'], 10, 'no such file or folder'],
    ['another file in the way', ['--cer', 'notes.txt'], 10, 'it is no certificate'],
    ['a target for the key that is a link', ['--pem', 'link'], 10, 'a symbolic link'],
    ['an unknown profile', ['-p', 'c1'], 3, "did you mean 'ci'"],
  ])('%s is refused, and nothing is made', async (_what, args, expected, reason) => {
    test.file('notes.txt', 'notes');
    symlinkSync('notes.txt', inFolder('link'));
    const before = test.text();
    const name = args[0] === '-p' ? [] : ['-p', 'ci'];
    const { code, out, err } = await test.cli(['cert', 'create', ...name, ...args]);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toContain(reason);
    expect([test.text(), test.stores.keyring.entries.size]).toEqual([before, 0]);
    expect(existsSync(inFolder('ci.cer'))).toBe(false);
    expect(readFileSync(inFolder('notes.txt'), 'utf8')).toBe('notes');
  });

  it('leaves nothing behind when the store does not work', async () => {
    const before = test.text();
    test.stores.keyring.failAfter = 2;
    expect(await test.cli(['cert', 'create', '-p', 'ci'])).toMatchObject({ code: 7, out: '' });
    expect(test.text()).toBe(before);
    test.stores.keyring.failAfter = Number.POSITIVE_INFINITY;
    expect((await test.cli(['config', 'edit', '-p', 'ci', '--flow', 'DeviceCode'])).code).toBe(0);
    expect(test.stores.keyring.entries.size).toBe(0);
  });

  it('takes the place of its own older .cer, and makes the same entry again when shown', async () => {
    await test.cli(['cert', 'create', '-p', 'ci']);
    const { out } = await test.cli(['cert', 'create', '-p', 'ci']);
    const shown = await test.cli(['cert', 'show', '-p', 'ci', '--json']);
    const [first, second] = JSON.parse(shown.out).certificates;
    expect(first.keyCredential).toEqual(JSON.parse(out));
    expect(second.keyCredential).not.toEqual(first.keyCredential);
    const file = await test.cli(['cert', 'show', '-f', 'ci.cer', '--json']);
    expect(JSON.parse(file.out).certificates[0].keyCredential).toEqual(JSON.parse(out));
  });
});

describe('cert show', () => {
  it.each<[string, string[], number, string]>([
    ['a file and a profile', ['-p', 'ci', '-f', 'x.pem'], 2, 'not both'],
    ['a missing file', ['-f', 'x.pem'], 9, 'no such file'],
    ['no certificate at all', ['-f', 'notes.txt'], 9, 'no certificate'],
    ['a PFX without its password', ['-f', 'PFX'], 9, 'needs its password'],
    ['a profile without one', ['-p', 'ci'], 5, 'profile ci has no certificate'],
  ])('%s is refused', async (_what, args, expected, reason) => {
    test.file('notes.txt', 'notes');
    const words = args.map((word) => (word === 'PFX' ? workshop.path('shown.pfx') : word));
    const { code, out, err } = await test.cli(['cert', 'show', ...words]);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toContain(reason);
  });

  it('one that is not RSA, and one that has expired', async () => {
    const ec = await test.cli(['cert', 'show', '-f', workshop.path('ec.crt')]);
    expect([ec.code, ec.out]).toEqual([0, expect.stringMatching(/^key +not RSA$/m)]);
    const csr = ['-key', 'shown.key', '-subj', '/CN=past', '-out', 'past.csr'];
    workshop.openssl('req', '-new', ...csr);
    const past = ['-in', 'past.csr', '-key', 'shown.key', '-days', '-1', '-out', 'past.crt'];
    workshop.openssl('x509', '-req', ...past);
    const old = await test.cli(['cert', 'show', '-f', workshop.path('past.crt')]);
    expect([old.code, old.out]).toEqual([0, expect.stringMatching(/^valid until .*\(expired\)$/m)]);
  });
});
