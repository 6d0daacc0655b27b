import type { AcquiredToken, TokenRequest } from '../core/oauth.ts';
import { isLoopback } from '../core/redirect-uri.ts';
import { signInWithBrowser } from './browser-sign-in.ts';
import type { FlowContext } from './flow.ts';

const DEFAULT_REGISTERED = 'http://localhost:8080';

/**
 * Authorization code with a registered redirect URI (RFC 6749 section 4.1), with or without a client
 * credential. A redirect to another machine does not arrive here, so the person pastes its address.
 */
export async function authorizationCode(
  request: TokenRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  const redirectUri = context.profile.redirectUri ?? DEFAULT_REGISTERED;
  const paste = !context.options.useBrowser || !isLoopback(redirectUri);
  return signInWithBrowser(request, context, { redirectUri, paste, credential });
}

/** Authorization code of a public client, received on a free loopback port (RFC 8252). */
export async function interactiveBrowser(
  request: TokenRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  const redirectUri = ephemeralUri(request, context);
  return signInWithBrowser(request, context, { redirectUri, paste: false });
}

/**
 * Entra compares the path of a public client's redirect URI but not its port (RFC 8252 section 7.3),
 * so any free port is used. A generic issuer may compare the port, so there it is kept.
 */
function ephemeralUri({ authority }: TokenRequest, { profile }: FlowContext): string {
  const { redirectUri } = profile;
  if (redirectUri === undefined || !isLoopback(redirectUri)) return 'http://localhost';
  const url = new URL(redirectUri);
  const path = url.pathname === '/' ? '' : url.pathname;
  return `http://${authority.protocol === 'oidc' ? url.host : url.hostname}${path}`;
}
