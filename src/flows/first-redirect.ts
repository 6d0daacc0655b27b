import type { Deadline } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import type {
  ListenOptions,
  Loopback,
  Progress,
  Prompter,
  Redirect,
  RedirectListener,
} from '../core/interaction.ts';
import { isLoopback } from '../core/redirect-uri.ts';

/** Where the redirect of a link can come from, and what is shown until it comes. */
export interface RedirectWays {
  readonly deadline: Deadline;
  readonly listener: RedirectListener | undefined;
  /** A prompt for the address, which a person pastes. */
  readonly paste:
    | {
        readonly message: string;
        /** @returns why the text cannot be used, or its parameters */
        read(text: string): Redirect['parameters'] | string;
      }
    | undefined;
  /** Shown with the remaining time if there is no prompt. */
  readonly waitingFor: string;
  /** The failure when the time is over. */
  readonly timeout: { readonly message: string; readonly hint: string };
  progress(): Promise<Progress>;
  prompter(): Promise<Prompter>;
}

/**
 * @returns undefined if a redirect to this URI does not reach this machine
 * @throws CliError usage if a port is given then
 */
export async function listenForRedirect(
  loopback: () => Promise<Loopback>,
  options: ListenOptions,
): Promise<RedirectListener | undefined> {
  const { redirectUri, port } = options;
  if (isLoopback(redirectUri)) return (await loopback()).listen(options);
  if (port === undefined) return undefined;
  throw new CliError('usage', `--port is for redirect URIs on this machine, not ${redirectUri}`);
}

/**
 * Waits until the redirect is received on loopback or pasted by a person.
 * @throws CliError network with the words of `timeout`, the reason of an interrupt, or what the
 *   prompter throws
 */
export async function firstRedirect(ways: RedirectWays): Promise<Redirect> {
  const { deadline, listener, paste, waitingFor } = ways;
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, deadline.signal]);
  const all = listener ? [listener.redirect(deadline)] : [];
  if (paste) all.push(askForPaste(ways, paste, signal));
  // the slower one rejects after the race, and an unhandled rejection would end the process
  for (const way of all) way.catch(() => {});
  const stop = paste ? () => {} : startCountdown(await ways.progress(), deadline, waitingFor);
  try {
    return await Promise.race(all);
  } catch (failure) {
    throw deadline.signal.aborted ? endOf(ways) : failure;
  } finally {
    stop();
    done.abort();
    if (paste) await all.at(-1)?.catch(() => {});
  }
}

function endOf({ deadline, timeout }: RedirectWays): unknown {
  const { reason } = deadline.signal;
  return reason instanceof CliError && reason.code === 'network' ? reason.with(timeout) : reason;
}

async function askForPaste(
  { prompter }: RedirectWays,
  { message, read }: NonNullable<RedirectWays['paste']>,
  signal: AbortSignal,
): Promise<Redirect> {
  let parameters: Redirect['parameters'] = {};
  const asker = await prompter();
  await asker.input({
    message,
    signal,
    validate: (text) => {
      const found = read(text);
      if (typeof found === 'string') return found;
      parameters = found;
      return undefined;
    },
  });
  return { parameters, answer: async () => {} };
}

/** Does the work before it answers the browser, so that the closing page can say if it succeeded. */
export async function answerAfter<T>(redirect: Redirect, work: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (failure) {
    await redirect.answer('failure');
    throw failure;
  }
  await redirect.answer('success');
  return result;
}

/** Shows on a terminal what is awaited and the remaining time. @returns a function that ends it */
export function startCountdown(
  progress: Progress,
  deadline: Deadline,
  what: string,
  endsIn: () => number = deadline.remaining,
): () => void {
  return progress.start(() => {
    const seconds = Math.ceil(Math.min(endsIn(), deadline.remaining()) / 1000);
    const rest = String(seconds % 60).padStart(2, '0');
    return `${what}, ${Math.floor(seconds / 60)}:${rest} left (Ctrl+C ends it)`;
  });
}
