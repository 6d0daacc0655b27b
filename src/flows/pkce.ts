import { createHash, randomBytes } from 'node:crypto';

/** Values of 256 random bits that tie the response of a sign-in to its request. */
export interface Pkce {
  /** RFC 6749 section 10.12. */
  readonly state: string;
  /** OpenID Connect Core section 3.1.2.1. */
  readonly nonce: string;
  /** RFC 7636 section 4.1. */
  readonly codeVerifier: string;
  /** Method S256 (RFC 7636 section 4.2). */
  readonly codeChallenge: string;
}

export function createPkce(): Pkce {
  const codeVerifier = random();
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  return { state: random(), nonce: random(), codeVerifier, codeChallenge };
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
