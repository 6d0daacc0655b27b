import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Redirect, RedirectListener } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { adminConsentLink, type ConsentRequest } from '../../entra/admin-consent.ts';
import { announceLink } from '../../flows/announce-link.ts';
import { answerAfter, firstRedirect, listenForRedirect } from '../../flows/first-redirect.ts';
import { readAddress } from '../../flows/redirect-answer.ts';
import type { Profile } from '../../profiles/schema.ts';

/** How the link is opened, and where its redirect goes. */
export interface ConsentWay {
  /** As registered with the app. */
  readonly redirectUri: string;
  readonly port: number | undefined;
  readonly useBrowser: boolean;
  readonly profile: Profile;
}

/**
 * Shows the link and waits until its redirect is received on loopback or pasted.
 * @param read reads the redirect, before the closing page tells whether that succeeded
 * @throws whatever `read` throws, or CliError network after the time limit
 */
export async function catchConsent<T>(
  app: App,
  wanted: Omit<ConsentRequest, 'redirectUri'>,
  way: ConsentWay,
  deadline: Deadline,
  read: (parameters: Redirect['parameters'], sent: ConsentRequest) => Promise<T>,
): Promise<T> {
  const { port } = way;
  const expected = { redirectUri: way.redirectUri, state: wanted.state, port };
  const listener = await listenForRedirect(app.loopback, { ...expected, responseMode: 'query' });
  try {
    const redirectUri = listener?.redirectUri ?? way.redirectUri;
    const request = { ...wanted, redirectUri };
    // the administrator may be at another machine and need the printed link
    await announceLink(app.log, await app.browser(), {
      url: adminConsentLink(request),
      useBrowser: way.useBrowser,
      profile: way.profile,
      opening: 'Opening browser for consent...',
      invitation: 'Open this link as an administrator:',
      redirectLine: `Redirect URI: ${redirectUri} (it must be registered with the app)`,
    });
    const redirect = await wait(app, request, way, listener, deadline);
    return await answerAfter(redirect, () => read(redirect.parameters, request));
  } finally {
    await listener?.close();
  }
}

async function wait(
  app: App,
  { state, redirectUri }: ConsentRequest,
  { useBrowser }: ConsentWay,
  listener: RedirectListener | undefined,
  deadline: Deadline,
): Promise<Redirect> {
  const paste = app.log.interactive && (!listener || !useBrowser);
  if (!listener && !paste) {
    const hint =
      'run it in a terminal, where its answer can be pasted, or use a redirect URI http://localhost';
    throw new CliError('interaction_required', `nothing here can catch ${redirectUri}`, { hint });
  }
  const message = 'Consent there, then paste the address that the browser ended at';
  const read = (text: string) => readAddress(text, state, 'this address answers another link');
  return firstRedirect({
    ...{ deadline, listener, progress: app.progress, prompter: app.prompter },
    paste: paste ? { message, read } : undefined,
    waitingFor: 'waiting for the administrator',
    timeout: {
      message: `nobody has answered the link within ${deadline.limitSeconds}s`,
      hint: 'allow more time, for example --timeout 30m',
    },
  });
}
