import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Redirect, RedirectListener } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { adminConsentLink, type ConsentRequest } from '../../entra/admin-consent.ts';
import { answerAfter, firstRedirect, isLoopback } from '../../flows/first-redirect.ts';

/** How the link gets to the administrator, and the answer back. */
export interface ConsentWay {
  /** As the app registration has it. */
  readonly redirectUri: string;
  readonly port: number | undefined;
  readonly useBrowser: boolean;
  readonly browserCommand: readonly string[] | undefined;
}

type Parameters = Redirect['parameters'];

/**
 * Shows the link and waits for its answer: caught on loopback, or pasted by a person.
 * @param read what the answer says; the closing page tells whether that went well
 * @throws whatever `read` throws, CliError network when nobody has answered in time
 */
export async function catchConsent<T>(
  app: App,
  wanted: Omit<ConsentRequest, 'redirectUri'>,
  way: ConsentWay,
  deadline: Deadline,
  read: (parameters: Parameters, sent: ConsentRequest) => Promise<T>,
): Promise<T> {
  const listener = await listen(app, wanted.state, way);
  try {
    const redirectUri = listener?.redirectUri ?? way.redirectUri;
    const request = { ...wanted, redirectUri };
    await announce(app, adminConsentLink(request), redirectUri, way);
    const redirect = await wait(app, request, way, listener, deadline);
    return await answerAfter(redirect, () => read(redirect.parameters, request));
  } finally {
    await listener?.close();
  }
}

async function listen(app: App, state: string, { redirectUri, port }: ConsentWay) {
  if (!isLoopback(redirectUri)) {
    if (port === undefined) return undefined;
    throw new CliError('usage', `--port is for redirect URIs on this machine, not ${redirectUri}`);
  }
  const wish = { redirectUri, state, responseMode: 'query' } as const;
  return (await app.loopback()).listen(port === undefined ? wish : { ...wish, port });
}

/** The link is there before anything opens: it can be sent to whoever is the administrator. */
async function announce(app: App, link: string, redirectUri: string, way: ConsentWay) {
  const { log } = app;
  const browser = await app.browser();
  const obstacle = browser.obstacle(way.browserCommand);
  const opens = way.useBrowser && obstacle === undefined;
  log.say(opens ? 'Opening browser for consent...' : 'Open this link as an administrator:');
  log.say(link);
  log.say(`Redirect URI: ${redirectUri} (it must be registered with the app)`);
  if (way.useBrowser && obstacle !== undefined) log.say(`No browser is opened in ${obstacle}.`);
  if (!opens || (await browser.open(link, way.browserCommand))) return;
  log.warn('no browser could be started; open the link above yourself');
}

async function wait(
  app: App,
  { state, redirectUri }: ConsentRequest,
  { useBrowser }: ConsentWay,
  listener: RedirectListener | undefined,
  deadline: Deadline,
): Promise<Redirect> {
  const paste = app.log.interactive && (!listener || !useBrowser);
  if (!listener && !paste) throw nobodyCatches(redirectUri);
  const message = 'Consent there, then paste the address that the browser ended at';
  return firstRedirect({
    ...{ deadline, listener, progress: app.progress, prompter: app.prompter },
    waitingFor: 'waiting for the administrator',
    ...(paste && { paste: { message, read: (text: string) => readPasted(text, state) } }),
  }).catch((failure: unknown) => {
    throw deadline.signal.aborted ? endOf(deadline) : failure;
  });
}

/** The time limit, or an interrupt, which stays what it is. */
function endOf({ signal, limitSeconds }: Deadline): unknown {
  const { reason } = signal;
  if (!(reason instanceof CliError) || reason.code !== 'network') return reason;
  return new CliError('network', `nobody has answered the link within ${limitSeconds}s`, {
    hint: 'allow more time, for example --timeout 30m',
    retryable: true,
  });
}

function readPasted(pasted: string, state: string): Parameters | string {
  const text = pasted.trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const states = url?.searchParams.getAll('state') ?? [];
  if (!url) return 'the whole address is needed';
  if (states.length !== 1 || states[0] !== state) return 'this address answers another link';
  return Object.fromEntries(url.searchParams);
}

function nobodyCatches(redirectUri: string): CliError {
  return new CliError('interaction_required', `nothing here can catch ${redirectUri}`, {
    hint: 'run it in a terminal, where its answer can be pasted, or use a redirect URI http://localhost',
  });
}
