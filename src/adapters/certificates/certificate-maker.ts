import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { CertificateSpec } from '../../core/formats.ts';

const makeKeyPair = promisify(generateKeyPair);

/** Implements `CertificateMaker`: X.509 v3 (RFC 5280) with SHA-256. node:crypto makes the keys. */
export async function selfSigned(spec: CertificateSpec) {
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

/** A random number of 127 bits: positive (RFC 5280 section 4.1.2.2), and without leading zeros. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** RFC 5280 appendix A requires ASCII string types for a country and an e-mail address. */
function tagOf(type: string): forge.asn1.Type {
  if (type === 'C') return forge.asn1.Type.PRINTABLESTRING;
  return type === 'E' ? forge.asn1.Type.IA5STRING : forge.asn1.Type.UTF8;
}
