import { startDeadline } from '../../core/deadline.ts';
import type { App } from '../../core/ports.ts';
import { audiencesOf, textClaim } from '../../tokens/claims.ts';
import type { SignedToken } from '../../tokens/jwt.ts';
import { GRAPH, knownApi } from '../../tokens/known-names.ts';
import {
  CLOCK_TOLERANCE_SECONDS,
  checkClaims,
  checkForm,
  notVerified,
} from '../../tokens/verify-rules.ts';
import { fetchKeys, keysOfFile, trustIssuer } from './issuer-keys.ts';

export interface VerifyOptions {
  /** URL of an issuer to trust instead of those of Entra. */
  readonly issuer?: string | undefined;
  /** A file with the issuer's keys, which are fetched without it; `-` is stdin. */
  readonly jwks?: string | undefined;
  /** The accepted audiences; if empty, the audience is not checked. */
  readonly audiences: readonly string[];
  readonly timeoutSeconds: number;
}

export type Verification = Awaited<ReturnType<typeof verifyToken>>;

/**
 * Verifies signature, issuer, audience and times (RFC 7519 section 7.2). The signature is checked
 * first, so that only a genuine token is reported as expired.
 * @throws CliError auth_failed, token_expired, network (key set not reachable), usage
 */
export async function verifyToken(app: App, token: SignedToken, options: VerifyOptions) {
  const { header, payload } = token;
  checkForm(token);
  refuseGraph(token);
  const trusted = trustIssuer(payload.value, options.issuer);
  const deadline = startDeadline(options.timeoutSeconds, app.interrupted);
  const keys =
    options.jwks === undefined
      ? await fetchKeys(app, trusted, header.value, deadline)
      : await keysOfFile(app, options.jwks, trusted, header.value);

  const algorithm = textClaim(header.value, 'alg') ?? '';
  const signatures = await app.signatures();
  let signed = false;
  for (const key of keys) {
    signed ||= await signatures.isSignedBy(token.compact, key, algorithm);
  }
  if (!signed) throw notVerified('the signature is not the one of its issuer: forged or damaged');
  checkClaims(payload.value, options.audiences, app.clock.now());
  return {
    algorithm,
    keyId: textClaim(header.value, 'kid'),
    issuer: trusted.issuer,
    audienceChecked: options.audiences.length > 0,
    clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
  };
}

/**
 * Only Microsoft Graph can verify its tokens, because it signs another `nonce` than the header
 * contains.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
function refuseGraph({ header, payload }: SignedToken): void {
  const isGraph = audiencesOf(payload.value).some((aud) => knownApi(aud) === GRAPH);
  if (!isGraph && !Object.hasOwn(header.value, 'nonce')) return;
  const whose = isGraph ? 'a Microsoft Graph token' : 'a token with a nonce in its header';
  throw notVerified(
    `${whose} can be verified by its API alone, by design; this does not mean that it is forged`,
    'tokencli inspect --explain',
  );
}
