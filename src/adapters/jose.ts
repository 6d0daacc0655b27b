import { compactVerify, importJWK, type JWK } from 'jose';
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
      } catch {
        // the signature is wrong, or the key: one that is damaged or too weak verifies nothing
        return false;
      }
    },
  };
}
