import { startDeadline } from '../../core/deadline.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../../core/defaults.ts';
import { CliError } from '../../core/errors.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { chooseProfile } from '../../profiles/choose-profile.ts';
import { readProfiles } from '../../profiles/store.ts';
import { namesWithTokens, removeTokens, whileNoTokenIsSaved } from './cache-removal.ts';

export type LogoutArgs = Values<'profile'> & Flags<'all'>;

/** Forgets tokens and sign-ins; credentials and profiles stay. Works without the secret store. */
export async function logout(app: App, args: LogoutArgs): Promise<Outcome> {
  if (args.all && args.profile !== undefined) {
    throw new CliError('usage', 'give --profile or --all, not both');
  }
  const names = await profilesToForget(app, args);
  let forgotten = 0;
  for (const name of names) if (await forget(app, name)) forgotten += 1;
  if (forgotten === 0) {
    app.log.say(
      `Nothing to forget: ${args.all ? 'no profile is' : `profile '${names[0]}' is not`} signed in and has no tokens.`,
    );
    return { stdout: '' };
  }
  const whose = args.all
    ? `${forgotten} ${forgotten === 1 ? 'profile' : 'profiles'}`
    : `profile '${names[0]}'`;
  app.log.done(`Forgot the tokens and the sign-in of ${whose}`);
  app.log.say(
    'Tokens that were handed out stay valid until they expire; so does the browser session.',
  );
  return { stdout: '' };
}

async function profilesToForget(
  app: App,
  { all, profile }: LogoutArgs,
): Promise<readonly string[]> {
  if (all) return namesWithTokens(app);
  return [(await chooseProfile(app, await readProfiles(app.paths), profile)).name];
}

/** @returns false if there was nothing */
async function forget(app: App, name: string): Promise<boolean> {
  const deadline = startDeadline(DEFAULT_TIMEOUT_SECONDS.unattended, app.interrupted);
  return whileNoTokenIsSaved(app, [name], () => removeTokens(app, name), deadline);
}
