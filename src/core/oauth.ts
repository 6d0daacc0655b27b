import type { Deadline } from './deadline.ts';

export type Protocol = 'entra' | 'oidc';

/** Where tokens come from. Built by `entra/authority.ts` only. */
export interface Authority {
  readonly protocol: Protocol;
  /** Full URL without a trailing slash: `https://login.microsoftonline.com/<tenant>` or the issuer. */
  readonly url: string;
  /** True if MSAL knows this host's endpoints, so that no discovery request is needed. */
  readonly known: boolean;
}

/** What a credential proves the client with. Key material is PEM text, decrypted. */
export type Credential =
  | { readonly kind: 'secret'; readonly secret: string }
  | {
      readonly kind: 'certificate';
      /** PKCS#8 PEM. */
      readonly privateKey: string;
      /** Bare hex, upper case. */
      readonly sha1: string;
      readonly sha256: string;
      /** PEM certificates, leaf first. */
      readonly chain: readonly string[];
      /** Seconds since the epoch. */
      readonly notBefore: number;
      readonly notAfter: number;
      readonly subject: string;
    };

export interface ClientCredentialsRequest {
  readonly authority: Authority;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly credential: Credential;
  /** Put the certificate chain into the assertion's `x5c` header. */
  readonly sendX5c: boolean;
  /** `sha1` signs RS256 with `x5t`, `sha256` signs PS256 with `x5t#S256`. */
  readonly thumbprint: 'sha1' | 'sha256';
  /** A claims request, as JSON. */
  readonly claims?: string;
}

export interface AcquiredToken {
  readonly accessToken: string;
  /** Seconds since the epoch. */
  readonly expiresOn: number;
  readonly tokenType: string;
  /** As granted, or as asked for when the server does not say. */
  readonly scopes: readonly string[];
}

/** The OAuth protocol (MSAL behind one file). @throws CliError auth_failed, network, … */
export interface TokenClient {
  clientCredentials(request: ClientCredentialsRequest, deadline: Deadline): Promise<AcquiredToken>;
}
