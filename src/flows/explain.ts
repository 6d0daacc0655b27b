import { describeSkew } from '../core/duration.ts';
import { CliError, type ErrorCode } from '../core/errors.ts';
import type { TokenRequest } from '../core/oauth.ts';
import { adviseAadsts } from '../entra/advice.ts';
import type { FlowContext } from './flow.ts';

/** Refusals that a wrong clock causes: an assertion or a code that seems to be of another time. */
const OF_TIME = [700024, 700027, 50013, 70008, 500133];
const SPEAKS_OF_TIME = /expired|not (yet )?valid|time range|lifetime/i;

/** A refusal with a known AADSTS number gets its cause and the next command; others pass. */
export function explainRefusal(
  error: unknown,
  request: TokenRequest,
  context: Pick<FlowContext, 'profile' | 'command'>,
): unknown {
  const explained = advise(error, request, context);
  if (!(explained instanceof CliError)) return explained;
  const { clockSkew, aadsts, hint } = explained.details;
  const spoken = error instanceof CliError ? error.message : '';
  const mayBeTime = OF_TIME.includes(aadsts ?? 0) || SPEAKS_OF_TIME.test(spoken);
  if (clockSkew === undefined || !mayBeTime) return explained;
  const first = `set the clock first: ${describeSkew(clockSkew)}`;
  return new CliError(explained.code, explained.message, {
    ...explained.details,
    hint: hint === undefined ? first : `${first}; else ${hint}`,
    cause: error,
  });
}

function advise(
  error: unknown,
  request: TokenRequest,
  { profile, command }: Pick<FlowContext, 'profile' | 'command'>,
): unknown {
  if (!(error instanceof CliError)) return error;
  const { aadsts, oauthError } = error.details;
  const facts = { ...request, profile: profile.name, command };
  const advice = aadsts === undefined ? undefined : adviseAadsts(aadsts, facts);
  if (advice !== undefined) {
    // a server that is busy stays busy, and what has ended stays ended, whatever number it gives
    const isSettled = error.code === 'network' || error.code === 'token_expired';
    const code = codeForFlow(isSettled ? error.code : advice.code, request);
    return new CliError(code, advice.message, {
      ...error.details,
      hint: advice.hint,
      cause: error,
    });
  }
  const code = codeForFlow(error.code, request);
  if (oauthError === undefined || code === error.code) return error;
  return new CliError(code, error.message, { ...error.details, cause: error });
}

/** No person can help an app that signs in as itself. */
function codeForFlow(code: ErrorCode, { flow }: Pick<TokenRequest, 'flow'>): ErrorCode {
  const needsPerson = code === 'interaction_required' || code === 'token_expired';
  return needsPerson && flow === 'ClientCredentials' ? 'auth_failed' : code;
}
