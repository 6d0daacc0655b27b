import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { CertificateMaker, CertificateSpec } from '../../core/formats.ts';

const makeKeyPair = promisify(generateKeyPair);

/** Self-signed X.509 v3 certificates (RFC 5280), signed with SHA-256. Node makes the keys. */
export function createCertificateMaker(): CertificateMaker {
  return { selfSigned };
}

async function selfSigned(spec: CertificateSpec) {
  const pair = await makeKeyPair('rsa', { modulusLength: spec.bits, publicExponent: 0x10001 });
  const privateKey = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    pair.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  );
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = new Date(spec.notBefore * 1000);
  certificate.validity.notAfter = new Date(spec.notAfter * 1000);
  const name = spec.subject.map(({ type, value }) => ({
    shortName: type,
    value,
    valueTagClass: tagOf(type),
  }));
  certificate.setSubject(name as unknown as forge.pki.CertificateField[]);
  certificate.setIssuer(name as unknown as forge.pki.CertificateField[]);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: true },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { privateKey, certificate: forge.pki.certificateToPem(certificate) };
}

/** 127 random bits, positive and not shortened by a leading zero (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** RFC 5280 appendix A wants a country, and an e-mail address, in ASCII types of their own. */
function tagOf(type: string): forge.asn1.Type {
  if (type === 'C') return forge.asn1.Type.PRINTABLESTRING;
  return type === 'E' ? forge.asn1.Type.IA5STRING : forge.asn1.Type.UTF8;
}
