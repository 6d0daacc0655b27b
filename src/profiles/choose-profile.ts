import type { App } from '../core/ports.ts';
import { selectProfile } from './resolve.ts';
import type { Profile } from './schema.ts';
import type { ProfilesFile } from './store.ts';

/**
 * Selects a profile as `selectProfile` does, but asks on a terminal if nothing says which of
 * several is meant.
 */
export async function chooseProfile(
  app: App,
  file: ProfilesFile,
  flag: string | undefined,
): Promise<Profile> {
  const named = flag ?? (app.env['TOKENCLI_PROFILE'] || file.defaultName);
  if (named !== undefined || file.profiles.length < 2 || !app.log.interactive) {
    return selectProfile(file, { flag, env: app.env });
  }
  const prompter = await app.prompter();
  const choices = file.profiles.map(({ name, clientId }) => ({
    value: name,
    name,
    description: `client ${clientId}`,
  }));
  const picked = await prompter.select('Which profile?', choices);
  return selectProfile(file, { flag: picked, env: app.env });
}
