/** Formats of others that a package reads and writes for us. Implementations are in `adapters/`. */

/** What a PKCS#12 file holds; nothing in it is ordered. */
export interface Pkcs12Content {
  /** PEM, decrypted. */
  readonly keys: readonly string[];
  /** PEM. */
  readonly certificates: readonly string[];
}

export interface Pkcs12Reader {
  /** @throws CliError invalid_data: not a PKCS#12 file, or the password is wrong */
  read(bytes: Uint8Array, password: string): Pkcs12Content;
  /**
   * Decrypts a key alone, which PKCS#12 and PEM files encrypt alike.
   * @param encrypted EncryptedPrivateKeyInfo (RFC 5958). @returns PKCS#8
   * @throws CliError invalid_data: damaged, not supported, or the password is wrong
   */
  openKey(encrypted: Uint8Array, password: string): Uint8Array;
}

export interface SignatureChecker {
  /**
   * @param compact a JWS in compact form
   * @param key a public JWK (RFC 7517)
   * @param algorithm the only one that counts, such as `RS256`
   */
  isSignedBy(
    compact: string,
    key: Readonly<Record<string, unknown>>,
    algorithm: string,
  ): Promise<boolean>;
}

/** Files of the age format (age-encryption.org/v1) that a passphrase opens. */
export interface AgeFiles {
  /** @param armor the text form instead of the binary one */
  encrypt(plain: Uint8Array, passphrase: string, armor: boolean): Promise<Uint8Array>;
  /**
   * Reads both forms. A work factor above 2^20 is refused before memory is spent.
   * @returns undefined if the passphrase is wrong or anything was changed: nobody can tell which
   */
  decrypt(file: Uint8Array, passphrase: string): Promise<Uint8Array | undefined>;
}

export interface CertificateSpec {
  /** Of the RSA key. */
  readonly bits: 2048 | 3072 | 4096;
  readonly subject: readonly { readonly type: string; readonly value: string }[];
  /** Seconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CertificateMaker {
  /** @returns PEM: the key as PKCS#8, and the certificate that it has signed itself */
  selfSigned(
    spec: CertificateSpec,
  ): Promise<{ readonly privateKey: string; readonly certificate: string }>;
}
