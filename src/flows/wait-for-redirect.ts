import { CliError } from '../core/errors.ts';
import type { Redirect, RedirectListener } from '../core/interaction.ts';
import type { TokenRequest } from '../core/oauth.ts';
import { firstRedirect } from './first-redirect.ts';
import type { FlowContext } from './flow.ts';
import { readPasted } from './redirect.ts';

interface RedirectWait {
  readonly request: TokenRequest;
  readonly context: FlowContext;
  readonly state: string;
  readonly paste: boolean;
  readonly redirectUri: string;
  /** How to sign in where the redirect does not arrive. */
  readonly other: string;
}

/** Waits until the redirect of a sign-in is received on loopback or pasted. */
export async function waitForRedirect(
  wait: RedirectWait,
  listener: RedirectListener | undefined,
): Promise<Redirect> {
  const { context, paste, state } = wait;
  const { deadline, progress, prompter } = context;
  const message = 'Sign in there, then paste the address that the browser ended at (or the code)';
  return firstRedirect({
    deadline,
    listener,
    progress,
    prompter,
    waitingFor: 'waiting for the browser',
    ...(paste && { paste: { message, read: (text: string) => readPasted(text, state) } }),
  }).catch((failure: unknown) => {
    throw asTimeout(asInputEnded(failure, context), wait);
  });
}

/** The prompter's `usage` at the end of stdin asks for an option, but none takes the address. */
function asInputEnded(failure: unknown, { command }: FlowContext): unknown {
  if (!(failure instanceof CliError) || failure.code !== 'usage') return failure;
  return new CliError('interaction_required', 'the input ended before the address was pasted', {
    hint: command,
    cause: failure,
  });
}

function asTimeout(failure: unknown, wait: RedirectWait): unknown {
  const { context, request, redirectUri, other } = wait;
  const { signal, limitSeconds } = context.deadline;
  const timedOut =
    signal.aborted && signal.reason instanceof CliError && signal.reason.code === 'network';
  if (!timedOut) return failure;
  const { port } = new URL(redirectUri);
  const registered = `${registeredAs(redirectUri, request)} is a redirect URI of app`;
  const free = port && `, and that nothing blocks port ${port}`;
  return new CliError('network', `the browser did not respond within ${limitSeconds}s`, {
    hint: `${other}; or check that ${registered} ${request.clientId}${free}`,
    retryable: true,
    cause: failure,
  });
}

/** Entra ignores the port of a public client's localhost URI, so it is registered without one. */
function registeredAs(redirectUri: string, { flow, authority }: TokenRequest): string {
  const isAnyPort = flow === 'InteractiveBrowser' && authority.protocol === 'entra';
  return isAnyPort ? redirectUri.replace(/:\d+/, '') : redirectUri;
}
