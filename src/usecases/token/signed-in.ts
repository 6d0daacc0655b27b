import { startDeadline } from '../../core/deadline.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../../core/defaults.ts';
import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { isoDate, utcSecond } from '../../output/dates.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { ProfilesFile } from '../../profiles/store.ts';
import type { SessionRecord } from '../../tokens/records.ts';
import { openProfileCache } from './profile-cache.ts';
import { accountName } from './session.ts';

/**
 * Reads the sign-in from the profile's cache; opens the secret store only if there is a cache.
 * @returns undefined if nobody is signed in; the failure if nobody can say
 */
export async function readSession(
  app: App,
  file: ProfilesFile,
  profile: Profile,
): Promise<SessionRecord | CliError | undefined> {
  const deadline = startDeadline(DEFAULT_TIMEOUT_SECONDS.unattended, app.interrupted);
  try {
    return await (await openProfileCache(app, { file, profile, deadline })).session();
  } catch (error) {
    if (error instanceof CliError && !app.interrupted.aborted) return error;
    throw error;
  }
}

/** The same for people and programs: dates are ISO 8601, UTC. */
export async function readSignIn(app: App, file: ProfilesFile, profile: Profile) {
  const session = await readSession(app, file, profile);
  if (session === undefined || session instanceof CliError) return session;
  const { clientId, signedInOn, renewedOn, refreshToken, refreshTokenExpiresOn } = session;
  return {
    account: accountName(session),
    clientId,
    since: utcSecond(signedInOn),
    renewed: utcSecond(renewedOn),
    /** False once the identity provider refused to renew it. */
    alive: refreshToken !== undefined,
    /** Where the identity provider said so. */
    until: isoDate(refreshTokenExpiresOn),
  };
}

/** On one line, for people. */
export function describeSignIn(found: Awaited<ReturnType<typeof readSignIn>>): string {
  if (found === undefined) return 'nobody';
  if (found instanceof CliError) return `not known: ${found.message}`;
  const { account, since, alive, until } = found;
  if (!alive) return `${account}, but the sign-in has ended`;
  return `${account} since ${since}${until === undefined ? '' : `, renewable until ${until}`}`;
}
