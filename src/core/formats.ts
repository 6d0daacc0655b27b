/**
 * Interfaces for foreign file formats that a package reads and writes. Implemented in `adapters/`.
 */

/** The hint if a password is missing or wrong. A caller that knows how it is given says that instead. */
export const GIVE_PASSWORD = 'give the right password';

/** The keys and certificates of a file, in no particular order. */
export interface PemContent {
  /** PEM, not encrypted. */
  readonly keys: readonly string[];
  /** PEM. */
  readonly certificates: readonly string[];
}

export interface Pkcs12Reader {
  /** @throws CliError invalid_data: not a PKCS#12 file, or the password is wrong */
  read(bytes: Uint8Array, password: string): PemContent;
  /**
   * Decrypts a single private key. PEM files encrypt keys in the same format as PKCS#12 files.
   * @param encrypted EncryptedPrivateKeyInfo (RFC 5958), DER
   * @returns PKCS#8, DER
   * @throws CliError invalid_data: damaged, not supported, or the password is wrong
   */
  openKey(encrypted: Uint8Array, password: string): Uint8Array;
}

export interface SignatureChecker {
  /**
   * @param compact a JWS in compact form
   * @param key a public JWK (RFC 7517)
   * @param algorithm the only algorithm that is accepted, such as `RS256`
   */
  isSignedBy(
    compact: string,
    key: Readonly<Record<string, unknown>>,
    algorithm: string,
  ): Promise<boolean>;
}

/** Files in the age format (https://c2sp.org/age), encrypted with a passphrase. */
export interface AgeFiles {
  /** @param armor true for the text form, false for the binary one */
  encrypt(content: Uint8Array, passphrase: string, armor: boolean): Promise<Uint8Array>;
  /**
   * Reads both forms. A scrypt cost above 2^20 is refused before any memory is allocated for it.
   * @returns undefined if the passphrase is wrong or the file was changed; the format cannot tell
   *   which
   */
  decrypt(file: Uint8Array, passphrase: string): Promise<Uint8Array | undefined>;
}

export interface CertificateSpec {
  /** Size of the RSA key. */
  readonly bits: 2048 | 3072 | 4096;
  readonly subject: readonly { readonly type: string; readonly value: string }[];
  /** Both in seconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CertificateMaker {
  /** @returns PEM: a new RSA key as PKCS#8, and its certificate, signed with that same key */
  selfSigned(
    spec: CertificateSpec,
  ): Promise<{ readonly privateKey: string; readonly certificate: string }>;
}
