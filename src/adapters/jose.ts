import { compactVerify, importJWK, type JWK } from 'jose';

/** Implements `SignatureChecker`, with nothing but the given key and algorithm. */
export async function isSignedBy(compact: string, key: JWK, algorithm: string): Promise<boolean> {
  try {
    const imported = await importJWK(key, algorithm);
    await compactVerify(compact, imported, { algorithms: [algorithm] });
    return true;
  } catch {
    // the signature is wrong, or the key: one that is damaged or too weak verifies nothing
    return false;
  }
}
