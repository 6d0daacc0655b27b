import type { Deadline } from '../../core/deadline.ts';
import { isoDay } from '../../core/duration.ts';
import { CliError } from '../../core/errors.ts';
import type { Credential } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import { referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { type ProfilesFile, readProfiles } from '../../profiles/store.ts';
import type { CredentialApp } from './credential.ts';
import type { CredentialSource } from './credential-source.ts';

/** Wrong secret, expired secret, certificate not registered. */
const REFUSED: readonly (number | undefined)[] = [7000215, 7000222, 700027];
/** Each round means that the credential was rotated once more; under load that may happen several times. */
const MOST_ROUNDS = 50;

/**
 * Requests a token with the credential of a profile. During a rollover there are several: the newest is
 * tried first, and the next one if it cannot be read or is refused.
 * @throws what the newest one failed with
 */
export async function tryCredentials<T>(
  app: CredentialApp,
  profile: Profile,
  source: CredentialSource,
  deadline: Deadline,
  ask: (credential: () => Promise<Credential>) => Promise<T>,
): Promise<T> {
  // not needed where the token is in the cache
  const { loadCredential } = await import('./credential.ts');
  const failures: unknown[] = [];
  for (const candidate of [source, ...(source.spares ?? [])]) {
    try {
      return await ask(() => loadCredential(app, profile, candidate, deadline));
    } catch (error) {
      failures.push(error);
      if (!blamesCredential(error)) break;
      const { message } = error;
      if (failures.length <= (source.spares?.length ?? 0)) {
        app.log.warn(`${nameOfSource(candidate)} cannot be used, trying the older one: ${message}`);
      }
    }
  }
  throw failures[0];
}

/**
 * Works with a profile as it is in the file. If a rotation removes its credential meanwhile, the profile
 * is read again, and the work is done once more.
 */
export async function whileRotating<T>(
  app: Pick<App, 'log' | 'paths'>,
  file: ProfilesFile,
  profile: Profile,
  work: (file: ProfilesFile, profile: Profile) => Promise<T>,
): Promise<T> {
  let now = { file, profile };
  for (let round = 1; ; round += 1) {
    try {
      return await work(now.file, now.profile);
    } catch (error) {
      const next =
        round < MOST_ROUNDS && blamesCredential(error) && (await readRotated(app, now.profile));
      if (!next) throw error;
      app.log.verbose(`the credential of profile ${profile.name} was rotated: once more`);
      now = next;
    }
  }
}

/** True if another credential of the same app could do better. */
function blamesCredential(error: unknown): error is CliError {
  if (!(error instanceof CliError)) return false;
  const { aadsts, oauthError } = error.details;
  if (error.code === 'auth_failed') {
    return aadsts === undefined ? oauthError === 'invalid_client' : REFUSED.includes(aadsts);
  }
  return error.code === 'invalid_data';
}

/** @returns undefined if the profile has the credentials that it had */
async function readRotated(app: Pick<App, 'paths'>, before: Profile) {
  if (isEnvProfile(before)) return undefined;
  const file = await readProfiles(app.paths);
  const profile = file.profiles.find(({ name }) => name === before.name);
  const credentialsOf = (each: Profile) =>
    JSON.stringify([each.credentials, each.certificatePath, referenceOf(each)]);
  const same = profile && credentialsOf(profile) === credentialsOf(before);
  return profile && !same ? { file, profile } : undefined;
}

function nameOfSource(source: CredentialSource): string {
  if (source.from === 'file') return `the certificate ${source.path}`;
  if (source.from === 'environment') return source.variable;
  const what = source.kind === 'secret' ? 'the newest client secret' : 'the newest certificate';
  const end = source.from === 'store' ? source.ref.expiresOn : undefined;
  return end === undefined ? what : `${what} (until ${isoDay(Date.parse(end) / 1000)})`;
}
