import { CliError } from '../core/errors.ts';
import type { App, Outcome } from '../core/ports.ts';
import { splitScopes } from '../entra/scopes.ts';
import { changeProfiles } from '../profiles/change.ts';
import { selectProfile } from '../profiles/resolve.ts';
import type { Profile } from '../profiles/schema.ts';
import { readProfiles } from '../profiles/store.ts';
import { storeKindOf } from '../secrets/vault.ts';
import {
  clientSecret,
  type NewSecret,
  readNewSecrets,
  removeSecrets,
  storeAndCommit,
  withCredentials,
} from './credential-change.ts';
import { checkDraft, type FieldFlags, fieldsOf } from './profile-draft.ts';

export type EditArgs = FieldFlags &
  Readonly<Record<string, unknown>> & { readonly profile?: string | undefined };

/**
 * Changes fields, or rotates the credential: the new one is stored beside the old, the profile then
 * points to it, and only then the old one goes.
 */
export async function editProfile(app: App, given: EditArgs): Promise<Outcome> {
  const file = readProfiles(app.paths.profiles);
  const profile = selectProfile(file, { flag: given.profile, env: app.env });
  const { name } = profile;
  const bySecret = await readNewSecrets(app, given, profile.certificatePath);
  const fields = fieldsOf(app, given);
  const nothing = bySecret.length === 0 && Object.keys(fields).length === 0;
  const { secrets, more } = nothing ? await askWhat(app, name) : { secrets: bySecret, more: {} };
  const kind = storeKindOf(app.env, file.store);
  checkDraft(edited(profile, { ...fields, ...more }, secrets));

  const old = await storeAndCommit(app, kind, secrets, (refs) =>
    changeProfiles(app, (draft) => {
      const before = draft.find(name);
      if (!before) throw gone(name);
      const after = withCredentials(edited(before, { ...fields, ...more }, secrets), refs);
      checkDraft(after);
      draft.replace(name, after);
      return before.credentials?.filter((ref) => !after.credentials?.includes(ref)) ?? [];
    }),
  );
  await removeSecrets(app, old);
  app.talk.done(`Profile '${name}' changed`);
  return { stdout: '' };
}

function edited(
  before: Profile,
  fields: Record<string, unknown>,
  secrets: readonly NewSecret[],
): Profile {
  const after = { ...before, ...fields };
  // two spellings of one thing: the one that was not given must not contradict
  if (fields['scopes'] !== undefined) delete after.scope;
  if (fields['authority'] !== undefined && fields['cloud'] === undefined) delete after.cloud;
  if (fields['cloud'] !== undefined && fields['authority'] === undefined) delete after.authority;
  const kinds = secrets.map(({ kind }) => kind);
  if (kinds.includes('clientSecret') && after.useCertificate) after.useCertificate = false;
  if (kinds.includes('certificate')) delete after.certificatePath;
  if (fields['certificatePath'] !== undefined) {
    after.credentials = (before.credentials ?? []).filter(({ kind }) => kind === 'clientSecret');
  }
  return after;
}

function gone(name: string): CliError {
  return new CliError('profile_not_found', `there is no profile '${name}' any more`);
}

async function askWhat(
  app: App,
  name: string,
): Promise<{ secrets: NewSecret[]; more: Record<string, unknown> }> {
  if (!app.talk.interactive) {
    throw new CliError('usage', 'say what to change', { hint: 'tokencli config edit --help' });
  }
  const prompter = await app.prompter();
  const what = await prompter.select(`What is to be changed in '${name}'?`, [
    { value: 'secret', name: 'Client Secret' },
    { value: 'clientId', name: 'Application (client) ID' },
    { value: 'tenantId', name: 'Tenant ID or domain' },
    { value: 'scopes', name: 'Scopes' },
  ]);
  const validate = (answer: string) => (answer.trim() === '' ? 'a value is needed' : undefined);
  if (what === 'secret') {
    const secret = await prompter.password({ message: 'New client secret', validate });
    app.talk.hide(secret);
    return { secrets: [clientSecret(app, secret)], more: {} };
  }
  const answer = (await prompter.input({ message: 'New value', validate })).trim();
  return { secrets: [], more: { [what]: what === 'scopes' ? splitScopes([answer]) : answer } };
}
