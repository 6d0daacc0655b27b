import { CliError } from '../../core/errors.ts';
import type { App, SecretStore, StoreKind } from '../../core/ports.ts';
import { changeProfiles, type Draft } from '../../profiles/change.ts';
import type { CredentialRef } from '../../profiles/schema.ts';
import { newSecretId, openVault, storeKindOf } from '../../secrets/vault.ts';
import { settleOldNotes, startNote } from './pending-secrets.ts';

/** A secret that is to be stored, checked as far as that is possible. */
export interface NewSecret {
  readonly kind: CredentialRef['kind'];
  readonly value: string;
  /** ISO 8601, if known. */
  readonly expiresOn?: string | undefined;
}

/**
 * Stores new secrets beside the old ones, commits the profiles that name them, and removes what no
 * profile names any more. However it ends, also by being killed, no profile names a secret that is
 * not there; and what stays without a profile is removed by the next change.
 * @param configured the store that profiles.json says, if any
 * @param secrets all go into one store
 * @param change edits the draft; gets the references of the new secrets in their order, and returns
 *   those that are replaced
 * @returns of the replaced ones those that could not be removed yet; a warning has been given
 * @throws whatever storing and committing throw; nothing has changed then
 */
export async function commitSecrets(
  app: App,
  configured: StoreKind | undefined,
  secrets: readonly NewSecret[],
  change: (draft: Draft, refs: readonly CredentialRef[]) => readonly CredentialRef[],
): Promise<readonly CredentialRef[]> {
  const store = storeKindOf(app.env, configured);
  const settled = await settleOldNotes(app, store);
  const refs = secrets.map(({ value: _, ...rest }) => ({ ...rest, id: newSecretId(), store }));
  const note = await startNote(app);
  /** False while no store can hold any of the new secrets. */
  let touched = false;
  const touch = () => {
    touched = true;
  };
  try {
    try {
      note.add(refs);
      await save(app, secrets, refs, touch);
      touch();
      await changeProfiles(app, (draft) => note.add(change(draft, refs)));
    } catch (error) {
      // where no store could be used there is nothing to remove, and nothing to remember
      if (touched) await note.settle(refs).catch(() => []);
      else note.drop();
      throw error;
    }
    const left = await note.settle();
    // profiles.json was missing before and is there now, so old notes can be settled
    if (!settled) await settleOldNotes(app, store);
    for (const { kind } of left) app.log.warn(`an old ${kind} stays in the store for now`);
    return left;
  } finally {
    note.close();
  }
}

async function save(
  app: App,
  secrets: readonly NewSecret[],
  refs: readonly CredentialRef[],
  touch: () => void,
) {
  for (const [index, { id, kind, store }] of refs.entries()) {
    const vault = openVault(watch(await app.secretStore(store), touch));
    await vault.save(kind, secrets[index]?.value ?? '', id);
  }
}

/** The same store; says when it may hold something that it did not hold before. */
function watch(store: SecretStore, touch: () => void): SecretStore {
  return {
    ...store,
    set: async (account, value) => {
      try {
        await store.set(account, value);
      } catch (error) {
        if (!(error instanceof CliError && error.details.unsent)) touch();
        throw error;
      }
      touch();
    },
  };
}
