import type { AcquiredToken } from '../core/oauth.ts';
import { signInWithBrowser } from './browser-sign-in.ts';
import type { FlowContext, FlowRequest } from './flow.ts';
import { ephemeralUri } from './loopback-uri.ts';

/** Authorization code of a public client, caught on a free loopback port (RFC 8252). */
export async function interactiveBrowser(
  request: FlowRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  return signInWithBrowser(request, context, { redirectUri: ephemeralUri(request), paste: false });
}
