import type { Browser } from '../core/interaction.ts';
import type { Log } from '../core/ports.ts';
import { type ReferenceField, variablesOfReference } from '../profiles/reference.ts';
import type { Profile } from '../profiles/schema.ts';

/** A link to open in a browser, and the lines that are printed around it. */
export interface Announcement {
  readonly url: string;
  /** False: only print the link. */
  readonly useBrowser: boolean;
  /** Whose link it is: how it opens links, and which variables hold its credential. */
  readonly profile: Pick<Profile, 'browserCommand' | ReferenceField>;
  /** Printed above the link if a browser will be opened. */
  readonly opening: string;
  /** Printed above the link if the person must open it. */
  readonly invitation: string;
  /** Printed below the link. */
  readonly redirectLine: string;
  /** Printed last if the browser may run on another machine. */
  readonly elsewhere?: string | undefined;
}

/** Prints the link before it opens a browser, so that the link is there if no browser starts. */
export async function announceLink(
  log: Log,
  browser: Browser,
  announcement: Announcement,
): Promise<void> {
  const { url, useBrowser, profile, elsewhere } = announcement;
  const { browserCommand } = profile;
  const reason = browser.reasonNotToOpen(browserCommand);
  const opens = useBrowser && reason === undefined;
  log.say(opens ? announcement.opening : announcement.invitation);
  log.say(url);
  log.say(announcement.redirectLine);
  if (useBrowser && reason !== undefined) log.say(`No browser is opened in ${reason}.`);
  if (elsewhere !== undefined && browser.isElsewhere(browserCommand)) log.say(elsewhere);
  if (!opens) return;
  if (await browser.open(url, browserCommand, variablesOfReference(profile))) return;
  log.warn('no browser could be started; open the link above yourself');
}
