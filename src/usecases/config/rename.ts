import { CliError } from '../../core/errors.ts';
import { removePrivateFile } from '../../core/files/own-files.ts';
import { removeQuietly } from '../../core/files/private-file.ts';
import { NAME_RULES, PROFILE_NAME, sameName } from '../../core/names.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { changeProfiles } from '../../profiles/change.ts';
import { findProfile } from '../../profiles/choose-profile.ts';
import type { Profile } from '../../profiles/schema.ts';
import { profileDigest, readProfiles } from '../../profiles/store.ts';
import { openVault } from '../../secrets/vault.ts';
import { cachePath } from '../../tokens/cache-file.ts';
import { type CopyCache, prepareCopy } from '../../tokens/cache-move.ts';
import { readEncryptionKey } from '../../tokens/encryption-key.ts';
import { removeTokens, whileNoTokenIsSaved } from '../token/cache-removal.ts';

export interface RenameArgs {
  readonly old: string;
  readonly new: string;
}

/** Renames a profile. It keeps its secrets and cached tokens, and stays the default if it was. */
export async function renameProfile(app: App, args: RenameArgs): Promise<Outcome> {
  const { name } = findProfile(await readProfiles(app.paths), args.old);
  const wanted = args.new;
  if (!PROFILE_NAME.test(wanted)) {
    throw new CliError('usage', `the new name must be ${NAME_RULES}`);
  }
  if (wanted === name) throw new CliError('usage', `the profile is already named '${name}'`);
  await whileNoTokenIsSaved(app, [name, wanted], async () => {
    const copyCache = await prepareCopy(app.paths.cacheFolder, name, async (store, id) => {
      const vault = openVault(await app.secretStore(store));
      return readEncryptionKey({ read: (key) => vault.read('cacheKey', key) }, id);
    });
    await rename(app, name, wanted, copyCache);
  });
  app.log.done(`Profile '${name}' is now '${wanted}'`);
  return { stdout: '' };
}

async function rename(app: App, name: string, wanted: string, copyCache: CopyCache | undefined) {
  const samePath = sameName(name, wanted);
  const newPath = cachePath(app.paths.cacheFolder, wanted);
  let copied = false;
  try {
    await changeProfiles(app, (draft) => {
      const before = draft.get(name);
      const after: Profile = { ...before, name: wanted };
      draft.replace(name, after);
      const ownerOf = (profile: Profile) => ({
        profile: profile.name,
        profileDigest: profileDigest(profile),
      });
      // a deleted profile may have left tokens under this name
      if (!samePath) removePrivateFile(newPath);
      copyCache?.(ownerOf(before), ownerOf(after));
      copied = true;
    });
  } catch (error) {
    if (copied && !samePath) removeQuietly(newPath);
    throw error;
  }
  if (!samePath) removeOldTokens(app, name);
}

/** The profile is renamed already, so tokens that stay are only reported. `doctor --fix` removes them. */
function removeOldTokens(app: App, name: string): void {
  try {
    removeTokens(app, name);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    app.log.warn(`tokens stay under the old name: ${error.message}`);
  }
}
