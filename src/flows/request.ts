import type { Credential, TokenRequest } from '../core/oauth.ts';
import type { FlowRequest } from './flow.ts';

/** The part of every request that says who asks whom for what. */
export function tokenRequest(request: FlowRequest, credential: Credential | undefined) {
  const { authority, clientId, scopes, claims, capabilities, sendX5c, thumbprint } = request;
  return {
    authority,
    clientId,
    scopes,
    sendX5c,
    thumbprint,
    ...(credential && { credential }),
    ...(claims !== undefined && { claims }),
    ...(capabilities && { capabilities }),
  } satisfies TokenRequest;
}
