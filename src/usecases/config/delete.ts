import { whyNotAsked } from '../../core/ci.ts';
import { CliError, EXIT_CODES } from '../../core/errors.ts';
import { sameName } from '../../core/names.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { shellOption } from '../../core/shell-word.ts';
import { credentialsOf } from '../../profiles/change.ts';
import { findProfile } from '../../profiles/choose-profile.ts';
import type { CredentialRef } from '../../profiles/schema.ts';
import { type ProfilesFile, readProfiles } from '../../profiles/store.ts';
import { accountOf } from '../../secrets/vault.ts';
import { commitSecrets } from '../secrets/commit-secrets.ts';
import { removeTokens, whileNoTokenIsSaved } from '../token/cache-removal.ts';

export type DeleteArgs = Values<'profile'> & Flags<'force'>;

/** Deletes a profile with its secrets and cached tokens, or nothing if a secret store is locked. */
export async function deleteProfile(app: App, args: DeleteArgs): Promise<Outcome> {
  const file = await readProfiles(app.paths);
  if (args.profile === undefined) {
    throw new CliError('usage', 'which profile is to be deleted?', {
      hint: 'tokencli config delete -p NAME',
    });
  }
  const name = spelling(file, args.profile);
  if (!(await confirm(app, name, args.force === true))) {
    app.log.say('Nothing was deleted.');
    return { stdout: '', exitCode: EXIT_CODES.interrupted.code };
  }
  // asked before anything is removed, because without its profile a secret could not be found again
  for (const { kind, id, store } of credentialsOf(file, name)) {
    await (await app.secretStore(store)).get(accountOf(kind, id));
  }
  // a process that takes the lock of the cache afterwards finds no profile, and saves nothing
  const left = await whileNoTokenIsSaved(app, [name], async () => {
    const still = await commitSecrets(app, file.store, [], (draft) => {
      const before = credentialsOf(draft.file, name);
      draft.remove(name);
      return before;
    });
    removeTokensOfDeleted(app, name);
    return still;
  });
  if (left.length > 0) throw leftBehind(name, left);
  app.log.done(`Profile '${name}' deleted with its secrets and cached tokens`);
  app.log.say(
    'Tokens that were handed out stay valid until they expire; the app registration and its credentials stay in Entra ID.',
  );
  return { stdout: '' };
}

/** @returns the name as the file spells it. An invalid profile can be deleted as well */
function spelling(file: ProfilesFile, name: string): string {
  const broken = file.broken.find((each) => sameName(each.name, name));
  return broken?.name ?? findProfile(file, name).name;
}

async function confirm(app: App, name: string, force: boolean): Promise<boolean> {
  if (force) return true;
  if (!app.log.interactive) {
    throw new CliError('usage', `${whyNotAsked(app)}: deleting needs --force`, {
      hint: `tokencli config delete ${shellOption('-p', name)} --force`,
    });
  }
  const prompter = await app.prompter();
  return prompter.confirm(`Delete profile '${name}' with its secrets?`, false);
}

function removeTokensOfDeleted(app: App, name: string): void {
  try {
    removeTokens(app, name);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const message = `profile '${name}' is deleted, its tokens are not: ${error.message}`;
    throw error.with({ message });
  }
}

function leftBehind(name: string, left: readonly CredentialRef[]): CliError {
  const accounts = left.map(({ kind, id }) => accountOf(kind, id)).join(', ');
  return new CliError('store_unavailable', `profile '${name}' is deleted, its secrets are not`, {
    hint: `the next change removes them; else remove from the store, service tokencli: ${accounts}`,
  });
}
