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
