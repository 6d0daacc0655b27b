import { compactVerify, errors, importJWK, type JWK } from 'jose';
import type { SignatureChecker } from '../core/formats.ts';

/** Signatures by jose. Only the key and the algorithm that are handed in count. */
export function createSignatureChecker(): SignatureChecker {
  return {
    isSignedBy: async (compact, key, algorithm) => {
      try {
        await compactVerify(compact, await importJWK(key as JWK, algorithm), {
          algorithms: [algorithm],
        });
        return true;
      } catch (error) {
        // A key too weak or damaged to be used verifies nothing, like a wrong one.
        if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
        // Node throws a DOMException where Bun throws a SyntaxError.
        if (error instanceof DOMException || error instanceof SyntaxError) return false;
        throw error;
      }
    },
  };
}
