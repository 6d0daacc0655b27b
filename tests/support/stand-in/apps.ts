import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { type FederatedCredential, secretInPlace } from './federation.ts';

/** An application registered in the stand-in's tenant. */
export interface StandInClient {
  /** The client id. */
  readonly id: string;
  readonly secret?: string;
  /** Entra takes every secret of an application whose time is not over. */
  readonly otherSecrets?: readonly string[];
  /** The secret is right, but its time is over. */
  readonly secretExpired?: boolean;
  /** PEM, in place of a secret. */
  readonly certificate?: string;
  /** Trusts tokens of another issuer in place of a secret (workload identity federation). */
  readonly federated?: FederatedCredential;
  /** Makes it good for sign-in; `http://localhost` allows every port. */
  readonly redirectUris?: readonly string[];
  /** Good for device codes; by default every public client that signs people in is. */
  readonly devices?: boolean;
  /** Application permissions that a token names as `roles`. */
  readonly roles?: readonly string[];
}

export interface StandInUser {
  readonly username: string;
  readonly password: string;
}

/** An API for which tokens can be had, by its application ID URI. */
export interface StandInResource {
  readonly uri: string;
  /** Names of the delegated permissions. */
  readonly scopes: readonly string[];
}

/** RFC 8628 section 3.4. Entra knows it by a short name too. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export const DEFAULT_RESOURCES: readonly StandInResource[] = [
  { uri: 'https://graph.microsoft.com', scopes: ['User.Read', 'Mail.Read', 'Calendars.Read'] },
  { uri: 'api://orders', scopes: ['Orders.Read', 'Orders.Write'] },
];

/** The registration as oidc-provider wants it (RFC 7591). */
export function clientMetadata(client: StandInClient): object {
  const signIn = client.redirectUris !== undefined;
  const secret = client.federated ? secretInPlace(client.id) : client.secret;
  const confidential = secret !== undefined || client.certificate !== undefined;
  const devices = client.devices ?? (signIn && !confidential);
  return {
    client_id: client.id,
    token_endpoint_auth_method: authMethod(client),
    ...(secret !== undefined && { client_secret: secret }),
    ...(client.secretExpired && { client_secret_expires_at: 1 }),
    ...(client.certificate !== undefined && { jwks: { keys: [publicJwk(client.certificate)] } }),
    application_type: 'native',
    grant_types: [
      ...(confidential ? ['client_credentials'] : []),
      ...(signIn ? ['authorization_code'] : []),
      ...(devices ? [DEVICE_GRANT] : []),
      ...(signIn || devices ? ['refresh_token'] : []),
    ],
    response_types: signIn ? ['code'] : [],
    redirect_uris: [...(client.redirectUris ?? [])],
  };
}

/** Thumbprints as they stand in an assertion's header: base64url of the hash of the DER. */
export function thumbprints(certificate: string): { readonly x5t: string; readonly s256: string } {
  const { raw } = new X509Certificate(certificate);
  const hash = (name: string) => createHash(name).update(raw).digest('base64url');
  return { x5t: hash('sha1'), s256: hash('sha256') };
}

function authMethod(client: StandInClient): string {
  if (client.certificate !== undefined) return 'private_key_jwt';
  const hasSecret = client.secret !== undefined || client.federated !== undefined;
  return hasSecret ? 'client_secret_post' : 'none';
}

function publicJwk(certificate: string): object {
  return createPublicKey(certificate).export({ format: 'jwk' });
}
