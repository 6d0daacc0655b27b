import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as pkcs12 from '../../../src/adapters/certificates/pkcs12.ts';
import { CliError } from '../../../src/core/errors.ts';
import { parseCertificate } from '../../../src/usecases/credentials/parse-certificate.ts';
import { createCertificateWorkshop } from '../../support/certificates.ts';

const PASSWORD = 'correct horse';
const OLD = ['-provider', 'legacy', '-provider', 'default'];
const shop = createCertificateWorkshop();
const world = {
  clock: { now: () => Date.now() / 1000 },
  pkcs12: async () => pkcs12,
  log: { registerSecret: () => {} },
};
const read = (path: string) => parseCertificate(world, readFileSync(path), PASSWORD, path);

beforeAll(() => shop.selfSigned('leaf'));
afterAll(() => shop.remove());

function withKey(name: string, ...args: string[]): string {
  shop.openssl(...args, '-in', 'leaf.key', '-out', name, '-passout', `pass:${PASSWORD}`);
  return shop.write(name, shop.text('leaf.crt') + shop.text(name));
}

it.each<[string, () => string, string]>([
  [
    'PKCS#8 with RC4',
    () => withKey('rc 4.pem', 'pkcs8', '-topk8', '-v1', 'PBE-SHA1-RC4-128', ...OLD),
    'new-key.pem',
  ],
  [
    'an old key with DES',
    () => withKey("de's.pem", 'rsa', '-traditional', '-des', ...OLD),
    'new-key.pem',
  ],
  [
    'a key that costs too much',
    () => withKey('rounds.pem', 'pkcs8', '-topk8', '-iter', '1000001'),
    'new-key.pem',
  ],
  [
    'a PFX with RC4',
    () => {
      const rc4 = ['-legacy', ...OLD, '-certpbe', 'PBE-SHA1-RC4-128'];
      shop.pfx('rc 4', 'leaf', ['leaf'], [...rc4, '-passout', `pass:${PASSWORD}`]);
      return shop.path('rc 4.pfx');
    },
    'new.pem',
  ],
])('the hint for %s is a command that helps, as it stands', async (_name, make, made) => {
  const error = await read(make()).catch((reason: unknown) => reason);
  const hint = error instanceof CliError ? error.details.hint : '';
  const [, command = ''] = /: (openssl [^;]+)/.exec(hint ?? '') ?? [];
  const secrets = `-passin 'pass:${PASSWORD}' -passout 'pass:${PASSWORD}'`;
  execFileSync('sh', ['-c', `${command} ${secrets}`], { cwd: shop.folder, stdio: 'pipe' });
  if (made === 'new-key.pem') shop.write(made, shop.text(made) + shop.text('leaf.crt'));
  expect((await read(shop.path(made))).sha256).toBe(shop.thumbprint('leaf', 'sha256'));
});
