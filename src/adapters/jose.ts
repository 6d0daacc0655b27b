import { compactVerify, errors, importJWK, type JWK } from 'jose';
import type { SignatureChecker } from '../core/formats.ts';

/** Checks signatures with the package jose, and with nothing but the given key and algorithm. */
export function createSignatureChecker(): SignatureChecker {
  return {
    isSignedBy: async (compact, key, algorithm) => {
      try {
        await compactVerify(compact, await importJWK(key as JWK, algorithm), {
          algorithms: [algorithm],
        });
        return true;
      } catch (error) {
        // a damaged key, or one that is too weak, verifies no signature
        if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
        // for such a key Node may also throw a DOMException, and Bun a SyntaxError
        if (error instanceof DOMException || error instanceof SyntaxError) return false;
        throw error;
      }
    },
  };
}
