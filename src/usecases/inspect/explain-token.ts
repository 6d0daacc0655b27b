import { isObject } from '../../core/json.ts';
import { sameName } from '../../core/names.ts';
import {
  appIdOf,
  audiencesOf,
  firstText,
  hasClaim,
  listClaim,
  rolesOf,
  scopesOf,
  textClaim,
  timesOf,
} from '../../tokens/claims.ts';
import { recogniseIssuer } from '../../tokens/issuers.ts';
import type { JsonObject, SignedToken } from '../../tokens/jwt.ts';
import {
  clientAuthentication,
  directoryRole,
  knownApi,
  knownClient,
  signInMethod,
} from '../../tokens/known-names.ts';
import { type TokenKind, tokenKindOf } from '../../tokens/token-kind.ts';

const USERNAMES = ['upn', 'preferred_username', 'unique_name', 'email'];

/** What a token says; `undefined` where it says nothing. Dates are in seconds since the epoch. */
export type Explanation = ReturnType<typeof explainToken>;

/**
 * Interprets the claims of a token.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @param now seconds since the epoch
 * @param verified true if the signature has been verified
 */
export function explainToken(token: SignedToken, now: number, verified: boolean) {
  const claims = token.payload.value;
  const header = token.header.value;
  const issuer = textClaim(claims, 'iss');
  const entra = issuer === undefined ? undefined : recogniseIssuer(issuer);
  const appId = appIdOf(claims);
  const authentication = firstText(claims, 'appidacr', 'azpacr');
  const access = tokenKindOf(claims);
  const times = timesOf(claims);
  return {
    access,
    version: textClaim(claims, 'ver'),
    audience: audiencesOf(claims).map((id) => ({ id, name: knownApi(id) })),
    issuer,
    cloud: entra?.cloud,
    tenantId: textClaim(claims, 'tid') ?? entra?.tenantId,
    app:
      appId === undefined
        ? undefined
        : { id: appId, name: textClaim(claims, 'app_displayname') ?? knownClient(appId) },
    clientAuthentication:
      authentication && (clientAuthentication(authentication) ?? authentication),
    subject: {
      kind: subjectKind(claims, access),
      name: textClaim(claims, 'name'),
      /** The name that the person signs in with. */
      username: firstText(claims, ...USERNAMES) ?? listClaim(claims, 'emails')[0],
      /** The object id in the directory. */
      id: textClaim(claims, 'oid'),
      /** The same person has another one at every app. */
      subject: textClaim(claims, 'sub'),
      resource: textClaim(claims, 'xms_mirid'),
    },
    signIn: {
      methods: listClaim(claims, 'amr').map((id) => ({ id, name: signInMethod(id) })),
      acr: textClaim(claims, 'acr'),
    },
    scopes: scopesOf(claims),
    roles: rolesOf(claims),
    directoryRoles: listClaim(claims, 'wids').map((id) => ({ id, name: directoryRole(id) })),
    /** True if the groups are too many for the token, which then has none of them. */
    groupOverage: hasGroupOverage(claims),
    continuousAccessEvaluation: listClaim(claims, 'xms_cc').some((c) => sameName(c, 'cp1')),
    ...times,
    timeLeftSeconds: times.expiresOn === undefined ? undefined : Math.floor(times.expiresOn - now),
    signature: {
      algorithm: textClaim(header, 'alg'),
      keyId: firstText(header, 'kid', 'x5t'),
      verified,
    },
  };
}

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#groups-overage-claim */
function hasGroupOverage(claims: JsonObject): boolean {
  const elsewhere = hasClaim(claims, '_claim_names') ? claims['_claim_names'] : undefined;
  const isThere = isObject(elsewhere) && Object.hasOwn(elsewhere, 'groups');
  return isThere || (Object.hasOwn(claims, 'hasgroups') && String(claims['hasgroups']) === 'true');
}

function subjectKind(
  claims: JsonObject,
  access: TokenKind,
): 'user' | 'guest user' | 'app' | 'managed identity' | 'unknown' {
  if (textClaim(claims, 'xms_mirid') !== undefined) return 'managed identity';
  if (access === 'app-only') return 'app';
  if (access === 'unknown' || access === 'refresh-token') return 'unknown';
  const home = textClaim(claims, 'idp');
  return home !== undefined && home !== textClaim(claims, 'iss') ? 'guest user' : 'user';
}
