import {
  appIdOf,
  audiencesOf,
  firstText,
  hasClaim,
  rolesOf,
  scopesOf,
  textClaim,
} from './claims.ts';
import { recogniseIssuer } from './issuers.ts';
import type { JsonObject } from './jwt.ts';

/** What a token is for: calling APIs, saying who signed in, or getting new tokens. */
export type TokenKind = 'delegated' | 'app-only' | 'id-token' | 'refresh-token' | 'unknown';

/** `typ` among the claims of Keycloak; others have it in the header. */
const KEYCLOAK_KINDS: Readonly<Record<string, TokenKind>> = {
  ID: 'id-token',
  Refresh: 'refresh-token',
  Offline: 'refresh-token',
};

/** Claims about a sign-in (OpenID Connect Core sections 2, 3.1.3.6, 3.3.2.11 and 5.1). */
const ID_TOKEN_CLAIMS = [
  ...['nonce', 'at_hash', 'c_hash', 's_hash', 'auth_time'],
  ...['preferred_username', 'email', 'emails'],
];

/** Tells kinds of tokens apart by their claims: there is no one claim that all issuers set. */
export function tokenKindOf(claims: JsonObject): TokenKind {
  const named = KEYCLOAK_KINDS[textClaim(claims, 'typ') ?? ''];
  if (named !== undefined) return named;
  const type = textClaim(claims, 'idtyp');
  const [subject, appId] = [textClaim(claims, 'sub'), appIdOf(claims)];
  // RFC 9068 section 2.2: where no person is involved, the subject is the client
  if (type === 'app' || (subject !== undefined && subject === appId)) return 'app-only';
  if (appId !== undefined && isServiceAccount(claims, appId)) return 'app-only';
  if (type === 'user' || scopesOf(claims).length > 0) return 'delegated';
  if (textClaim(claims, 'typ') !== 'Bearer' && isIdToken(claims, appId)) return 'id-token';
  // only an access token names the app that it was made for apart from its audience
  if (appId === undefined) return 'unknown';
  const isApp = subject !== undefined && subject === textClaim(claims, 'oid');
  return isApp || rolesOf(claims).length > 0 ? 'app-only' : 'unknown';
}

/** Keycloak makes a user for each client that signs in as itself, and names it after the client. */
function isServiceAccount(claims: JsonObject, appId: string): boolean {
  return textClaim(claims, 'preferred_username') === `service-account-${appId.toLowerCase()}`;
}

function isIdToken(claims: JsonObject, appId: string | undefined): boolean {
  const speaksOfSignIn = ID_TOKEN_CLAIMS.some((name) => hasClaim(claims, name));
  // Google and Keycloak: the app that asked is the audience; access tokens of Entra say how it did
  if (appId !== undefined) {
    const authenticated = firstText(claims, 'appidacr', 'azpacr') !== undefined;
    return speaksOfSignIn && !authenticated && audiencesOf(claims).includes(appId);
  }
  const issuer = textClaim(claims, 'iss');
  return speaksOfSignIn || (issuer !== undefined && recogniseIssuer(issuer) !== undefined);
}
