import { CliError } from '../core/errors.ts';
import type { AcquiredToken, TokenRequest } from '../core/oauth.ts';
import { signInWithBrowser } from './browser-sign-in.ts';
import { isLoopback } from './first-redirect.ts';
import type { FlowContext } from './flow.ts';

const DEFAULT_REGISTERED = 'http://localhost:8080';

/**
 * Authorization code with a registered redirect URI (RFC 6749 section 4.1), with or without a client
 * credential. An address elsewhere cannot be caught here, so a person brings its answer.
 */
export async function authorizationCode(
  request: TokenRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  const { port, useBrowser } = context.options;
  const redirectUri = context.profile.redirectUri ?? DEFAULT_REGISTERED;
  const caught = isLoopback(redirectUri);
  if (!caught && port !== undefined) {
    throw new CliError('usage', `--port is for redirect URIs on this machine, not ${redirectUri}`);
  }
  const paste = !useBrowser || !caught;
  return signInWithBrowser(request, context, {
    redirectUri,
    paste,
    ...(credential && { credential }),
  });
}

/** Authorization code of a public client, caught on a free loopback port (RFC 8252). */
export async function interactiveBrowser(
  request: TokenRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  const redirectUri = ephemeralUri(request, context);
  return signInWithBrowser(request, context, { redirectUri, paste: false });
}

/**
 * Any free port will do for a public client (RFC 8252 section 7.3); the path must be the registered
 * one. A generic issuer may insist on the port.
 */
function ephemeralUri({ authority }: TokenRequest, { profile }: FlowContext): string {
  const { redirectUri } = profile;
  const url = redirectUri !== undefined && isLoopback(redirectUri) && new URL(redirectUri);
  if (!url) return 'http://localhost';
  const path = url.pathname === '/' ? '' : url.pathname;
  return `http://${authority.protocol === 'oidc' ? url.host : url.hostname}${path}`;
}
