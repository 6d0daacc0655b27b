import { CliError, EXIT_CODES } from '../core/errors.ts';
import type { App, Outcome } from '../core/ports.ts';
import { removeQuietly } from '../core/private-file.ts';
import { changeProfiles } from '../profiles/change.ts';
import { findProfile } from '../profiles/resolve.ts';
import { type CredentialRef, profileSchema } from '../profiles/schema.ts';
import { nameOf, type ProfilesFile, readProfiles } from '../profiles/store.ts';
import { cachePath } from '../tokens/cache-file.ts';
import { removeSecrets } from './credential-change.ts';

export interface DeleteArgs {
  readonly profile?: string | undefined;
  readonly force?: boolean | undefined;
}

/** The profile, its secrets and its cached tokens. With a locked store nothing is deleted. */
export async function deleteProfile(app: App, args: DeleteArgs): Promise<Outcome> {
  const file = readProfiles(app.paths.profiles);
  if (args.profile === undefined) {
    throw new CliError('usage', 'which profile is to be deleted?', {
      hint: 'tokencli config delete -p NAME',
    });
  }
  const { name, credentials } = anyProfile(file, args.profile);
  if (!(await confirm(app, name, args.force === true))) {
    app.talk.say('Nothing was deleted.');
    return { stdout: '', exitCode: EXIT_CODES.interrupted.code };
  }
  // asked before anything is removed: a secret that cannot be deleted must not lose its profile
  for (const kind of new Set(credentials.map(({ store }) => store))) {
    await (await app.secretStore(kind)).list();
  }
  const gone = await changeProfiles(app, (draft) => {
    const before = draft.find(name)?.credentials ?? credentials;
    if (draft.remove(name)) return before;
    throw new CliError('profile_not_found', `there is no profile '${name}' any more`);
  });
  await removeSecrets(app, gone);
  removeQuietly(cachePath(app.paths.cacheFolder, name));
  app.talk.done(`Profile '${name}' deleted with its secrets and cached tokens`);
  app.talk.say('Tokens that were handed out stay valid until they expire.');
  return { stdout: '' };
}

interface Deletable {
  readonly name: string;
  readonly credentials: readonly CredentialRef[];
}

/** A broken profile can be deleted as well, with those of its references that can be read. */
function anyProfile(file: ProfilesFile, name: string): Deletable {
  const same = (profile: unknown) => nameOf(profile)?.toLowerCase() === name.toLowerCase();
  const broken = file.broken.find((each) => each.name?.toLowerCase() === name.toLowerCase());
  if (!broken) {
    const profile = findProfile(file, name);
    return { name: profile.name, credentials: profile.credentials ?? [] };
  }
  const raw = file.raw.profiles.find(same) as { credentials?: unknown } | undefined;
  const refs = profileSchema.shape.credentials.safeParse(raw?.credentials);
  return { name: broken.name ?? name, credentials: refs.data ?? [] };
}

async function confirm(app: App, name: string, force: boolean): Promise<boolean> {
  if (force) return true;
  if (!app.talk.interactive) {
    throw new CliError('usage', 'without a terminal nobody can be asked: deleting needs --force', {
      hint: `tokencli config delete -p ${name} --force`,
    });
  }
  const prompter = await app.prompter();
  return prompter.confirm(`Delete profile '${name}' with its secrets?`, false);
}
