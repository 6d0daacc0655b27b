import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from './random.ts';

/** Keys and certificates of one test file, made with the openssl command in a folder of their own. */
export interface CertificateWorkshop {
  readonly folder: string;
  path(name: string): string;
  text(name: string): string;
  bytes(name: string): Buffer;
  write(name: string, content: string | Uint8Array): string;
  /** Runs openssl in the folder. */
  openssl(...args: string[]): string;
  /** `<name>.key` (PKCS#8) and `<name>.crt`, self-signed. */
  selfSigned(name: string, options?: { key?: string[]; days?: number }): void;
  /** `<name>.crt`, self-signed with `<key>.key`, for any time. */
  dated(name: string, key: string, from: Date, to: Date): void;
  /** `root`, `int` and `leaf`, each signed by the one before. */
  chain(): void;
  /** `<name>.pfx` with the files named. */
  pfx(name: string, key: string | undefined, certificates: string[], flags: string[]): void;
  /** What openssl prints, bare and in upper case. */
  thumbprint(name: string, hash: 'sha1' | 'sha256'): string;
  remove(): void;
}

export const RSA_2048 = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
export const RSA_1024 = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'];
export const RSA_PSS = ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'];
export const EC_P256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

export function createCertificateWorkshop(): CertificateWorkshop {
  const folder = mkdtempSync(join(tmpdir(), 'tokencli-certificates-'));
  const path = (name: string) => join(folder, name);
  const text = (name: string) => readFileSync(path(name), 'utf8');
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const key = (name: string, algorithm: string[]) =>
    openssl('genpkey', ...algorithm, '-out', `${name}.key`);
  const sign = (name: string, issuer: string) => {
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    write('ca.ext', name === 'leaf' ? 'basicConstraints=CA:FALSE' : 'basicConstraints=CA:TRUE');
    const by = ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial'];
    const how = ['-days', '365', '-extfile', 'ca.ext', '-out', `${name}.crt`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...how);
  };
  const selfSigned = (name: string, options: { key?: string[]; days?: number } = {}) => {
    key(name, options.key ?? RSA_2048);
    const days = ['-days', String(options.days ?? 365)];
    const out = ['-subj', `/CN=${name}`, '-out', `${name}.crt`];
    openssl('req', '-x509', '-key', `${name}.key`, ...days, ...out);
  };
  return {
    folder,
    path,
    text,
    write,
    openssl,
    selfSigned,
    dated(name, keyName, from, to) {
      const at = (date: Date) => `${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`;
      const config = ['[ca]', 'default_ca=a', '[a]', 'database=index', 'default_md=sha256'];
      config.push('policy=p', 'rand_serial=yes', 'new_certs_dir=.', '[p]', 'commonName=supplied');
      write('ca.conf', `${config.join('\n')}\n`);
      write('index', '');
      openssl('req', '-new', '-key', `${keyName}.key`, '-subj', `/CN=${name}`, '-out', 'dated.csr');
      const times = ['-startdate', at(from), '-enddate', at(to)];
      const how = ['-batch', '-notext', '-config', 'ca.conf', '-selfsign', '-out', `${name}.crt`];
      openssl('ca', '-in', 'dated.csr', '-keyfile', `${keyName}.key`, ...times, ...how);
    },
    bytes: (name) => readFileSync(path(name)),
    chain() {
      selfSigned('root');
      key('int', RSA_2048);
      sign('int', 'root');
      key('leaf', RSA_2048);
      sign('leaf', 'int');
    },
    pfx(name, keyName, certificates, flags) {
      write(`${name}.pem`, certificates.map((certificate) => text(`${certificate}.crt`)).join(''));
      const withKey = keyName ? ['-inkey', `${keyName}.key`] : ['-nokeys'];
      const files = ['-in', `${name}.pem`, '-out', `${name}.pfx`];
      openssl('pkcs12', '-export', ...withKey, ...files, ...flags);
    },
    thumbprint(name, hash) {
      const line = openssl('x509', '-in', `${name}.crt`, '-noout', '-fingerprint', `-${hash}`);
      return (line.split('=')[1] ?? '').trim().replaceAll(':', '');
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Numbers in [0, 1) that a seed repeats. */
export function seededRandom(seed: number): () => number {
  const random = createRandom(seed);
  return () => random(2 ** 32) / 2 ** 32;
}

/** A copy with a few bytes changed, cut out or doubled. */
export function mutate(bytes: Buffer, random: () => number): Buffer {
  let result = Buffer.from(bytes);
  for (let change = 0; change <= random() * 4; change++) {
    const at = Math.floor(random() * result.length);
    const kind = random();
    if (kind < 0.7) result[at] = Math.floor(random() * 256);
    else if (kind < 0.8) result = result.subarray(0, at);
    else if (kind < 0.9) {
      const end = at + Math.floor(random() * 16);
      result = Buffer.concat([result.subarray(0, at), result.subarray(end)]);
    } else result = Buffer.concat([result.subarray(0, at), result.subarray(at >> 1)]);
  }
  return result;
}
