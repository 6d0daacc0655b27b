import { CliError } from '../core/errors.ts';
import type { FlowName } from '../core/flow-names.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import { clientCredentials } from './client-credentials.ts';
import { explainRefusal } from './explain.ts';
import type { Flow, FlowContext, FlowRequest } from './flow.ts';

const FLOWS = {
  ClientCredentials: clientCredentials,
  AuthorizationCode: notYet,
  DeviceCode: notYet,
  InteractiveBrowser: notYet,
} as const satisfies Record<FlowName, Flow>;

/**
 * Asks the identity provider for a token by the request's flow.
 * @throws CliError with the advice that fits the profile when the provider refuses
 */
export async function acquireToken(
  request: FlowRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  try {
    return await FLOWS[request.flow](request, context);
  } catch (error) {
    throw explainRefusal(error, request);
  }
}

async function notYet({ flow }: FlowRequest): Promise<AcquiredToken> {
  throw new CliError('usage', `flow ${flow} is not available yet`, {
    hint: '--flow ClientCredentials works',
  });
}
