import { createHash, randomBytes } from 'node:crypto';

/** What ties the answer of a sign-in to its question; 256 random bits each. */
export interface Pkce {
  /** RFC 6749 section 10.12. */
  readonly state: string;
  /** OpenID Connect Core section 3.1.2.1. */
  readonly nonce: string;
  /** RFC 7636 section 4.1. */
  readonly codeVerifier: string;
  /** Of the method S256 (RFC 7636 section 4.2). */
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
