import { CliError } from '../core/errors.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import { signInWithBrowser } from './browser-sign-in.ts';
import type { FlowContext, FlowRequest } from './flow.ts';
import { isLoopback, registeredUri } from './loopback-uri.ts';

/**
 * Authorization code with a registered redirect URI (RFC 6749 section 4.1), with or without a client
 * credential. An address elsewhere cannot be caught here, so a person brings its answer.
 */
export async function authorizationCode(
  request: FlowRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  const credential = await context.credential();
  const redirectUri = registeredUri(request);
  const caught = isLoopback(redirectUri);
  if (!caught && request.port !== undefined) {
    throw new CliError('usage', `--port is for redirect URIs on this machine, not ${redirectUri}`);
  }
  const paste = !request.useBrowser || !caught;
  return signInWithBrowser(request, context, {
    redirectUri,
    paste,
    ...(credential && { credential }),
  });
}
