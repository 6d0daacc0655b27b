import { CliError } from '../core/errors.ts';
import type { Redirect } from '../core/interaction.ts';
import type { AcquiredToken, AuthorizationLink, Credential, TokenRequest } from '../core/oauth.ts';
import { announceLink } from './announce-link.ts';
import { answerAfter, firstRedirect, listenForRedirect } from './first-redirect.ts';
import type { FlowContext } from './flow.ts';
import { createPkce } from './pkce.ts';
import { readCode, readPasted } from './redirect-answer.ts';

const PASTE = 'Sign in there, then paste the address that the browser ended at (or the code)';

export interface BrowserSignIn {
  readonly redirectUri: string;
  /** Also accept the address if a person pastes it. */
  readonly paste: boolean;
  readonly credential?: Credential | undefined;
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
  const { deadline, progress, prompter, options, loopback } = context;
  const { port, useBrowser } = options;
  const expected = { state, responseMode: isForm ? 'form_post' : 'query' } as const;
  const address = { ...expected, redirectUri: how.redirectUri, port };
  const listener = await listenForRedirect(loopback, address);
  try {
    const redirectUri = listener?.redirectUri ?? how.redirectUri;
    const client = await context.tokenClient();
    const asked = { ...request, credential: how.credential };
    const prompt = promptOf(request, context);
    const sent = { ...asked, ...expected, redirectUri, nonce, codeChallenge, prompt };
    const link = await client.authorizationLink(sent, deadline);
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
    const read = (text: string) => readPasted(text, state);
    const redirect = await firstRedirect({
      ...{ deadline, listener, progress, prompter },
      paste: how.paste ? { message: PASTE, read } : undefined,
      waitingFor: 'waiting for the browser',
      timeout: {
        message: `the browser did not respond within ${deadline.limitSeconds}s`,
        hint: `${other}; or check ${whatToCheck(redirectUri, request)}`,
      },
    }).catch((failure: unknown) => {
      throw asInputEnded(failure, context);
    });
    return await answerAfter(redirect, async () => {
      const code = codeOf(redirect, link, context);
      const redemption = { ...asked, code, redirectUri, nonce, codeVerifier };
      const token = await client.redeemCode(redemption, deadline);
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

/** Entra ignores the port of a public client's localhost URI, so it is registered without one. */
function whatToCheck(redirectUri: string, { authority, clientId, flow }: TokenRequest): string {
  const isAnyPort = flow === 'InteractiveBrowser' && authority.protocol === 'entra';
  const registered = isAnyPort ? redirectUri.replace(/:\d+/, '') : redirectUri;
  const { port } = new URL(redirectUri);
  const free = port && `, and that nothing blocks port ${port}`;
  return `that ${registered} is a redirect URI of app ${clientId}${free}`;
}

/** When stdin ends, the prompter's error suggests an option, but no option takes the address. */
function asInputEnded(failure: unknown, { command }: FlowContext): unknown {
  if (!(failure instanceof CliError) || failure.code !== 'usage') return failure;
  return new CliError('interaction_required', 'the input ended before the address was pasted', {
    hint: command,
    cause: failure,
  });
}

function codeOf(redirect: Redirect, { issuer }: AuthorizationLink, { log }: FlowContext): string {
  const code = readCode(redirect.parameters, issuer);
  log.registerSecret(code);
  log.done('Authorization code received');
  return code;
}
