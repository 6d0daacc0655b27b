import type { Redirect } from '../core/interaction.ts';
import type { AcquiredToken, AuthorizationLink, Credential, TokenRequest } from '../core/oauth.ts';
import { announceLink } from './announce-link.ts';
import { answerAfter, isLoopback } from './first-redirect.ts';
import type { FlowContext } from './flow.ts';
import { createPkce } from './pkce.ts';
import { readCode } from './redirect.ts';
import { waitForRedirect } from './wait-for-redirect.ts';

export interface BrowserSignIn {
  readonly redirectUri: string;
  /** Also accept the address if a person pastes it. */
  readonly paste: boolean;
  readonly credential?: Credential;
}

/**
 * The authorization code grant with PKCE. The browser gets its closing page last, because the page
 * says whether a token was received.
 */
export async function signInWithBrowser(
  request: TokenRequest,
  context: FlowContext,
  how: BrowserSignIn,
): Promise<AcquiredToken> {
  const { state, nonce, codeChallenge, codeVerifier } = createPkce();
  context.log.registerSecret(codeVerifier);
  // form_post keeps the code out of the address bar, from which a person who pastes must copy it
  const isForm = request.authority.protocol === 'entra' && !how.paste;
  const responseMode = isForm ? 'form_post' : 'query';
  const { port, useBrowser } = context.options;
  const expected = { redirectUri: how.redirectUri, state, responseMode } as const;
  const listener = isLoopback(how.redirectUri)
    ? await (await context.loopback()).listen({ ...expected, ...(port !== undefined && { port }) })
    : undefined;
  try {
    const redirectUri = listener?.redirectUri ?? how.redirectUri;
    const client = await context.tokenClient();
    const { credential } = how;
    const asked = { ...request, ...(credential && { credential }) };
    const prompt = promptOf(request, context);
    const link = await client.authorizationLink(
      {
        ...asked,
        redirectUri,
        responseMode,
        state,
        nonce,
        codeChallenge,
        ...(prompt !== undefined && { prompt }),
      },
      context.deadline,
    );
    const other = otherWay(how, context);
    await announceLink(context.log, await context.browser(), {
      url: link.url,
      useBrowser,
      profile: context.profile,
      opening: 'Opening browser for authentication...',
      invitation: 'Open this link in a browser:',
      redirectLine: `Redirect URI: ${redirectUri}`,
      elsewhere: listener && elsewhere(redirectUri, other),
    });
    const wait = { request, context, state, paste: how.paste, redirectUri, other };
    const redirect = await waitForRedirect(wait, listener);
    return await answerAfter(redirect, async () => {
      const code = codeOf(redirect, link, context);
      const redemption = { ...asked, code, redirectUri, nonce, codeVerifier };
      const token = await client.redeemCode(redemption, context.deadline);
      context.accept?.(token);
      return token;
    });
  } finally {
    await listener?.close();
  }
}

/**
 * By default a generic issuer asks the person for consent, because many give a refresh token to those
 * alone who were asked (OpenID Connect Core section 11); Entra never minds.
 */
function promptOf(
  { authority }: TokenRequest,
  { options, profile }: FlowContext,
): string | undefined {
  const wanted = options.prompt ?? profile.prompt;
  if (wanted !== undefined) return wanted === 'default' ? undefined : wanted;
  return authority.protocol === 'oidc' ? 'consent' : undefined;
}

/** A browser on another machine is redirected to the loopback address of that machine. */
function elsewhere(redirectUri: string, other: string): string {
  const { port } = new URL(redirectUri);
  return (
    `If your browser runs on another machine, forward the port (ssh -L ${port}:localhost:${port}), ` +
    `or ${other}`
  );
}

/** How to sign in where the redirect does not arrive. The device flow is for public clients alone. */
function otherWay({ paste, credential }: BrowserSignIn, { profile }: FlowContext): string {
  if (paste) return 'paste the address that the browser ended at';
  const use = `use tokencli get-token -p ${profile.name}`;
  return credential ? `${use} --no-browser, and paste the address` : `${use} -f DeviceCode`;
}

function codeOf(redirect: Redirect, { issuer }: AuthorizationLink, { log }: FlowContext): string {
  const code = readCode(redirect.parameters, issuer);
  log.registerSecret(code);
  log.done('Authorization code received');
  return code;
}
