import { CliError } from '../../core/errors.ts';
import { sameName } from '../../core/names.ts';
import type { App } from '../../core/ports.ts';
import { credentialsOf, type Draft } from '../../profiles/change.ts';
import type { CredentialRef } from '../../profiles/schema.ts';
import { findValid, nameOfRaw, type ProfilesFile, profileDigest } from '../../profiles/store.ts';
import type { CarriedSecret } from '../../profiles/transfer.ts';
import { keptSecrets, type PlannedProfile, signsInAlike } from '../../profiles/transfer-plan.ts';
import { commitSecrets, type NewSecret } from '../secrets/commit-secrets.ts';
import { removeTokens, whileNoTokenIsSaved } from '../token/cache-removal.ts';

/** Stores the secrets, changes profiles.json once, and then deletes the secrets it replaced. */
export async function commitImport(
  app: App,
  seen: ProfilesFile,
  plan: readonly PlannedProfile[],
  defaultName: string | undefined,
): Promise<void> {
  const brought = plan.map(({ carried }) => carried.secrets.filter(isBrought));
  const owners = brought.flatMap((secrets, owner) => secrets.map(() => owner));
  await commitSecrets(app, seen.store, brought.flat(), (draft, refs) => {
    const before = plan.map(({ name }) => credentialsOf(draft.file, name));
    const refsOf = (owner: number) => refs.filter((_, index) => owners[index] === owner);
    const kept = plan.map((planned, owner) => apply(draft, seen, planned, refsOf(owner)));
    chooseDefault(draft, plan, defaultName);
    return before.flat().filter(({ id }) => !kept.flat().some((ref) => ref.id === id));
  });
  for (const { carried, name } of plan) {
    const before = seen.profiles.find((each) => each.name === name);
    // a sign-in for the same app stays valid
    if (before && signsInAlike(carried.profile, before)) continue;
    await whileNoTokenIsSaved(app, [name], () => removeTokens(app, name));
  }
}

/** @returns the references to secrets that the profile then has */
function apply(
  draft: Draft,
  seen: ProfilesFile,
  { carried, action, name }: PlannedProfile,
  fresh: CredentialRef[],
): readonly CredentialRef[] {
  refuseChanged(draft, seen, name, action);
  const before = findValid(draft.file, name);
  const credentials = fresh.length > 0 ? fresh : keptSecrets(carried, before);
  const profile = {
    ...carried.profile,
    name,
    ...(credentials.length > 0 && { credentials: [...credentials] }),
  };
  if (action === 'overwrite') draft.replace(name, profile);
  else draft.add(profile);
  return credentials;
}

function isBrought(secret: CarriedSecret): secret is NewSecret {
  return secret.value !== undefined;
}

/** Fails if another process has changed the profile since the plan was shown. */
function refuseChanged(draft: Draft, seen: ProfilesFile, name: string, action: string): void {
  const [now, then] = [contentOf(draft.file, name), contentOf(seen, name)];
  if ((action === 'create') === (now === undefined) && now === then) return;
  const problem = `profile '${name}' was changed by another process; nothing was imported`;
  throw new CliError('busy', problem, { hint: 'run the import again', retryable: true });
}

/** A digest, because a draft represents some numbers differently (`exact-numbers.ts`). */
function contentOf({ raw }: ProfilesFile, name: string): string | undefined {
  const found = raw.profiles.find((each) => sameName(nameOfRaw(each), name));
  return found === undefined ? undefined : profileDigest(found);
}

/** Takes over the exported default profile if there is no default here. */
function chooseDefault(draft: Draft, plan: readonly PlannedProfile[], wanted: string | undefined) {
  const chosen = plan.find(({ carried }) => carried.profile.name === wanted);
  if (wanted !== undefined && chosen && draft.file.defaultName === undefined) {
    draft.setDefault(chosen.name);
  }
}
