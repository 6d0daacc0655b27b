import type { FlowName } from '../core/flow-names.ts';
import type { AcquiredToken, TokenRequest } from '../core/oauth.ts';
import { authorizationCode, interactiveBrowser } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import { deviceCode } from './device-code.ts';
import { explainRefusal } from './explain.ts';
import type { Flow, FlowContext } from './flow.ts';
import { type RefreshToken, redeemRefreshToken } from './refresh.ts';

const FLOWS = {
  ClientCredentials: clientCredentials,
  AuthorizationCode: authorizationCode,
  DeviceCode: deviceCode,
  InteractiveBrowser: interactiveBrowser,
} as const satisfies Record<FlowName, Flow>;

/**
 * Asks the identity provider for a token by the request's flow.
 * @throws CliError with the advice that fits the profile when the provider refuses
 */
export function acquireToken(request: TokenRequest, context: FlowContext): Promise<AcquiredToken> {
  return explained(request, context, FLOWS[request.flow](request, context));
}

/** The same without a person, by a refresh token. */
export function renewToken(
  request: TokenRequest,
  context: FlowContext,
  refresh: RefreshToken,
): Promise<AcquiredToken> {
  return explained(request, context, redeemRefreshToken(request, context, refresh));
}

async function explained(
  request: TokenRequest,
  context: FlowContext,
  token: Promise<AcquiredToken>,
): Promise<AcquiredToken> {
  try {
    return await token;
  } catch (error) {
    throw explainRefusal(error, request, context);
  }
}
