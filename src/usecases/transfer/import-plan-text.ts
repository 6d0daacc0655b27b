import { existsSync } from 'node:fs';
import { sameName } from '../../core/names.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { resolveAuthority } from '../../entra/authority.ts';
import { formatTable } from '../../output/table.ts';
import { referenceOf } from '../../profiles/reference.ts';
import { resolveSettings } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import { findValid, type ProfilesFile } from '../../profiles/store.ts';
import { keptSecrets, type PlannedProfile, signsInAlike } from '../../profiles/transfer-plan.ts';
import { KIND_NAMES } from '../credentials/credential.ts';
import { describeCredential } from '../credentials/describe-credential.ts';

const ACTIONS = {
  create: 'new',
  skip: 'skipped, it is there',
  overwrite: 'replaces the one there',
};

/** Shows a person what an import would do. @returns lines */
export function formatPlan(
  app: App,
  plan: readonly PlannedProfile[],
  file: ProfilesFile,
): string[] {
  const tables = plan.map((planned) => formatTable(rowsOf(app, planned, file)));
  return tables.join('').trimEnd().split('\n');
}

function rowsOf(app: App, planned: PlannedProfile, file: ProfilesFile): string[][] {
  const { carried, action, name } = planned;
  const { profile, notes = [] } = carried;
  const { flow, tenantId, scopes } = settingsOf(planned, file);
  const renamed = sameName(name, profile.name) ? '' : ` (was ${profile.name})`;
  if (action === 'skip') return [[name, ACTIONS.skip]];
  const rows: (readonly [string, string | undefined])[] = [
    [name, ACTIONS[action] + renamed],
    ['  client id', profile.clientId],
    ['  tenant', tenantId.value],
    ['  flow', flow.value],
    ['  scopes', scopes.value.join(' ')],
    ['  authority', authorityOf(profile)],
    ['  certificate file', checkedPath(app, profile.certificatePath)],
    ['  credential', referenceText(app, profile)],
    ['  CA file', checkedPath(app, profile.caFile)],
    ['  secrets', secretsOf(planned, file)],
    ...notes.map((note) => ['  note', note] as const),
  ];
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [[label, value]]));
}

/** The flow depends on what kind of credential there will be. */
function settingsOf({ carried, name }: PlannedProfile, file: ProfilesFile) {
  const brought = carried.secrets.map(({ kind }) => ({ kind, id: '', store: 'file' as const }));
  const credentials = [...brought, ...keptSecrets(carried, findValid(file, name))];
  return resolveSettings({ ...carried.profile, credentials }, {}, {});
}

/** Shown because what is read there will be sent to the authority of the profile. */
function referenceText(app: App, profile: Profile): string | undefined {
  if (!referenceOf(profile)) return undefined;
  const { kind, place } = describeCredential(app, profile);
  return `${kind}: ${place}`;
}

/** Marks a path of the other machine that does not exist on this one. */
function checkedPath(app: App, path: string | undefined): string | undefined {
  if (path === undefined || existsSync(resolveUserPath(app, path))) return path;
  return `${path} (not there)`;
}

/** Marks a foreign authority, because an imported file must not send secrets there unnoticed. */
function authorityOf(profile: Profile): string | undefined {
  const { authority, cloud, protocol = 'entra' } = profile;
  if (authority === undefined) return cloud && `${cloud} cloud`;
  try {
    const tenantId = profile.tenantId ?? 'common';
    if (resolveAuthority({ authority, protocol, tenantId }).known) return authority;
  } catch {
    // an invalid authority is not Microsoft's either
  }
  return `${authority} (not Microsoft: tokens are asked for there)`;
}

function secretsOf({ carried, name }: PlannedProfile, file: ProfilesFile): string {
  const brought = carried.secrets.filter(({ value }) => value !== undefined);
  if (brought.length > 0) return brought.map(({ kind }) => KIND_NAMES[kind]).join(', ');
  const before = findValid(file, name);
  if (!before?.credentials?.length) return 'none in the file';
  if (keptSecrets(carried, before).length > 0) return 'none in the file; those stored here stay';
  const why = signsInAlike(carried.profile, before)
    ? 'because its credential is elsewhere'
    : 'because it signs in elsewhere';
  return `none in the file; those stored here are removed, ${why}`;
}

/** The plan for a script, as JSON. */
export function planDocument(plan: readonly PlannedProfile[], file: ProfilesFile): object {
  const profiles = plan.map((planned) => {
    const { carried, action, name } = planned;
    const { profile, secrets } = carried;
    const { flow, scopes } = settingsOf(planned, file);
    const byReference = referenceOf(profile);
    return {
      name,
      action,
      originalName: profile.name,
      clientId: profile.clientId,
      tenantId: profile.tenantId ?? null,
      authority: profile.authority ?? null,
      caFile: profile.caFile ?? null,
      flow: flow.value,
      scopes: scopes.value,
      certificatePath: profile.certificatePath ?? null,
      reference: byReference ? { [byReference.field]: byReference.reference } : null,
      secrets: secrets.filter(({ value }) => value !== undefined).map(({ kind }) => kind),
      leftToSet: action === 'skip' ? [] : commandsFor(planned, file),
    };
  });
  return { profiles };
}

/** Prints the commands that set the secrets which were not in the file. */
export function sayWhatIsLeft(app: App, plan: readonly PlannedProfile[], file: ProfilesFile): void {
  const commands = plan.flatMap((planned) => commandsFor(planned, file));
  if (commands.length === 0) return;
  app.log.say('Left to set:');
  for (const command of commands) app.log.say(`  ${command}`);
}

const FLAGS = {
  clientSecret: '--client-secret-stdin',
  certificate: '--certificate FILE --import-certificate',
  certificatePassword: '--certificate-password-stdin',
} as const;

function commandsFor({ carried, name }: PlannedProfile, file: ProfilesFile): string[] {
  if (keptSecrets(carried, findValid(file, name)).length > 0) return [];
  const missing = carried.secrets.filter(({ value }) => value === undefined);
  const kinds = [...new Set(missing.map(({ kind }) => kind))];
  return kinds.map((kind) => `tokencli config edit -p ${name} ${FLAGS[kind]}`);
}
