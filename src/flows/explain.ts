import { CliError, type ErrorCode } from '../core/errors.ts';
import { adviseAadsts } from '../entra/advice.ts';
import type { FlowRequest } from './flow.ts';

/** A refusal with a known AADSTS number gets its cause and the next command; others pass. */
export function explainRefusal(error: unknown, request: FlowRequest): unknown {
  if (!(error instanceof CliError)) return error;
  const { aadsts, oauthError } = error.details;
  const advice = aadsts === undefined ? undefined : adviseAadsts(aadsts, request);
  if (advice !== undefined) {
    // a server that is busy stays busy, whatever number it gives
    const code = error.code === 'network' ? error.code : settle(advice.code, request);
    return new CliError(code, advice.message, {
      ...error.details,
      hint: advice.hint,
      cause: error,
    });
  }
  const code = settle(error.code, request);
  if (oauthError === undefined || code === error.code) return error;
  return new CliError(code, error.message, { ...error.details, cause: error });
}

/** No person can help an app that signs in as itself. */
function settle(code: ErrorCode, { flow }: FlowRequest): ErrorCode {
  const needsPerson = code === 'interaction_required' || code === 'token_expired';
  return needsPerson && flow === 'ClientCredentials' ? 'auth_failed' : code;
}
