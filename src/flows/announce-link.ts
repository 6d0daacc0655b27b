import type { Browser } from '../core/interaction.ts';
import type { Log } from '../core/ports.ts';

/** A link for a person, and what is said around it. */
export interface Announcement {
  readonly url: string;
  /** False: the link is only printed. */
  readonly useBrowser: boolean;
  readonly browserCommand: readonly string[] | undefined;
  /** Above the link, where a browser is opened with it. */
  readonly opening: string;
  /** Above the link, where a person has to open it. */
  readonly invitation: string;
  /** Below the link. */
  readonly redirectLine: string;
  /** Below it where the browser may run on another machine. */
  readonly elsewhere?: string | undefined;
}

/** The link is on the terminal before anything opens: it works even where no browser does. */
export async function announceLink(
  log: Log,
  browser: Browser,
  announcement: Announcement,
): Promise<void> {
  const { url, useBrowser, browserCommand, elsewhere } = announcement;
  const reason = browser.reasonNotToOpen(browserCommand);
  const opens = useBrowser && reason === undefined;
  log.say(opens ? announcement.opening : announcement.invitation);
  log.say(url);
  log.say(announcement.redirectLine);
  if (useBrowser && reason !== undefined) log.say(`No browser is opened in ${reason}.`);
  if (elsewhere !== undefined && browser.isElsewhere(browserCommand)) log.say(elsewhere);
  if (!opens || (await browser.open(url, browserCommand))) return;
  log.warn('no browser could be started; open the link above yourself');
}
