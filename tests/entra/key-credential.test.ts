import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { keyCredentialOf, thumbprintOf } from '../../src/entra/key-credential.ts';
import { createCertificateWorkshop } from '../support/certificates.ts';

const shop = createCertificateWorkshop();
beforeAll(() => {
  shop.selfSigned('cert');
  shop.openssl('x509', '-in', 'cert.crt', '-outform', 'DER', '-out', 'cert.cer');
});
afterAll(() => shop.remove());

/** As a person would do it by hand. */
const byHand = (hash: string) =>
  execFileSync('sh', ['-c', `openssl dgst -${hash} -binary cert.cer | base64`], {
    cwd: shop.folder,
    encoding: 'utf8',
  }).trim();

it.each(['sha1', 'sha256'] as const)('the %s thumbprint is what openssl says', (hash) => {
  const expected = { hex: shop.thumbprint('cert', hash), base64: byHand(hash) };
  expect(thumbprintOf(shop.text('cert.crt'), hash)).toEqual(expected);
  expect(thumbprintOf(shop.bytes('cert.cer'), hash)).toEqual(expected);
});

it('the entry has the five members of the documentation, in their order', () => {
  const entry = keyCredentialOf(shop.text('cert.crt'));
  expect(Object.entries(entry)).toEqual([
    ['customKeyIdentifier', byHand('sha1')],
    [
      'keyId',
      expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
    ],
    ['type', 'AsymmetricX509Cert'],
    ['usage', 'Verify'],
    ['value', shop.bytes('cert.cer').toString('base64')],
  ]);
  expect(keyCredentialOf(shop.bytes('cert.cer'))).toEqual(entry);
});
