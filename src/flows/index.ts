import type { FlowName } from '../core/flow-names.ts';
import type { AcquiredToken, TokenRequest } from '../core/oauth.ts';
import { authorizationCode, interactiveBrowser } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import { deviceCode } from './device-code.ts';
import type { Flow, FlowContext } from './flow.ts';
import { type RefreshToken, redeemRefreshToken } from './refresh.ts';
import { withAdvice } from './with-advice.ts';

const FLOWS = {
  ClientCredentials: clientCredentials,
  AuthorizationCode: authorizationCode,
  DeviceCode: deviceCode,
  InteractiveBrowser: interactiveBrowser,
} as const satisfies Record<FlowName, Flow>;

/**
 * Requests a token from the identity provider by the request's flow.
 * @throws CliError, with advice for this profile if the provider's error is known
 */
export function acquireToken(request: TokenRequest, context: FlowContext): Promise<AcquiredToken> {
  return advised(request, context, FLOWS[request.flow](request, context));
}

/** Like `acquireToken`, but with a refresh token and without a person. */
export function renewToken(
  request: TokenRequest,
  context: FlowContext,
  refresh: RefreshToken,
): Promise<AcquiredToken> {
  return advised(request, context, redeemRefreshToken(request, context, refresh));
}

async function advised(
  request: TokenRequest,
  context: FlowContext,
  token: Promise<AcquiredToken>,
): Promise<AcquiredToken> {
  try {
    return await token;
  } catch (error) {
    throw withAdvice(error, request, context);
  }
}
