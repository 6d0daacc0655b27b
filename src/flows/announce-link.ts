import type { FlowContext } from './flow.ts';

/** The link is on the terminal before anything opens: it works even where no browser does. */
export async function announceLink(
  context: FlowContext,
  url: string,
  redirectUri: string,
  caughtHere: boolean,
): Promise<void> {
  const { log, profile } = context;
  const { useBrowser } = context.options;
  const { browserCommand } = profile;
  const browser = await context.browser();
  const obstacle = browserCommand ? undefined : browser.obstacle();
  const opens = useBrowser && obstacle === undefined;
  log.say(opens ? 'Opening browser for authentication...' : 'Open this link in a browser:');
  log.say(url);
  log.say(`Redirect URI: ${redirectUri}`);
  if (useBrowser && obstacle !== undefined) {
    log.say(`No browser is opened in ${obstacle}.`);
  }
  if (obstacle !== undefined && caughtHere) log.say(elsewhere(redirectUri, profile.name));
  if (!opens || (await browser.open(url, browserCommand))) return;
  log.warn('no browser could be started; open the link above yourself');
}

/** On another machine's browser the answer would go to that machine. */
function elsewhere(redirectUri: string, profile: string): string {
  const { port } = new URL(redirectUri);
  return (
    `If your browser runs on another machine, forward the port (ssh -L ${port}:localhost:${port}), ` +
    `or use tokencli get-token -p ${profile} -f DeviceCode`
  );
}
