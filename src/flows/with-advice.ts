import { describeSkew } from '../core/duration.ts';
import { CliError, type ErrorCode } from '../core/errors.ts';
import type { TokenRequest } from '../core/oauth.ts';
import { type RequestPart, sourcesOutsideProfile } from '../core/origin.ts';
import { adviseAadsts } from '../entra/advice.ts';
import type { FlowContext } from './flow.ts';

/** AADSTS numbers that a wrong local clock can cause, since an assertion or a code seems expired. */
const CLOCK_ERRORS = [700024, 700027, 50013, 70008, 500133];
/** The value that the descriptions of AADSTS700211 to 700213 quote. */
const PRESENTED = /presented assertion \w+ '([^']{1,200})'/;
const CLOCK_WORDS = /expired|not (yet )?valid|time range|lifetime/i;

/**
 * Adds the cause and the next command to an error with a known AADSTS number, and a hint about the
 * local clock where a wrong one can be the cause. Other errors are returned as they are.
 */
export function withAdvice(
  error: unknown,
  request: TokenRequest,
  context: Pick<FlowContext, 'profile' | 'command'>,
): unknown {
  if (!(error instanceof CliError)) return error;
  const advised = adviseByNumber(error, request, context);
  const { clockSkew, aadsts, hint } = advised.details;
  const mayBeClock = CLOCK_ERRORS.includes(aadsts ?? 0) || CLOCK_WORDS.test(error.message);
  if (clockSkew === undefined || !mayBeClock) return advised;
  const first = `set the clock first: ${describeSkew(clockSkew)}`;
  return advised.with({ hint: hint === undefined ? first : `${first}; else ${hint}` });
}

function adviseByNumber(
  error: CliError,
  request: TokenRequest,
  { profile, command }: Pick<FlowContext, 'profile' | 'command'>,
): CliError {
  const { aadsts, oauthError } = error.details;
  const presented = PRESENTED.exec(error.message)?.[1];
  const facts = { ...request, profile: profile.name, command, presented };
  const advice = aadsts === undefined ? undefined : adviseAadsts(aadsts, facts);
  if (advice !== undefined) {
    // `network` says that the server was busy: keep it, because a retry may then succeed
    const code = error.code === 'network' ? error.code : codeForFlow(advice.code, request);
    return error.with({ ...advice, code });
  }
  const code = codeForFlow(error.code, request);
  const named = nameOrigins(error, request);
  if (oauthError === undefined || code === error.code) return named;
  return named.with({ code });
}

/**
 * An error without advice may be due to a value that a flag or a variable gave, so the hint names
 * those.
 */
function nameOrigins(error: CliError, { origins }: TokenRequest): CliError {
  const { hint, oauthError } = error.details;
  const refused = error.code === 'auth_failed' && oauthError !== undefined;
  const parts: readonly RequestPart[] = refused
    ? ['credential', 'clientId', 'tenantId', 'authority']
    : [];
  const names = sourcesOutsideProfile(origins, error.code === 'network' ? ['authority'] : parts);
  if (names.length === 0) return error;
  const cure = `check ${names.join(', ')}`;
  return error.with({ hint: hint === undefined ? cure : `${hint}; ${cure}` });
}

/** An app that signs in as itself gains nothing from a person's sign-in. */
function codeForFlow(code: ErrorCode, { flow }: Pick<TokenRequest, 'flow'>): ErrorCode {
  const needsPerson = code === 'interaction_required' || code === 'token_expired';
  return needsPerson && flow === 'ClientCredentials' ? 'auth_failed' : code;
}
