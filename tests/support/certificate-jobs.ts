import { constants, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createAgeFiles } from '../../src/adapters/age/age.ts';
import { selfSigned } from '../../src/adapters/certificates/certificate-maker.ts';
import * as pkcs12 from '../../src/adapters/certificates/pkcs12.ts';
import * as signatures from '../../src/adapters/jose.ts';
import { CliError } from '../../src/core/errors.ts';
import { keyCredentialOf } from '../../src/entra/key-credential.ts';
import { parseCertificate } from '../../src/usecases/credentials/parse-certificate.ts';

/** What is to be read: a path and its password. */
export type ReadJob = readonly [path: string, password: string];

const world = {
  clock: { now: () => Date.now() / 1000 },
  pkcs12: async () => pkcs12,
  log: { registerSecret: () => {} },
};

/** Reads each file as the product does. @returns its credential, or the message of the failure */
export function readCertificates(jobs: readonly ReadJob[]) {
  return Promise.all(
    jobs.map(async ([path, password]) => {
      try {
        return await parseCertificate(world, readFileSync(path), password, 'it');
      } catch (error) {
        if (error instanceof CliError) return error.message;
        throw error;
      }
    }),
  );
}

/** A certificate as `cert create` makes it, and what signs and checks an assertion with it. */
export async function makeCertificate(now: number) {
  const subject = [{ type: 'CN', value: 'Schlüssel' }];
  const wish = { bits: 2048, subject, notBefore: now, notAfter: now + 86_400 } as const;
  const { certificate, privateKey } = await selfSigned(wish);
  const key = createPublicKey(certificate).export({ format: 'jwk' });
  const { isSignedBy } = signatures;
  const checks: boolean[] = [];
  for (const alg of ['PS256', 'RS256']) {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg })}.${part({ iss: 'app' })}`;
    const padding =
      alg === 'PS256'
        ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
        : {};
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, ...padding });
    const signed = `${text}.${signature.toString('base64url')}`;
    checks.push(await isSignedBy(signed, key, alg));
    for (const unusable of [{ key_ops: ['encrypt'] }, { n: '!!' }, { n: 'AQAB' }, { kty: 'EC' }]) {
      checks.push(await isSignedBy(signed, { ...key, ...unusable }, alg));
    }
    signature[9] = (signature[9] ?? 0) ^ 1;
    checks.push(await isSignedBy(`${text}.${signature.toString('base64url')}`, key, alg));
  }
  return { certificate, privateKey, checks, entry: keyCredentialOf(certificate) };
}

export interface AgeJob {
  /** In base64: a file to open, or a text to encrypt. */
  readonly file?: string;
  readonly plain?: string;
  readonly passphrase: string;
}

/** @returns for each job the base64 of what came out */
export function runAge(jobs: readonly AgeJob[]): Promise<(string | undefined)[]> {
  return Promise.all(
    jobs.map(async ({ file, plain, passphrase }) => {
      const age = createAgeFiles({ interrupted: new AbortController().signal }, 10);
      const result =
        file === undefined
          ? await age.encrypt(Buffer.from(plain ?? '', 'base64'), passphrase, true)
          : await age.decrypt(Buffer.from(file, 'base64'), passphrase);
      return result && Buffer.from(result).toString('base64');
    }),
  );
}
