import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

export interface TestCa {
  /** The authority's certificate, for `caFile` and NODE_EXTRA_CA_CERTS. */
  readonly caPem: string;
  /** The server's key and certificate, for `https.createServer`. */
  readonly key: string;
  readonly cert: string;
}

export interface Validity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const DAY = 24 * 3600 * 1000;

/**
 * A certificate authority made for one test, and a server certificate that it signed.
 * @param hosts names and addresses the server certificate is good for
 */
export function createTestCa(
  hosts: readonly string[] = ['localhost', '127.0.0.1'],
  validity: Validity = {},
): TestCa {
  const authority = makeKeys();
  const server = makeKeys();
  const issuer = [
    { name: 'commonName', value: `tokencli test CA ${randomBytes(4).toString('hex')}` },
  ];
  const caPem = authorityPem(authority, issuer, issuer, authority);
  const leaf = makeCertificate(server, {
    subject: [{ name: 'commonName', value: hosts[0] ?? 'localhost' }],
    issuer,
    validity,
    extensions: serverExtensions(hosts),
  });
  leaf.sign(authority.privateKey, forge.md.sha256.create());
  return {
    caPem,
    key: server.pem,
    cert: forge.pki.certificateToPem(leaf),
  };
}

/** A server whose certificate an issuing authority signed, which in turn a root authority signed. */
export interface TestChain extends TestCa {
  /** The issuing authority's certificate; `caPem` is the root's. */
  readonly issuingPem: string;
  readonly rootName: string;
  readonly issuingName: string;
}

/** @param complete whether the server shows the issuing authority's certificate, as it should */
export function createTestChain(complete: boolean): TestChain {
  const [root, issuing, server] = [makeKeys(), makeKeys(), makeKeys()];
  const tag = randomBytes(4).toString('hex');
  const [rootName, issuingName] = [`tokencli root ${tag}`, `tokencli issuing ${tag}`];
  const named = (value: string) => [{ name: 'commonName', value }];
  const rootPem = authorityPem(root, named(rootName), named(rootName), root);
  const issuingPem = authorityPem(issuing, named(issuingName), named(rootName), root);
  const leaf = makeCertificate(server, {
    subject: named('localhost'),
    issuer: named(issuingName),
    extensions: serverExtensions(['localhost']),
  });
  leaf.sign(issuing.privateKey, forge.md.sha256.create());
  const cert = forge.pki.certificateToPem(leaf);
  return {
    ...{ caPem: rootPem, issuingPem, rootName, issuingName, key: server.pem },
    cert: complete ? cert + issuingPem : cert,
  };
}

type Name = forge.pki.CertificateField[];

function authorityPem(keys: Keys, subject: Name, issuer: Name, signer: Keys): string {
  const certificate = makeCertificate(keys, { subject, issuer, extensions: AUTHORITY });
  certificate.sign(signer.privateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

const AUTHORITY = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
];

function serverExtensions(hosts: readonly string[]): object[] {
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: hosts.map(altName) },
  ];
}

interface Keys {
  readonly pem: string;
  readonly privateKey: forge.pki.rsa.PrivateKey;
  readonly publicKey: forge.pki.rsa.PublicKey;
}

/** Node makes the key: in JavaScript alone it would take seconds. */
function makeKeys(): Keys {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return {
    pem: pair.privateKey,
    privateKey: forge.pki.privateKeyFromPem(pair.privateKey),
    publicKey: forge.pki.publicKeyFromPem(pair.publicKey),
  };
}

interface Plan {
  readonly subject: forge.pki.CertificateField[];
  readonly issuer: forge.pki.CertificateField[];
  readonly extensions: object[];
  readonly validity?: Validity;
}

function makeCertificate(keys: Keys, plan: Plan): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`;
  certificate.validity.notBefore = plan.validity?.notBefore ?? new Date(Date.now() - DAY);
  certificate.validity.notAfter = plan.validity?.notAfter ?? new Date(Date.now() + 30 * DAY);
  certificate.setSubject(plan.subject);
  certificate.setIssuer(plan.issuer);
  certificate.setExtensions(plan.extensions);
  return certificate;
}

function altName(host: string): object {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
