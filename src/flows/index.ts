import type { FlowName } from '../core/flow-names.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import { clientCredentials } from './client-credentials.ts';
import type { Flow, FlowContext, FlowRequest } from './flow.ts';
import { notAvailable } from './not-available.ts';

const FLOWS = {
  ClientCredentials: clientCredentials,
  AuthorizationCode: notAvailable,
  DeviceCode: notAvailable,
  InteractiveBrowser: notAvailable,
} as const satisfies Record<FlowName, Flow>;

export function acquireToken(request: FlowRequest, context: FlowContext): Promise<AcquiredToken> {
  return FLOWS[request.flow](request, context);
}
