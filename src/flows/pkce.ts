import { createHash, randomBytes } from 'node:crypto';

/**
 * Values of 256 random bits that tie the response of a sign-in to its request: `state` (RFC 6749
 * section 10.12), `nonce` (OpenID Connect Core section 3.1.2.1), and a code verifier (RFC 7636 section
 * 4.1) with its challenge by the method S256.
 */
export function createPkce() {
  const codeVerifier = random();
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  return { state: random(), nonce: random(), codeVerifier, codeChallenge };
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
