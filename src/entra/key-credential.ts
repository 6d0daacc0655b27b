import { createHash, X509Certificate } from 'node:crypto';

/**
 * The hash of a certificate's DER encoding, as upper-case hex digits without separators and as base64.
 * @param certificate PEM or DER
 */
export function thumbprintOf(certificate: string | Buffer, hash: 'sha1' | 'sha256') {
  const digest = createHash(hash).update(new X509Certificate(certificate).raw).digest();
  return { hex: digest.toString('hex').toUpperCase(), base64: digest.toString('base64') };
}

/**
 * The element of an app's `keyCredentials` that registers a certificate. `keyId` is derived from the
 * certificate, so that registering it twice does not make two entries.
 * https://learn.microsoft.com/graph/api/resources/keycredential
 * @param certificate PEM or DER
 */
export function keyCredentialOf(certificate: string | Buffer) {
  const { raw } = new X509Certificate(certificate);
  return {
    customKeyIdentifier: thumbprintOf(raw, 'sha1').base64,
    keyId: keyIdOf(raw),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    value: raw.toString('base64'),
  };
}

/** A version 8 UUID (RFC 9562 section 5.8) made from the certificate's SHA-256 hash. */
function keyIdOf(der: Buffer): string {
  const bytes = createHash('sha256').update(der).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
