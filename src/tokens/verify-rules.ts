import { CliError } from '../core/errors.ts';
import { sameName } from '../core/names.ts';
import { dateClaim, textClaim } from './claims.ts';
import { isObject, type JsonObject, type SignedToken } from './jwt.ts';
import { isFor } from './needs.ts';

/** Seconds by which clocks may differ when `nbf` and `exp` are compared (RFC 7519 section 4.1.4). */
export const CLOCK_TOLERANCE_SECONDS = 60;

/** RFC 7518 section 3.1: the key each algorithm takes. Symmetric ones and `none` are not here. */
const ALGORITHMS: Readonly<Record<string, { readonly kty: string; readonly crv?: string }>> = {
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
};
const MOST_KEYS = 100;

/** What to say about a header before any signature is looked at. @returns undefined if it is fine */
export function algorithmFlaw(header: JsonObject): string | undefined {
  const algorithm = textClaim(header, 'alg');
  if (algorithm === undefined) return 'its header names no algorithm (alg)';
  if (Object.hasOwn(ALGORITHMS, algorithm)) return undefined;
  if (sameName(algorithm, 'none')) return 'it is unsigned (alg none): anybody can write it';
  if (/^HS\d+$/i.test(algorithm)) {
    return `it is signed with a shared secret (alg ${algorithm}), which proves nothing to others`;
  }
  return `its algorithm ${algorithm} is not one of RS, PS or ES with 256, 384 or 512`;
}

/** @throws CliError auth_failed: a token that must not be trusted whoever signed it */
export function checkForm({ header, payload }: SignedToken): void {
  const flaw = algorithmFlaw(header.value);
  if (flaw) throw notVerified(flaw);
  const twice = header.duplicates[0] ?? payload.duplicates[0];
  if (twice !== undefined) throw notVerified(`it names ${twice} twice, so it can be read two ways`);
  // RFC 7515 section 4.1.11: an extension that is not understood makes the token invalid.
  if (Object.hasOwn(header.value, 'crit')) throw notVerified('its header has critical extensions');
}

/**
 * The keys of a key set (RFC 7517 section 5) that may have signed a token: same id (or all, if the
 * header gives none), right type, meant for signatures, and of this issuer where a key says so.
 * `jku`, `x5u`, `jwk` and `x5c` of the header are never looked at (RFC 8725 section 3.10).
 * @returns public members only
 */
export function fittingKeys(
  keySet: readonly unknown[],
  header: JsonObject,
  issuer: string,
): JsonObject[] {
  const algorithm = textClaim(header, 'alg') ?? '';
  const wanted = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  const id = textClaim(header, 'kid') ?? textClaim(header, 'x5t');
  return keySet
    .slice(0, MOST_KEYS)
    .filter(isObject)
    .filter(
      (key) =>
        key['kty'] === wanted?.kty &&
        (wanted?.crv === undefined || key['crv'] === wanted.crv) &&
        (id === undefined || key['kid'] === id) &&
        (key['use'] === undefined || key['use'] === 'sig') &&
        (key['alg'] === undefined || key['alg'] === algorithm) &&
        allowsVerify(key['key_ops']) &&
        isKeyOf(key['issuer'], issuer),
    )
    .map(({ kty, n, e, crv, x, y }) => (kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y }));
}

function allowsVerify(operations: unknown): boolean {
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

/** Entra's keys name the issuers that may use them, with a place for the tenant. */
function isKeyOf(keyIssuer: unknown, issuer: string): boolean {
  return typeof keyIssuer !== 'string' || issuerMatches(keyIssuer, issuer);
}

/** @param pattern an issuer, in which `{tenantid}` stands for the token's tenant */
export function issuerMatches(pattern: string, issuer: string): boolean {
  const [before = '', after] = pattern.split('{tenantid}', 2);
  if (after === undefined) return pattern === issuer;
  const tenant = issuer.slice(before.length, issuer.length - after.length);
  return issuer === `${before}${tenant}${after}` && /^[\da-f-]{36}$/i.test(tenant);
}

/**
 * The claims of a token whose signature is right.
 * @param audiences acceptable values; with none the audience is not checked
 * @param now seconds since the epoch
 * @throws CliError auth_failed, token_expired
 */
export function checkClaims(claims: JsonObject, audiences: readonly string[], now: number): void {
  if (audiences.length > 0 && !isFor(claims, audiences)) {
    throw notVerified(`it is for another audience than ${audiences.join(' or ')}`);
  }
  const expires = dateClaim(claims, 'exp');
  if (expires === undefined) throw notVerified('it has no expiry (exp)');
  if (Object.hasOwn(claims, 'nbf')) {
    const begins = dateClaim(claims, 'nbf');
    if (begins === undefined) throw notVerified('its nbf is not a date');
    if (begins > now + CLOCK_TOLERANCE_SECONDS) {
      throw new CliError('token_expired', 'the signature is right, but the token is not valid yet');
    }
  }
  if (expires <= now - CLOCK_TOLERANCE_SECONDS) {
    throw new CliError('token_expired', 'the signature is right, but the token has expired', {
      hint: 'tokencli get-token --force-refresh',
    });
  }
}

export function notVerified(why: string, hint?: string): CliError {
  return new CliError('auth_failed', `not verified: ${why}`, hint ? { hint } : {});
}
