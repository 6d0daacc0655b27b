import { DEFAULT_TIMEOUT_SECONDS } from '../../core/defaults.ts';
import { parseDuration } from '../../core/duration.ts';
import { CliError } from '../../core/errors.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import type { App, Outcome, Style } from '../../core/ports.ts';
import { splitScopes } from '../../entra/scopes.ts';
import { prettyJson } from '../../output/json-text.ts';
import {
  type EncryptedToken,
  isMicrosoftRefreshToken,
  type OpaqueToken,
  type SignedToken,
} from '../../tokens/jwt.ts';
import { findMissing, type Needs } from '../../tokens/needs.ts';
import { findAlgorithmProblem } from '../../tokens/verify-rules.ts';
import { diffTokens } from './diff-tokens.ts';
import { readToken, type TokenSource } from './read-token.ts';
import { type Verification, verifyToken } from './verify-token.ts';
import { formatSigned, sayTimes, showClaim, showExplanation } from './views.ts';

export type InspectInput = TokenSource &
  Values<'claim' | 'issuer' | 'jwks' | 'timeout'> &
  Flags<'full' | 'explain' | 'json' | 'verify' | 'no-color'> &
  Lists<'diff' | 'need-scope' | 'need-role' | 'need-aud'>;

/**
 * Decodes a token and prints what it says. Only with `verify` is the network used and the signature
 * checked.
 * @throws CliError usage, invalid_data, auth_failed (not verified, or a need not met),
 *   token_expired and network (with `verify`)
 */
export async function inspect(app: App, input: InspectInput): Promise<Outcome> {
  checkCombination(input);
  if (input.diff) return diffTokens(app, input.diff, input.json === true);
  const token = await readToken(app, input);
  if (token.kind === 'opaque') throw opaqueError(token);
  const style = await stdoutStyle(app, input);
  if (token.kind === 'encrypted') return showEncrypted(app, token, input, style);

  const flaw = findAlgorithmProblem(token.header.value);
  if (flaw) app.log.warn(flaw);
  const verification = input.verify ? await verify(app, token, input) : undefined;
  checkNeeds(token, needsOf(input));
  const view = { full: input.full, json: input.json, verification, style };
  if (input.explain) return showExplanation(app, token, view);
  if (input.claim !== undefined) return showClaim(app, token, input.claim);
  if (app.io.stdoutIsTty) sayTimes(app, token.payload.value, verification !== undefined);
  return { stdout: `${formatSigned(token, view)}\n` };
}

function checkCombination(input: InspectInput): void {
  const views = [input.full && '--full', input.explain && '--explain', input.diff && '--diff'];
  const chosen = [...views, input.claim !== undefined && '--claim'].filter(Boolean);
  if (chosen.length > 1) throw new CliError('usage', `${chosen.join(' and ')} exclude each other`);
  for (const name of ['issuer', 'jwks'] as const) {
    if (input[name] === undefined || input.verify) continue;
    throw new CliError('usage', `--${name} needs --verify`);
  }
  if (input['need-scope']?.some((scopes) => splitScopes([scopes]).length === 0)) {
    throw new CliError('usage', '--need-scope names no scope');
  }
  const { token = '-', file = token } = input;
  if (input.jwks === '-' && file === '-') {
    throw new CliError('usage', 'stdin cannot give both the token and the keys');
  }
}

/** Shows the header of a JWE. Its claims are encrypted, so options that need claims fail. */
function showEncrypted(
  app: App,
  { header }: EncryptedToken,
  input: InspectInput,
  style: Style | undefined,
): Outcome {
  const { scopes, roles, audiences } = needsOf(input);
  const asked = scopes.length + roles.length + audiences.length > 0;
  if (input.verify || asked || input.claim !== undefined) {
    throw new CliError(
      'auth_failed',
      'the token is encrypted for its API, which alone can read it',
    );
  }
  app.log.say('encrypted for the API (JWE): only the header can be read');
  const text =
    input.full || (input.explain && input.json) ? `{"header":${header.text}}` : header.text;
  return { stdout: `${prettyJson(text, style)}\n` };
}

async function verify(app: App, token: SignedToken, input: InspectInput): Promise<Verification> {
  const audiences = input['need-aud'] ?? [];
  const { issuer, jwks, timeout } = input;
  const usual = DEFAULT_TIMEOUT_SECONDS.issuerKeys;
  const timeoutSeconds = timeout === undefined ? usual : parseDuration(timeout, '--timeout');
  const verification = await verifyToken(app, token, { issuer, jwks, audiences, timeoutSeconds });
  const { algorithm, clockToleranceSeconds, audienceChecked } = verification;
  app.log.done(
    `verified: signature (${algorithm}), issuer and times (${clockToleranceSeconds}s tolerance)`,
  );
  if (!audienceChecked) {
    app.log.say('the audience was not checked: name the one you expect with --need-aud');
  }
  return verification;
}

function needsOf(input: InspectInput): Needs {
  return {
    scopes: splitScopes(input['need-scope'] ?? []),
    roles: input['need-role'] ?? [],
    audiences: input['need-aud'] ?? [],
  };
}

function checkNeeds({ payload }: SignedToken, needs: Needs): void {
  const missing = findMissing(payload.value, needs);
  if (missing.length === 0) return;
  const what = missing.map((each) => each.what).join(', ');
  const grants = [...new Set(missing.map((each) => each.grant))];
  throw new CliError('auth_failed', `the token lacks ${what}`, { hint: grants.join('; ') });
}

async function stdoutStyle(app: App, input: InspectInput): Promise<Style | undefined> {
  const wanted = app.io.stdoutIsTty && !app.env['NO_COLOR'] && !input['no-color'];
  return wanted ? app.style() : undefined;
}

function opaqueError({ compact }: OpaqueToken): CliError {
  const what = isMicrosoftRefreshToken(compact)
    ? 'this looks like a refresh token of Entra: it is for its app alone, keep it like a password'
    : `the token of ${compact.length} characters is opaque: only the API it is for can read it`;
  return new CliError('invalid_data', what);
}
