import type { Deadline } from './deadline.ts';
import type { FlowName } from './flow-names.ts';
import type { Origins } from './origin.ts';

export type Protocol = 'entra' | 'oidc';

/** Who issues the tokens. Only `entra/authority.ts` builds one. */
export interface Authority {
  readonly protocol: Protocol;
  /** `https://login.microsoftonline.com/<tenant>`, or the issuer's URL. No trailing slash. */
  readonly url: string;
  /** The exact issuer, if it is another one than the URL names. */
  readonly issuer?: string | undefined;
  /** True if MSAL knows this host's endpoints, so that no discovery request is needed. */
  readonly known: boolean;
}

/** What the client authenticates with. */
export type Credential =
  | { readonly kind: 'secret'; readonly secret: string }
  | {
      readonly kind: 'certificate';
      /** PKCS#8 PEM, not encrypted. */
      readonly privateKey: string;
      /** Thumbprints: upper-case hex digits without separators. */
      readonly sha1: string;
      readonly sha256: string;
      /** PEM certificates, leaf first. */
      readonly chain: readonly string[];
      /** Seconds since the epoch. */
      readonly notBefore: number;
      readonly notAfter: number;
      readonly subject: string;
    }
  | {
      /** A federated token (RFC 7523 section 2.2). */
      readonly kind: 'assertion';
      /** Gets a fresh one, because each request needs its own, even one that is sent again. */
      get(): Promise<string>;
    };

/**
 * Which token is wanted, and whose. Made once per call, by `usecases/token/token-request.ts`; the
 * flows, MSAL and the key of the token cache each take what they need of it.
 */
export interface TokenRequest {
  readonly authority: Authority;
  readonly tenantId: string;
  readonly clientId: string;
  readonly flow: FlowName;
  readonly scopes: readonly string[];
  /** A claims request, as JSON. */
  readonly claims?: string | undefined;
  /** Client capabilities (`xms_cc`): `cp1` says that callers can handle claims challenges. */
  readonly capabilities?: readonly string[];
  /** Put the certificate chain into the assertion's `x5c` header. */
  readonly sendX5c: boolean;
  /** `sha1` signs RS256 with `x5t`, `sha256` signs PS256 with `x5t#S256`. */
  readonly thumbprint: 'sha1' | 'sha256';
  /** The account to sign in with. */
  readonly loginHint?: string | undefined;
  /** Where its parts came from, for hints. */
  readonly origins?: Origins;
  /** Send the request although an earlier `Retry-After` has not ended. */
  readonly ignoresRetryAfter?: boolean;
}

/** The parts of a `TokenRequest` that every grant needs, and how the client authenticates. */
export interface GrantRequest
  extends Omit<TokenRequest, 'tenantId' | 'flow' | 'loginHint' | 'origins'> {
  /** Without one the client is public (RFC 6749 section 2.1). */
  readonly credential?: Credential | undefined;
}

export interface ClientCredentialsRequest extends GrantRequest {
  readonly credential: Credential;
}

/** An authorization request (RFC 6749 section 4.1.1) with PKCE (RFC 7636) and a nonce. */
export interface AuthorizationRequest extends GrantRequest {
  readonly redirectUri: string;
  readonly responseMode: 'query' | 'form_post';
  readonly state: string;
  readonly nonce: string;
  /** Made with the method S256. */
  readonly codeChallenge: string;
  readonly prompt?: string | undefined;
  readonly loginHint?: string | undefined;
}

export interface AuthorizationLink {
  /** To open in a browser. */
  readonly url: string;
  /** The value that `iss` in the redirect must have (RFC 9207), if it is known in advance. */
  readonly issuer?: string | undefined;
}

export interface CodeRequest extends GrantRequest {
  readonly code: string;
  /** The same as in the authorization request. */
  readonly redirectUri: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What a person needs to sign in on another device (RFC 8628 section 3.2). Already validated. */
export interface DeviceAuthorization {
  readonly userCode: string;
  /** https */
  readonly verificationUri: string;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface DeviceRequest extends GrantRequest {
  /** Called once, when the server has answered with a code. */
  show(authorization: DeviceAuthorization): void;
}

export interface RefreshRequest extends GrantRequest {
  readonly refreshToken: string;
  /**
   * Gets the refresh token of the response before the response is checked, because with rotation the
   * one that was sent is no longer valid.
   */
  keep(rotated: RotatedToken): Promise<void>;
}

/** A refresh token from a response, be it the first one or one that replaces another. */
export interface RotatedToken {
  readonly refreshToken: string;
  /** Seconds since the epoch; absent if the server does not say. */
  readonly refreshTokenExpiresOn?: number | undefined;
}

export interface Account {
  /**
   * Stable and unique within the authority: Entra's `<object id>.<tenant id>`, else the `sub`
   * claim.
   */
  readonly id: string;
  readonly username?: string;
  /** The tenant in which the account signed in. */
  readonly tenantId?: string;
}

/** Who signed in, and the refresh token that renews the sign-in without asking the person again. */
export interface SignedIn extends Partial<RotatedToken> {
  /** Absent if the response has no ID token, which a refresh need not return. */
  readonly account?: Account;
}

/** An access token, and what the server says of it (RFC 6749 section 5.1). */
export interface AccessToken {
  /** Printable ASCII characters, no blanks. */
  readonly accessToken: string;
  /** Seconds since the epoch. */
  readonly expiresOn: number;
  readonly tokenType: string;
  /** The granted scopes; the requested ones if the server does not say. */
  readonly scopes: readonly string[];
}

export interface AcquiredToken extends AccessToken {
  /** Absent when the application signed in for itself. */
  readonly signedIn?: SignedIn;
}

/**
 * The OAuth grants, implemented by `adapters/msal/`. Every method rejects with `CliError`:
 * auth_failed, interaction_required, token_expired, network, or the deadline's reason.
 */
export interface TokenClient {
  clientCredentials(request: ClientCredentialsRequest, deadline: Deadline): Promise<AcquiredToken>;
  authorizationLink(request: AuthorizationRequest, deadline: Deadline): Promise<AuthorizationLink>;
  redeemCode(request: CodeRequest, deadline: Deadline): Promise<AcquiredToken>;
  /** Polls until the person has signed in (RFC 8628 section 3.4). */
  deviceCode(request: DeviceRequest, deadline: Deadline): Promise<AcquiredToken>;
  refresh(request: RefreshRequest, deadline: Deadline): Promise<AcquiredToken>;
}
