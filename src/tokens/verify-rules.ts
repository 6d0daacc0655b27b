import { X509Certificate } from 'node:crypto';
import { attempt } from '../core/attempt.ts';
import { CliError } from '../core/errors.ts';
import { isObject, withoutAbsent } from '../core/json.ts';
import { sameName } from '../core/names.ts';
import { dateClaim, textClaim } from './claims.ts';
import type { JsonObject, SignedToken } from './jwt.ts';
import { isFor } from './needs.ts';

/**
 * Seconds by which clocks may differ when `nbf` and `exp` are compared (RFC 7519 section 4.1.4).
 */
export const CLOCK_TOLERANCE_SECONDS = 60;

/**
 * The accepted algorithms (RFC 7518 section 3.1): not `none`, and none with a shared secret. Those of
 * elliptic curves come with the curve that the key must have.
 */
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const EC_CURVES: ReadonlyMap<string, string> = new Map([
  ['ES256', 'P-256'],
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
]);
const MOST_KEYS = 100;

/** What is wrong with the `alg` of a header. @returns undefined if nothing is */
export function findAlgorithmProblem(header: JsonObject): string | undefined {
  const algorithm = textClaim(header, 'alg');
  if (algorithm === undefined) return 'its header names no algorithm (alg)';
  if (RSA_ALGORITHMS.includes(algorithm) || EC_CURVES.has(algorithm)) return undefined;
  if (sameName(algorithm, 'none')) return 'it is unsigned (alg none): anybody can write it';
  if (/^HS\d+$/i.test(algorithm)) {
    return `it is signed with a shared secret (alg ${algorithm}), which proves nothing to others`;
  }
  return `its algorithm ${algorithm} is not one of RS, PS or ES with 256, 384 or 512`;
}

/**
 * Rejects a token that must not be trusted even with a valid signature.
 * @throws CliError auth_failed
 */
export function checkForm({ header, payload }: SignedToken): void {
  const problem = findAlgorithmProblem(header.value);
  if (problem) throw notVerified(problem);
  const twice = header.duplicates[0] ?? payload.duplicates[0];
  if (twice !== undefined) throw notVerified(`it names ${twice} twice, so it can be read two ways`);
  // RFC 7515 section 4.1.11: a token with a critical extension that is not understood is invalid
  if (Object.hasOwn(header.value, 'crit')) throw notVerified('its header has critical extensions');
}

/**
 * The keys of a key set (RFC 7517 section 5) that may have signed a token: they have the id that
 * the header names (if it names one), the type that the algorithm takes, are for signatures, and
 * belong to this issuer (if the key names one). Keys in the header itself (`jku`, `x5u`, `jwk`,
 * `x5c`) are ignored, because an attacker could put his own there (RFC 8725 section 3.10).
 * @returns public JWKs
 */
export function fittingKeys(
  keySet: readonly unknown[],
  header: JsonObject,
  issuer: string,
): JsonObject[] {
  const algorithm = textClaim(header, 'alg') ?? '';
  const curve = EC_CURVES.get(algorithm);
  const id = textClaim(header, 'kid') ?? textClaim(header, 'x5t');
  return keySet
    .slice(0, MOST_KEYS)
    .filter(isObject)
    .map(withoutAbsent)
    .map(withMaterial)
    .filter(
      (key) =>
        key['kty'] === (curve === undefined ? 'RSA' : 'EC') &&
        (key['n'] !== undefined || key['x'] !== undefined) &&
        key['crv'] === curve &&
        (id === undefined || key['kid'] === id) &&
        (key['use'] === undefined || key['use'] === 'sig') &&
        (key['alg'] === undefined || key['alg'] === algorithm) &&
        allowsVerify(key['key_ops']) &&
        isKeyOf(key['issuer'], issuer),
    )
    .map(({ kty, n, e, crv, x, y }) => (kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y }));
}

/** A key may be there as a certificate alone (RFC 7517 section 4.7). */
function withMaterial(key: JsonObject): JsonObject {
  const [leaf] = Array.isArray(key['x5c']) ? key['x5c'] : [];
  if (key['n'] !== undefined || key['x'] !== undefined || typeof leaf !== 'string') return key;
  const der = Buffer.from(leaf, 'base64');
  const material = attempt(() => new X509Certificate(der).publicKey.export({ format: 'jwk' }));
  return { ...key, ...material };
}

function allowsVerify(operations: unknown): boolean {
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

/** Keys of Entra name their issuer, with `{tenantid}` in place of the tenant. */
function isKeyOf(keyIssuer: unknown, issuer: string): boolean {
  return typeof keyIssuer !== 'string' || issuerMatches(keyIssuer, issuer);
}

/** @param pattern an issuer, in which `{tenantid}` stands for any tenant's id */
export function issuerMatches(pattern: string, issuer: string): boolean {
  const [before = '', after] = pattern.split('{tenantid}', 2);
  if (after === undefined) return pattern === issuer;
  const tenant = issuer.slice(before.length, issuer.length - after.length);
  return issuer === `${before}${tenant}${after}` && /^[\da-f-]{36}$/i.test(tenant);
}

/**
 * Checks audience and times of a token whose signature is valid.
 * @param audiences the accepted audiences; if empty, the audience is not checked
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
  return new CliError('auth_failed', `not verified: ${why}`, { hint });
}
