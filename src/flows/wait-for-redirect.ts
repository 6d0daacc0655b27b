import { CliError } from '../core/errors.ts';
import type { Redirect, RedirectListener } from '../core/person.ts';
import { startCountdown } from './countdown.ts';
import type { FlowContext, FlowRequest } from './flow.ts';
import { readPasted } from './redirect.ts';

interface RedirectWait {
  readonly request: FlowRequest;
  readonly context: FlowContext;
  readonly state: string;
  readonly paste: boolean;
  readonly redirectUri: string;
}

/** Caught on loopback or pasted by a person, whichever comes first. */
export async function waitForRedirect(
  wait: RedirectWait,
  listener: RedirectListener | undefined,
): Promise<Redirect> {
  const { context, paste } = wait;
  const { deadline } = context;
  if (!paste && listener) {
    const stop = startCountdown(await context.progress(), deadline, 'waiting for the browser');
    return listener
      .redirect(deadline)
      .catch((failure: unknown) => {
        throw explain(failure, wait);
      })
      .finally(stop);
  }
  const done = new AbortController();
  const ways = [askForPaste(wait, AbortSignal.any([done.signal, deadline.signal]))];
  if (listener) ways.push(listener.redirect(deadline));
  // the slower one fails later, and nobody listens then
  for (const way of ways) way.catch(() => {});
  try {
    return await Promise.race(ways);
  } catch (failure) {
    throw explain(failure, wait);
  } finally {
    done.abort();
    await ways[0]?.catch(() => {});
  }
}

async function askForPaste(
  { context, request, state }: RedirectWait,
  signal: AbortSignal,
): Promise<Redirect> {
  const prompter = await context.prompter();
  let parameters: Redirect['parameters'] = {};
  const question = {
    message: 'Sign in there, then paste the address that the browser ended at (or the code)',
    signal,
    validate: (text: string) => {
      const found = readPasted(text, state);
      if (typeof found === 'string') return found;
      parameters = found;
      return undefined;
    },
  };
  await prompter.input(question).catch((failure: unknown) => {
    throw asNobody(failure, request);
  });
  return { parameters, answer: async () => {} };
}

/** No flag takes the address, so the end of the input is the end of who would paste it. */
function asNobody(failure: unknown, { command }: FlowRequest): unknown {
  if (!(failure instanceof CliError) || failure.code !== 'usage') return failure;
  return new CliError('interaction_required', 'the input ended before the address was pasted', {
    hint: command,
    cause: failure,
  });
}

function explain(failure: unknown, { context, request, redirectUri }: RedirectWait): unknown {
  const { signal, limitSeconds } = context.deadline;
  const timedOut =
    signal.aborted && signal.reason instanceof CliError && signal.reason.code === 'network';
  if (!timedOut) return signal.aborted ? signal.reason : failure;
  const { port } = new URL(redirectUri);
  const registered = `${registeredAs(redirectUri, request)} is a redirect URI of app`;
  const free = port && `, and that nothing blocks port ${port}`;
  return new CliError('network', `the browser did not respond within ${limitSeconds}s`, {
    hint:
      `tokencli get-token -p ${request.profile} -f DeviceCode; ` +
      `or check that ${registered} ${request.clientId}${free}`,
    retryable: true,
    cause: failure,
  });
}

/** Entra takes a desktop app's redirect to localhost on any port, and is not told one. */
function registeredAs(redirectUri: string, { flow, authority }: FlowRequest): string {
  const isAnyPort = flow === 'InteractiveBrowser' && authority.protocol === 'entra';
  return isAnyPort ? redirectUri.replace(/:\d+/, '') : redirectUri;
}
